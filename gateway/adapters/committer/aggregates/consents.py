"""The consents of a round within the committer's transaction: all stand, or which reason not.

Owns reading them in few statements and counting their uses. Of a few all are read. Of many, which
were read just before (``consent_reading``), those are read again whose state changed since by the
log, and those whose uses are limited, which are counted here as well; the others' uses bind nobody
and are counted after the release, some at a time, so that nobody waits for a large round's end.

Refuses to say which of many does not stand: only why the first one that is found does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from gateway.adapters.committer.aggregates.messages import ConsentsSeen, CountUses
from gateway.adapters.committer.batch_rows import ConsentRow
from gateway.adapters.committer.messages import Done, Result
from gateway.adapters.committer.rows import read_consents, write_standings
from gateway.adapters.committer.sql import Sql
from gateway.application.ports.aggregates import RoundState
from gateway.domain.consent import ConsentTerms, after_use
from gateway.domain.policy.round_consents import ConsentNeed, unmet
from gateway.domain.reasons import ErrorReason

MAX_CONSENTS: Final = 1_000_000
"""Of one round."""
DIRECTLY: Final = 1_000
"""Of one round that are all read in the transaction, which everybody waits for."""
MOST_LIMITED: Final = 10_000
"""Of one round whose uses are limited: they are read and counted in the transaction."""
_CHANGED: Final = "SELECT consent_id FROM consent_event WHERE log_index>=?"
_IDS: Final = "SELECT ids FROM aggregate_consents WHERE round_id=?"
_PART: Final = (
    "SELECT c.first_row, c.ids FROM aggregate_consents c JOIN aggregate_round r ON r.id=c.round_id"
    " WHERE c.round_id=? AND r.state=? ORDER BY c.first_row LIMIT 1"
)
_OVER: Final = (
    "DELETE FROM aggregate_consents WHERE round_id IN (SELECT c.round_id FROM aggregate_consents c"
    " JOIN aggregate_round r ON r.id=c.round_id WHERE c.first_row=0 AND r.expires_at<=?"
    " AND r.state IN (?,?))"
)
_ids: Final = msgspec.msgpack.Decoder(tuple[str, ...]).decode


def is_limited(terms: ConsentTerms) -> bool:
    """Return whether the terms bound how often a consent is used."""
    return terms.uses is not None or terms.frequency is not None


def standing_consents(
    sql: Sql, ids: Sequence[str], need: ConsentNeed, now: int
) -> dict[str, ConsentRow] | ErrorReason:
    """Return the consents, if all stand at ``now`` (Unix seconds), or why one does not."""
    rows = read_consents(sql, ids)
    for one in ids:
        row = rows.get(one)
        if row is None:
            return ErrorReason.CONSENT_ABSENT
        reason = unmet(row.terms, row.standing, need, now)
        if reason is not None:
            return reason
    return rows


def standing_since(
    sql: Sql,
    ids: Callable[[], set[str]],
    seen: ConsentsSeen,
    total: int,
    need: ConsentNeed,
    now: int,
) -> dict[str, ConsentRow] | ErrorReason:
    """Return the consents with limited uses, if all of the round's stand now, or why one does not.

    ``ids`` gives the round's, ``total`` in number: asked for where any consent changed since then.
    """
    if now < seen.valid_from or now >= seen.valid_until:
        early = now < seen.valid_from
        return ErrorReason.CONSENT_NOT_YET_VALID if early else ErrorReason.CONSENT_EXPIRED
    if len(seen.limited) > MOST_LIMITED:
        return ErrorReason.CONSENT_USES_SPENT
    changed = {row[0] for row in sql.all(_CHANGED, (seen.log_size,))}
    again = changed & ids() if changed else changed
    for part in _cut([*seen.doubtful, *sorted(again)]):
        found = standing_consents(sql, part, need, now)
        if isinstance(found, ErrorReason):
            return found
    if seen.count != total:
        return ErrorReason.CONSENT_ABSENT
    return standing_consents(sql, seen.limited, need, now)


def count_uses(sql: Sql, consents: dict[str, ConsentRow], now: int) -> None:
    """Count one use of each consent, all of which stand."""
    used = {key: after_use(row.terms, row.standing, now) for key, row in consents.items()}
    write_standings(sql, used)


def stored_ids(sql: Sql, round_id: str) -> set[str]:
    """Return the consents of a round that are stored in parts."""
    return {one for (part,) in sql.all(_IDS, (round_id,)) for one in _ids(part)}


def store_parts(sql: Sql, round_id: str, parts: Sequence[bytes], now: int) -> None:
    """Store a round's consents in parts; those of rounds that are over without an end go."""
    sql.run(_OVER, (now, RoundState.OPEN.value, RoundState.ROSTER.value))
    sql.many(
        "INSERT INTO aggregate_consents(round_id, first_row, ids) VALUES (?,?,?)",
        [(round_id, at, part) for at, part in enumerate(parts)],
    )


def drop_parts(sql: Sql, round_id: str) -> None:
    """Delete a round's consents: none of their uses is to be counted."""
    sql.run("DELETE FROM aggregate_consents WHERE round_id=?", (round_id,))


def count_some(sql: Sql, one: CountUses, now_ms: int) -> Result | int:
    """Count the uses of a released round's next part, and delete it; of none left do nothing.

    The limited ones were counted with the release. Where a use is counted is a moment later than
    the release; only limits on uses would see that.
    """
    rows = sql.all(_PART, (one.id, RoundState.RELEASED.value))
    if not rows:
        return Done(-1, repeat=True)
    ((first, part),) = rows
    consents = read_consents(sql, _ids(part))
    free = {key: row for key, row in consents.items() if not is_limited(row.terms)}
    count_uses(sql, free, now_ms // 1000)
    key = (one.id, first)
    sql.run("DELETE FROM aggregate_consents WHERE round_id=? AND first_row=?", key)
    return Done(-1)


def _cut(ids: list[str]) -> list[list[str]]:
    return [ids[at : at + DIRECTLY] for at in range(0, len(ids), DIRECTLY)]
