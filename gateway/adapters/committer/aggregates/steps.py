"""The committer's steps of a round of encrypted aggregates: open, roster, release, refuse, fail.

Owns what holds whoever runs the round: it is charged once, when it is stored; it has one roster,
ever; it is released once, with every consent, an agreement and the asker's status read again in
that very transaction, or it is void for good. A charge is never given back. Refuses every step of
an institution that did not ask, and every step that comes out of turn.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec

from gateway.adapters.committer.aggregates.consents import (
    count_some,
    count_uses,
    drop_parts,
    standing_consents,
    standing_since,
    stored_ids,
)
from gateway.adapters.committer.aggregates.contributions import (
    drop_contributions,
    forget_contributions,
    keep_contribution,
)
from gateway.adapters.committer.aggregates.messages import (
    CountUses,
    FailRound,
    FixRoster,
    ForgetContributions,
    KeepContribution,
    KeepResult,
    OpenRound,
    RefuseRound,
    RegisterKey,
    ReleaseRound,
)
from gateway.adapters.committer.aggregates.opening import open_round
from gateway.adapters.committer.aggregates.rows import (
    KnownRound,
    agreement_stands,
    few_consents,
    known_round,
    of_subject,
)
from gateway.adapters.committer.batch_rows import ConsentRow
from gateway.adapters.committer.directory_changes import acting
from gateway.adapters.committer.messages import Done, Instead, Not, Rare, Result
from gateway.adapters.committer.sql import Sql
from gateway.adapters.store.privacy_accounts import (
    KEEP_ACCOUNT,
    SELECT_ACCOUNT,
    account_at,
    account_row,
)
from gateway.application.ports.aggregates import RoundState
from gateway.domain.reasons import ErrorReason

MAX_RESULT: Final = 16 * 1024 * 1024
"""Bytes of a result as it is kept."""
_NOT_FOUND: Final = Not(ErrorReason.ROUND_NOT_FOUND)
_OUT_OF_TURN: Final = Not(ErrorReason.ROUND_MESSAGE_REFUSED)
_VOID: Final = Not(ErrorReason.ROUND_VOID)
_NO_AGREEMENT: Final = Not(ErrorReason.AGREEMENT_MISSING)
_KEPT_IN: Final = {RoundState.ROSTER: "combined", RoundState.RELEASED: "result"}
_GOING_ON: Final = (RoundState.OPEN, RoundState.ROSTER)
_CLOSE: Final = (
    "UPDATE aggregate_round SET state=?, closed_index=?, closed_at=?, released_digest=?,"
    " contributions=?, need=?, consent_ids=? WHERE id=?"
)


def fix_roster(sql: Sql, one: FixRoster, now_ms: int, index: int) -> Result | int:
    """Store the one roster of a round; the same again is a repeat, at any time."""
    refusal = acting(sql, one.institution)
    known = known_round(sql, one.id)
    if refusal is not None:
        return refusal
    if known is None or known.institution != one.institution:
        return _NOT_FOUND
    if known.roster_index >= 0:
        same = known.roster_digest == one.digest
        return Done(known.roster_index, repeat=True) if same else _OUT_OF_TURN
    if known.state is not RoundState.OPEN or now_ms // 1000 >= known.expires_at:
        return _OUT_OF_TURN
    sql.run(
        "UPDATE aggregate_round SET state=?, roster_index=?, roster_digest=?, roster=?, readies=?"
        " WHERE id=?",
        (RoundState.ROSTER.value, index, one.digest, one.roster, one.readies, one.id),
    )
    of_subject(sql, one.subject_id, index)
    return 0


def release(sql: Sql, one: ReleaseRound, now_ms: int, index: int) -> Result | Instead | int:
    """Release a round that has its roster, or void it for good."""
    refusal = acting(sql, one.institution)
    known = known_round(sql, one.id)
    if refusal is not None:
        return refusal
    if known is None or known.institution != one.institution:
        return _NOT_FOUND
    if known.state is RoundState.VOID:
        return _VOID
    if known.state is RoundState.RELEASED:
        said = (known.released_digest, known.contributions)
        same = said == (one.digest, one.contributions)
        return Done(known.closed_index, repeat=True) if same else _OUT_OF_TURN
    now = now_ms // 1000
    if known.state is not RoundState.ROSTER or now >= known.expires_at:
        return _OUT_OF_TURN
    if not agreement_stands(sql, one.institution, known.agreements, now):
        return _NO_AGREEMENT
    of_subject(sql, one.subject_id, index)
    consents = _consents(sql, one, known, now)
    if consents is None:
        _close(sql, one.id, RoundState.VOID, (index, now, b"", b""))
        return Instead(one.void_event, _VOID)
    count_uses(sql, consents, now)
    kept = (index, now, one.digest, one.contributions)
    _close(sql, one.id, RoundState.RELEASED, kept)
    return 0


def refuse(sql: Sql, one: RefuseRound, now_ms: int, index: int) -> Result | int:
    """End a round without an answer, and count it; its charge stays.

    Recorded of a suspended institution too: the count must not depend on who may still ask.
    """
    known = known_round(sql, one.id)
    if known is None or known.institution != one.institution:
        return _NOT_FOUND
    if known.state is RoundState.REFUSED:
        return Done(known.closed_index, repeat=True)
    if known.state not in _GOING_ON:
        return _OUT_OF_TURN
    now = now_ms // 1000
    if known.period_s:
        _count_refusal(sql, known, now)
    of_subject(sql, one.subject_id, index)
    _close(sql, one.id, RoundState.REFUSED, (index, now, b"", b""))
    return 0


def fail(sql: Sql, one: FailRound, _now_ms: int, index: int) -> Result | int:
    """Record that a contributor was lost; the round stays as it is."""
    known = known_round(sql, one.id)
    if known is None or known.institution != one.institution:
        return _NOT_FOUND
    if known.state not in _GOING_ON:
        return _OUT_OF_TURN
    of_subject(sql, one.subject_id, index)
    return 0


def keep_result(sql: Sql, one: KeepResult, _now_ms: int) -> Result | int:
    """Keep the combination of a round with a roster, once; of a released one its result, once.

    What another process kept first stands: its release is of those bytes.
    """
    known = known_round(sql, one.id)
    if known is None:
        return _NOT_FOUND
    column = _KEPT_IN.get(known.state)
    if column is None or not 0 < len(one.result) <= MAX_RESULT:
        return _OUT_OF_TURN
    index = max(known.roster_index, known.closed_index)
    ((kept,),) = sql.all(f"SELECT {column} FROM aggregate_round WHERE id=?", (one.id,))
    if kept:
        return Done(index, repeat=True) if bytes(kept) == one.result else _OUT_OF_TURN
    sql.run(f"UPDATE aggregate_round SET {column}=? WHERE id=?", (one.result, one.id))
    return Done(index)


def register_key(sql: Sql, one: RegisterKey, _now_ms: int, index: int) -> Result | int:
    """Store a proven public key; the same again is a repeat."""
    refusal = acting(sql, one.institution)
    if refusal is not None:
        return refusal
    rows = sql.all(
        "SELECT scheme, public_key, log_index FROM aggregate_key"
        " WHERE institution_id=? AND key_id=?",
        (one.institution, one.key_id),
    )
    if rows:
        scheme, key, known_index = rows[0]
        same = (scheme, bytes(key)) == (one.scheme, one.key)
        repeat = Done(known_index, repeat=True)
        return repeat if same else Not(ErrorReason.AGGREGATE_KEY_REFUSED)
    sql.run(
        "INSERT INTO aggregate_key(institution_id, key_id, scheme, public_key, log_index)"
        " VALUES (?,?,?,?,?)",
        (one.institution, one.key_id, one.scheme, one.key, index),
    )
    return 0


def _consents(
    sql: Sql, one: ReleaseRound, known: KnownRound, now: int
) -> dict[str, ConsentRow] | None:
    """Return the consents to count a use of now, None where one of the round's does not stand."""
    if known.need is None:
        return {}
    if one.seen is None:
        ids = few_consents(sql, one.id)
        if len(ids) != known.consents:
            return None
        found = standing_consents(sql, ids, known.need, now)
    else:
        stored, total = partial(stored_ids, sql, one.id), known.consents
        found = standing_since(sql, stored, one.seen, total, known.need, now)
    return None if isinstance(found, ErrorReason) else found


