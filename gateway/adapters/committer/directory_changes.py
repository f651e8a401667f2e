"""What every step of the Directory begins and ends with: who acts, and whether it was done before.

Owns the table of changes. An entry's id begins with the institution, in which no bar can be, or
with a bar and the kind of change; so no two kinds of change share one.
"""

from gateway.adapters.committer.messages import Done, Not
from gateway.adapters.committer.sql import Sql
from gateway.domain.reasons import ErrorReason
from gateway.domain.vocabulary import InstitutionStatus


def acting(sql: Sql, by: str) -> Not | None:
    """Return a refusal unless ``by`` is active now; empty is the gateway itself."""
    if not by:
        return None
    active = InstitutionStatus.ACTIVE.value
    known = sql.all("SELECT 1 FROM institution WHERE id=? AND status=?", (by, active))
    return None if known else Not(ErrorReason.INSTITUTION_SUSPENDED)


def recorded(sql: Sql, key: str, digest: bytes, otherwise: ErrorReason) -> Done | Not | None:
    """Return the earlier outcome of this change, ``otherwise`` if it said something else, or None.

    The outcome is ``Done`` as a repeat, at the log index of the change.
    """
    rows = sql.all("SELECT digest, log_index FROM directory_change WHERE id=?", (key,))
    if not rows:
        return None
    known, index = rows[0]
    return Done(index, repeat=True) if bytes(known) == digest else Not(otherwise)


def remember(sql: Sql, key: str, digest: bytes, index: int) -> None:
    """Keep that this change was made, and where the log says so."""
    sql.run(
        "INSERT INTO directory_change(id, digest, log_index) VALUES (?,?,?)", (key, digest, index)
    )
