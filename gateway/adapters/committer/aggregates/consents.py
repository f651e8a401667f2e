"""The consents of a round within the committer's transaction: all stand, or which reason not.

Owns reading them in few statements, whatever their number, and counting their uses. Refuses to say
which of many does not stand: only why the first one in the round's order does not.
"""

from typing import Final

from gateway.adapters.committer.batch_rows import ConsentRow
from gateway.adapters.committer.rows import read_consents, write_standings
from gateway.adapters.committer.sql import Sql
from gateway.domain.consent import after_use
from gateway.domain.policy.round_consents import ConsentNeed, unmet
from gateway.domain.reasons import ErrorReason

MAX_CONSENTS: Final = 10_000
"""Of one round: they are read and counted in one transaction, which everybody waits for."""


def standing_consents(
    sql: Sql, ids: tuple[str, ...], need: ConsentNeed, now: int
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


def count_uses(sql: Sql, consents: dict[str, ConsentRow], now: int) -> None:
    """Count one use of each consent, all of which stand."""
    used = {key: after_use(row.terms, row.standing, now) for key, row in consents.items()}
    write_standings(sql, used)