def _count_refusal(sql: Sql, known: KnownRound, now: int) -> None:
    key = (known.legal_group, known.dataset)
    rows = sql.all(SELECT_ACCOUNT, key)
    # The limits do not matter to a count; what is spent may be all of the limit.
    view = account_at(rows, known.dataset, known.period_s, 0, 0, now)
    counted = msgspec.structs.replace(view.account, refusals=view.account.refusals + 1)
    kept = msgspec.structs.replace(view, account=counted)
    sql.run(KEEP_ACCOUNT, account_row(known.legal_group, kept))


def _close(sql: Sql, round_id: str, state: RoundState, kept: tuple[object, ...]) -> None:
    """Close a round; whose consents it rested on is not kept beyond that, but for their root.

    Of a released one many are kept in parts until their uses are counted.
    """
    sql.run(_CLOSE, (state.value, *kept, b"", b"", round_id))
    if state is not RoundState.RELEASED:
        sql.run("UPDATE aggregate_round SET combined=? WHERE id=?", (b"", round_id))
        drop_contributions(sql, round_id)
        drop_parts(sql, round_id)


PLACED_AGGREGATE_STEPS: Final[
    dict[type[Rare], Callable[[Sql, Any, int, int], Result | Instead | int]]
] = {
    OpenRound: open_round,
    FixRoster: fix_roster,
    ReleaseRound: release,
    RefuseRound: refuse,
    FailRound: fail,
    RegisterKey: register_key,
}
AGGREGATE_STEPS: Final[dict[type[Rare], Callable[[Sql, Any, int], Result | int]]] = {
    KeepResult: keep_result,
    CountUses: count_some,
    KeepContribution: keep_contribution,
    ForgetContributions: forget_contributions,
}
