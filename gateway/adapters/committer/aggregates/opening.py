"""The committer's first step of a round: everything is checked, then it is charged and stored.

Owns the order: nothing is written before the last check, for a refusal undoes nothing. A round id
is bound to the bytes of its question, for ever.
"""

from typing import Final

import msgspec

from gateway.adapters.committer.aggregates.consents import (
    MAX_CONSENTS,
    MOST_LIMITED,
    standing_consents,
    standing_since,
    store_parts,
)
from gateway.adapters.committer.aggregates.messages import OpenRound
from gateway.adapters.committer.aggregates.rows import (
    KnownRound,
    agreement_stands,
    known_round,
    of_subject,
)
from gateway.adapters.committer.messages import Done, Not, Result
from gateway.adapters.committer.sql import Sql
from gateway.adapters.store.privacy_accounts import (
    KEEP_ACCOUNT,
    SELECT_ACCOUNT,
    account_at,
    account_row,
)
from gateway.application.ports.aggregates import AccountView, RoundState, Signed
from gateway.domain.aggregate.question import read_question
from gateway.domain.policy.round_consents import ConsentNeed
from gateway.domain.privacy.errors import BudgetExhausted
from gateway.domain.reasons import ErrorReason
from gateway.domain.vocabulary import InstitutionStatus

_INSERT: Final = (
    "INSERT INTO aggregate_round(id, institution_id, legal_group, kind, dataset, purpose, contract,"
    " digest, state, cost, max_refusals, period_s, expires_at, agreements, consents, consents_root,"
    " opened_index, roster_index, closed_index, closed_at, roster_digest, released_digest,"
    " contributions, need, consent_ids, question, roster, readies, combined, result)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,-1,-1,0,?,?,?,?,?,?,?,?,?,?)"
)
_SUSPENDED: Final = Not(ErrorReason.INSTITUTION_SUSPENDED)
_SPENT: Final = Not(ErrorReason.PRIVACY_BUDGET_SPENT)
_SUBJECT_LIMIT: Final = Not(ErrorReason.SUBJECT_LIMIT_REACHED)
_NO_AGREEMENT: Final = Not(ErrorReason.AGREEMENT_MISSING)
_encode: Final = msgspec.msgpack.Encoder().encode
_signed: Final = msgspec.msgpack.Decoder(Signed).decode
_ids: Final = msgspec.msgpack.Decoder(tuple[str, ...]).decode


def open_round(sql: Sql, one: OpenRound, now_ms: int, index: int) -> Result | int:
    """Charge and store a round; the same again is a repeat, and costs nothing."""
    group = _legal_group(sql, one.institution)
    if group is None:
        return _SUSPENDED
    known = known_round(sql, one.id)
    if known is not None:
        return _repeated(one, known)
    now = now_ms // 1000
    refusal = _invalid(one, now)
    if refusal is not None:
        return refusal
    if not agreement_stands(sql, one.institution, one.agreements, now):
        return _NO_AGREEMENT
    if one.need is not None:
        reason = _unmet(sql, one, one.need, now)
        if reason is not None:
            return Not(reason)
    if one.subject_limit and _answered(sql, one, group, now):
        return Not(ErrorReason.CONSENT_USES_SPENT)
    uses = _subject_uses(sql, one, group, now)
    account = _charged(sql, one, group, now)
    if isinstance(account, Not) or isinstance(uses, Not):
        return _SUBJECT_LIMIT if isinstance(uses, Not) else _SPENT
    _write(sql, one, group, index, account, uses)
    if one.parts:
        store_parts(sql, one.id, one.parts, now)
    return 0


def _legal_group(sql: Sql, institution: str) -> str | None:
    """Return the active institution's legal group: the store's word, not the caller's."""
    rows = sql.all(
        "SELECT legal_group FROM institution WHERE id=? AND status=?",
        (institution, InstitutionStatus.ACTIVE.value),
    )
    return str(rows[0][0]) if rows else None


def _answered(sql: Sql, one: OpenRound, group: str, now: int) -> bool:
    """Return whether this consent gave its one answer about this snapshot, or is about to.

    Whatever the contract said then: an edited one, with a finer unit say, gives no second answer.
    """
    rows = sql.all(
        "SELECT question FROM aggregate_round WHERE consents_root=? AND dataset=? AND kind=? AND"
        " legal_group=? AND (state=? OR (state IN (?,?) AND expires_at>?))",
        (
            *(one.consents_root, one.dataset, one.kind, group),
            *(RoundState.RELEASED.value, RoundState.OPEN.value, RoundState.ROSTER.value, now),
        ),
    )
    asked = _snapshot(one.question)
    return any(_snapshot(question) == asked for (question,) in rows)


