"""The committer's steps of checkpoints: publish one, put a cosignature under one.

Owns what holds of all that is published, whichever gateway publishes it: each has the root that the
log had at that size, sizes only grow, and hardly two are of one second. Neither step has an event:
checkpoints speak of the log, so they stand beside it, or no log would ever rest.
"""

from collections.abc import Callable
from typing import Any, Final

from gateway.adapters.committer.directory_changes import acting
from gateway.adapters.committer.log import root_at
from gateway.adapters.committer.messages import AddCosignature, Done, Not, Publish, Rare, Result
from gateway.adapters.committer.sql import Sql
from gateway.crypto.signed_note import NoteSignature
from gateway.domain.reasons import ErrorReason


def publish(sql: Sql, one: Publish, now_ms: int) -> Result | int:
    """Keep a signed checkpoint; a repeat where one as large is there, or one of this second."""
    now = now_ms // 1000
    ((size,),) = sql.all("SELECT size FROM log_head WHERE id=1")
    if one.size > size or root_at(sql, one.size) != one.root:
        return Not(ErrorReason.CHECKPOINT_NOT_FOUND)
    known = sql.all("SELECT size, published_at FROM checkpoint ORDER BY size DESC LIMIT 1")
    if known and (one.size <= known[0][0] or now == known[0][1]):
        return Done(size, repeat=True, value=known[0][0])
    sql.run(
        "INSERT INTO checkpoint(size, root, note, published_at) VALUES (?,?,?,?)",
        (one.size, one.root, one.note, now),
    )
    return Done(size, value=one.size)


def add_cosignature(sql: Sql, one: AddCosignature, now_ms: int) -> Result | int:
    """Keep a verified cosignature; of one witness under one checkpoint, the latest by its time."""
    refusal = acting(sql, one.institution)
    if refusal is not None:
        return refusal
    if not sql.all("SELECT 1 FROM checkpoint WHERE size=?", (one.size,)):
        return Not(ErrorReason.CHECKPOINT_NOT_FOUND)
    known = sql.all(
        "SELECT line FROM cosignature WHERE size=? AND witness=?", (one.size, one.witness)
    )
    if known and _time(one.line) <= _time(known[0][0]):
        return Done(one.size, repeat=True)
    sql.run(
        "INSERT INTO cosignature(size, witness, line, added_at) VALUES (?,?,?,?)"
        " ON CONFLICT (size, witness) DO UPDATE SET line=excluded.line, added_at=excluded.added_at",
        (one.size, one.witness, one.line, now_ms // 1000),
    )
    return Done(one.size)


def _time(line: str) -> int:
    """Return the time that a cosignature line begins with, in Unix seconds."""
    return int.from_bytes(NoteSignature.parse(line).signature[:8], "big")


CHECKPOINT_STEPS: Final[dict[type[Rare], Callable[[Sql, Any, int], Result | int]]] = {
    Publish: publish,
    AddCosignature: add_cosignature,
}
