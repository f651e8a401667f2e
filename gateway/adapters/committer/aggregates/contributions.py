"""The committer's steps for contributions that are kept for the members of a round.

Owns how long and in how much room they are kept: for the contract's days, and where there is no
room, the ones that would go first go now, whole rounds at a time. Refuses contributions to a round
that is not being combined, and more than one result's bytes. A statement names its ciphertexts by
their digest, so a second row of one statement could only be the same.
"""

from typing import Final

from gateway.adapters.committer.aggregates.messages import ForgetContributions, KeepContribution
from gateway.adapters.committer.aggregates.rows import known_round
from gateway.adapters.committer.messages import Done, Not, Result
from gateway.adapters.committer.sql import Sql
from gateway.application.ports.aggregates import RoundState
from gateway.domain.reasons import ErrorReason

MAX_CONTRIBUTION: Final = 16 * 1024 * 1024
_DAY_S: Final = 86_400
_INSERT: Final = (
    "INSERT INTO aggregate_contribution(round_id, digest, keep_until, size, ciphertexts)"
    " VALUES (?,?,?,?,?)"
)
_TAKEN: Final = "SELECT COALESCE(SUM(size), 0) FROM aggregate_contribution"
_FIRST: Final = (
    "SELECT round_id FROM aggregate_contribution WHERE round_id<>?"
    " ORDER BY keep_until, round_id LIMIT 1"
)


def keep_contribution(sql: Sql, one: KeepContribution, now_ms: int) -> Result | int:
    """Keep a contribution of a round that has its roster; the same again is a repeat."""
    known = known_round(sql, one.id)
    if known is None:
        return Not(ErrorReason.ROUND_NOT_FOUND)
    size = len(one.ciphertexts)
    if known.state is not RoundState.ROSTER or not 0 < size <= min(MAX_CONTRIBUTION, one.room):
        return Not(ErrorReason.ROUND_MESSAGE_REFUSED)
    now = now_ms // 1000
    _forget(sql, now)
    key = (one.id, one.digest)
    there = "SELECT 1 FROM aggregate_contribution WHERE round_id=? AND digest=?"
    if sql.all(there, key):
        return Done(known.roster_index, repeat=True)
    if not _make_room(sql, one.id, one.room - size):
        return Not(ErrorReason.RATE_LIMITED)
    sql.run(_INSERT, (*key, now + one.days * _DAY_S, size, one.ciphertexts))
    return Done(known.roster_index)


def forget_contributions(sql: Sql, _one: ForgetContributions, now_ms: int) -> Result | int:
    """Delete what is over."""
    _forget(sql, now_ms // 1000)
    return Done(-1)


def drop_contributions(sql: Sql, round_id: str) -> None:
    """Delete those of a round that is over without a result: nobody has anything to check."""
    sql.run("DELETE FROM aggregate_contribution WHERE round_id=?", (round_id,))


def _forget(sql: Sql, now: int) -> None:
    sql.run("DELETE FROM aggregate_contribution WHERE keep_until<=?", (now,))


def _make_room(sql: Sql, own: str, most: int) -> bool:
    """Delete other rounds' contributions until no more than so many bytes are taken."""
    while int(sql.all(_TAKEN)[0][0]) > most:
        first = sql.all(_FIRST, (own,))
        if not first:
            return False
        drop_contributions(sql, first[0][0])
    return True