def _snapshot(question: bytes) -> str:
    return read_question(_signed(question).payload).snapshot


def _repeated(one: OpenRound, known: KnownRound) -> Result:
    same = (known.institution, known.digest, known.consents_root) == (
        *(one.institution, one.digest, one.consents_root),
    )
    return Done(known.opened_index, repeat=True) if same else Not(ErrorReason.REQUEST_ID_REUSED)


def _invalid(one: OpenRound, now: int) -> Not | None:
    """Return a refusal of what no transaction could mend."""
    if now >= one.expires_at:
        return Not(ErrorReason.AGGREGATE_QUESTION_INVALID, "expires_at")
    if one.cost < 0 or (one.cost and not one.period_s):
        return Not(ErrorReason.AGGREGATE_QUESTION_INVALID, "cost")
    number = _number(one)
    if number > MAX_CONSENTS or (one.consents and number != len(set(one.consents))):
        return Not(ErrorReason.AGGREGATE_QUESTION_INVALID, "consents")
    if one.seen is not None and (one.consents or len(one.seen.limited) > MOST_LIMITED):
        return Not(ErrorReason.AGGREGATE_QUESTION_INVALID, "consents")
    if (one.need is None) != (number == 0):
        return Not(ErrorReason.CONSENT_ABSENT)
    return None


def _number(one: OpenRound) -> int:
    return len(one.consents) if one.seen is None else one.seen.count


def _unmet(sql: Sql, one: OpenRound, need: ConsentNeed, now: int) -> ErrorReason | None:
    """Return why one of the consents does not stand, None where all do."""
    if one.seen is None:
        found = standing_consents(sql, one.consents, need, now)
    else:

        def ids() -> set[str]:
            return {name for part in one.parts for name in _ids(part)}

        found = standing_since(sql, ids, one.seen, one.seen.count, need, now)
    return found if isinstance(found, ErrorReason) else None


def _charged(sql: Sql, one: OpenRound, group: str, now: int) -> AccountView | Not | None:
    """Return the account after the charge, None where the round has none."""
    if not one.period_s:
        return None
    rows = sql.all(SELECT_ACCOUNT, (group, one.dataset))
    view = account_at(rows, one.dataset, one.period_s, one.limit, one.max_refusals, now)
    account = view.account
    if account.refusals >= one.max_refusals:
        return _SPENT
    try:
        charged = account.charge(one.cost) if one.cost else account
    except BudgetExhausted:
        return _SPENT
    return msgspec.structs.replace(view, account=charged)


def _subject_uses(
    sql: Sql, one: OpenRound, group: str, now: int
) -> tuple[bytes, int, int] | Not | None:
    """Return the counter of the subject with this question in it: scope, window, uses."""
    if not one.subject_limit:
        return None
    scope = f"aggregate|{group}|{one.dataset}|".encode() + one.subject_id
    window = now // one.subject_window
    rows = sql.all("SELECT use_window, uses FROM usage WHERE scope=?", (scope,))
    uses = rows[0][1] + 1 if rows and rows[0][0] == window else 1
    return (scope, window, uses) if uses <= one.subject_limit else _SUBJECT_LIMIT


def _write(
    sql: Sql,
    one: OpenRound,
    group: str,
    index: int,
    account: AccountView | None,
    uses: tuple[bytes, int, int] | None,
) -> None:
    if account is not None:
        sql.run(KEEP_ACCOUNT, account_row(group, account))
    if uses is not None:
        sql.run(
            "INSERT INTO usage(scope, use_window, uses) VALUES (?,?,?) ON CONFLICT (scope) DO"
            " UPDATE SET use_window=excluded.use_window, uses=excluded.uses",
            uses,
        )
    nothing = b""
    sql.run(
        _INSERT,
        (
            *(one.id, one.institution, group, one.kind, one.dataset, one.purpose, one.contract),
            *(one.digest, RoundState.OPEN.value, one.cost, one.max_refusals, one.period_s),
            *(
                one.expires_at,
                ",".join(one.agreements),
                _number(one),
                one.consents_root,
                index,
            ),
            *(nothing, nothing, nothing),
            nothing if one.need is None else _encode(one.need),
            _encode(one.consents) if one.consents else nothing,
            *(one.question, nothing, nothing, nothing, nothing),
        ),
    )
    of_subject(sql, one.subject_id, index)
