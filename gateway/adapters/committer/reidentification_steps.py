"""The committer's steps of re-identification: request, approve, use.

Owns what is checked within the transaction: that the institution is active, that the approver is
another person than the requester, that an approval is used once and in time. Nothing here knows a
token or a value.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from gateway.adapters.committer.directory_changes import acting
from gateway.adapters.committer.messages import (
    ApproveReidentification,
    Done,
    Not,
    Rare,
    RequestReidentification,
    Result,
    UseReidentification,
)
from gateway.adapters.committer.sql import Sql
from gateway.domain.reasons import ErrorReason

_SELECT: Final = (
    "SELECT requester, digest, expires_at, approver, used_index, requested_index, approved_index"
    " FROM reidentification WHERE institution_id=? AND id=?"
)


class _Known(NamedTuple):
    requester: str
    digest: bytes
    expires_at: int
    approver: str
    used_index: int
    requested_index: int
    approved_index: int


def request(sql: Sql, one: RequestReidentification, now_ms: int, index: int) -> Result | int:
    """Store a request; the same again is a repeat at its first place."""
    refusal = acting(sql, one.institution)
    if refusal is not None:
        return refusal
    known = _known(sql, one.institution, one.id)
    if known is not None:
        if known.digest == one.digest and known.requester == one.requester:
            return Done(known.requested_index, repeat=True)
        return Not(ErrorReason.REIDENTIFICATION_ALREADY_EXISTS)
    sql.run(
        "INSERT INTO reidentification(institution_id, id, requester, purpose, digest, tokens,"
        " justification, rule, requested_at, expires_at, approver, used_index, requested_index,"
        " approved_index) VALUES (?,?,?,?,?,?,?,?,?,?,'',-1,?,-1)",
        (
            one.institution,
            one.id,
            one.requester,
            one.purpose,
            one.digest,
            one.tokens,
            one.justification,
            one.rule,
            now_ms // 1000,
            one.expires_at,
            index,
        ),
    )
    return 0


def approve(sql: Sql, one: ApproveReidentification, now_ms: int, index: int) -> Result | int:
    """Put an approver under a request, once."""
    refusal = acting(sql, one.institution)
    if refusal is not None:
        return refusal
    known = _known(sql, one.institution, one.id)
    if known is None or known.digest != one.digest:
        return Not(ErrorReason.REIDENTIFICATION_NOT_FOUND)
    if known.requester == one.approver:
        return Not(ErrorReason.SECOND_PERSON_NEEDED)
    if known.used_index >= 0 or now_ms // 1000 >= known.expires_at:
        return Not(ErrorReason.REIDENTIFICATION_SPENT)
    if known.approver:
        # Another approver adds nothing: the first one's place in the log is what counts.
        return Done(known.approved_index, repeat=True)
    sql.run(
        "UPDATE reidentification SET approver=?, approved_index=? WHERE institution_id=? AND id=?",
        (one.approver, index, one.institution, one.id),
    )
    return 0


def use(sql: Sql, one: UseReidentification, now_ms: int, index: int) -> Result | int:
    """Use an approved request, once, by its requester."""
    refusal = acting(sql, one.institution)
    if refusal is not None:
        return refusal
    known = _known(sql, one.institution, one.id)
    if known is None or known.digest != one.digest or known.requester != one.requester:
        return Not(ErrorReason.REIDENTIFICATION_NOT_FOUND)
    if known.used_index >= 0 or now_ms // 1000 >= known.expires_at:
        return Not(ErrorReason.REIDENTIFICATION_SPENT)
    if not known.approver:
        return Not(ErrorReason.REIDENTIFICATION_NOT_APPROVED)
    sql.run(
        "UPDATE reidentification SET used_index=? WHERE institution_id=? AND id=?",
        (index, one.institution, one.id),
    )
    return 0


def _known(sql: Sql, institution: str, request_id: str) -> _Known | None:
    rows = sql.all(_SELECT, (institution, request_id))
    if not rows:
        return None
    requester, digest, *rest = rows[0]
    return _Known(requester, bytes(digest), *rest)


REIDENTIFICATION_STEPS: Final[dict[type[Rare], Callable[[Sql, Any, int, int], Result | int]]] = {
    RequestReidentification: request,
    ApproveReidentification: approve,
    UseReidentification: use,
}
