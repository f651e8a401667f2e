"""The committer's steps of the Directory: enrol, suspend, reactivate, agreements.

Owns what is checked within the transaction: that the operator who acts is active still, that
nothing is registered twice, that an operator remains. A change that was made before is a repeat:
its first place in the log, no second effect. Changes of credentials are ``credential_steps``.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from gateway.adapters.committer.credential_steps import (
    add_credentials,
    change_credentials,
    taken_credential,
)
from gateway.adapters.committer.directory_changes import acting, recorded, remember
from gateway.adapters.committer.messages import (
    AddAgreement,
    ChangeCredentials,
    ChangeStatus,
    EndAgreement,
    Enrol,
    NewAgreement,
    Not,
    Rare,
    Result,
)
from gateway.adapters.committer.sql import Sql
from gateway.domain.enrolment import TRANSITIONS, InstitutionEvent
from gateway.domain.reasons import ErrorReason
from gateway.domain.vocabulary import InstitutionStatus, Role


def enrol(sql: Sql, one: Enrol, now_ms: int, index: int) -> Result | int:
    """Add an institution with its credentials, and agreements where the partner file has them."""
    refusal = acting(sql, one.by)
    if refusal is not None:
        return refusal
    key = f"|{one.institution}"
    before = recorded(sql, key, one.digest, ErrorReason.INSTITUTION_ALREADY_EXISTS)
    if before is not None:
        return before
    if sql.all("SELECT 1 FROM institution WHERE id=?", (one.institution,)):
        return Not(ErrorReason.INSTITUTION_ALREADY_EXISTS)
    taken = taken_credential(sql, one.certificates, one.signing_keys)
    if taken:
        return Not(ErrorReason.CREDENTIAL_IN_USE, taken)
    if any(sql.all("SELECT 1 FROM agreement WHERE id=?", (new.id,)) for new in one.agreements):
        return Not(ErrorReason.AGREEMENT_ALREADY_EXISTS)
    sql.run(
        "INSERT INTO institution(id, legal_group, roles, jurisdiction, status, enrolled_at)"
        " VALUES (?,?,?,?,?,?)",
        (
            one.institution,
            one.legal_group,
            one.roles,
            one.jurisdiction,
            one.status,
            now_ms // 1000,
        ),
    )
    add_credentials(sql, one.institution, one.certificates, one.signing_keys)
    _add_agreements(sql, one.agreements)
    remember(sql, key, one.digest, index)
    return 0


def change_status(sql: Sql, one: ChangeStatus, _now_ms: int, _index: int) -> Result | int:
    """Take an institution through a transition; the last active operator stays."""
    refusal = acting(sql, one.by)
    if refusal is not None:
        return refusal
    rows = sql.all("SELECT status, roles FROM institution WHERE id=?", (one.institution,))
    if not rows:
        return Not(ErrorReason.INSTITUTION_NOT_FOUND)
    status, roles = rows[0]
    after = TRANSITIONS.get((InstitutionStatus(status), InstitutionEvent(one.transition)))
    if after is None or (
        after is InstitutionStatus.SUSPENDED
        and _operates(roles)
        and not _another_operator(sql, one.institution)
    ):
        return Not(ErrorReason.INSTITUTION_TRANSITION_REFUSED)
    sql.run("UPDATE institution SET status=? WHERE id=?", (after.value, one.institution))
    return 0


def _another_operator(sql: Sql, institution: str) -> bool:
    active = InstitutionStatus.ACTIVE.value
    rows = sql.all("SELECT roles FROM institution WHERE status=? AND id<>?", (active, institution))
    return any(_operates(roles) for (roles,) in rows)


def _operates(roles: str) -> bool:
    return Role.OPERATOR.value in roles.split(",")


def add_agreement(sql: Sql, one: AddAgreement, _now_ms: int, index: int) -> Result | int:
    """Record an agreement of an institution that is enrolled."""
    refusal = acting(sql, one.by)
    if refusal is not None:
        return refusal
    new = one.agreement
    key = f"|agreement|{new.id}"
    before = recorded(sql, key, one.digest, ErrorReason.AGREEMENT_ALREADY_EXISTS)
    if before is not None:
        return before
    if sql.all("SELECT 1 FROM agreement WHERE id=?", (new.id,)):
        return Not(ErrorReason.AGREEMENT_ALREADY_EXISTS)
    if not sql.all("SELECT 1 FROM institution WHERE id=?", (new.institution,)):
        return Not(ErrorReason.INSTITUTION_NOT_FOUND)
    _add_agreements(sql, (new,))
    remember(sql, key, one.digest, index)
    return 0


def _add_agreements(sql: Sql, agreements: Iterable[NewAgreement]) -> None:
    sql.many(
        "INSERT INTO agreement(id, institution_id, datasets, purposes, valid_from, valid_until,"
        " evidence_sha256) VALUES (?,?,?,?,?,?,?)",
        [
            (
                one.id,
                one.institution,
                one.datasets,
                one.purposes,
                one.valid_from,
                one.valid_until,
                one.evidence_sha256,
            )
            for one in agreements
        ],
    )


def end_agreement(sql: Sql, one: EndAgreement, now_ms: int, index: int) -> Result | int:
    """End an agreement; from this second on it does not hold."""
    refusal = acting(sql, one.by)
    if refusal is not None:
        return refusal
    key = f"|ended|{one.agreement_id}"
    before = recorded(sql, key, _NO_TERMS, ErrorReason.AGREEMENT_NOT_FOUND)
    if before is not None:
        return before
    ended = "UPDATE agreement SET ended_at=? WHERE id=? AND ended_at IS NULL"
    if not sql.run(ended, (now_ms // 1000, one.agreement_id)):
        return Not(ErrorReason.AGREEMENT_NOT_FOUND)
    remember(sql, key, _NO_TERMS, index)
    return 0


_NO_TERMS: Final = bytes(32)
DIRECTORY_STEPS: Final[dict[type[Rare], Callable[[Sql, Any, int, int], Result | int]]] = {
    Enrol: enrol,
    ChangeCredentials: change_credentials,
    ChangeStatus: change_status,
    AddAgreement: add_agreement,
    EndAgreement: end_agreement,
}
