"""What recipients have been shown of subjects' values, within one batch of the committer.

Owns the rows of the composition guard: one for each subject and recipient, with a keyed tag for
each value. Refuses a release by naming the values of which it would show too much (``Tighten``);
then nothing of it is kept.
"""

from collections.abc import Iterable

import msgspec

from gateway.adapters.committer.messages import Release, Tighten
from gateway.adapters.committer.sql import Asked, Sql
from gateway.domain.deid.composition import MAX_VALUES, Seen, seen_after

Values = dict[bytes, Seen]
"""By the value's tag."""
Key = tuple[bytes, str]
"""Subject id and recipient."""

_NOTHING: Values = {}
_SEEN = "SELECT subject_id, recipient, seen FROM seen"
_KEEP = (
    "INSERT INTO seen(subject_id, recipient, seen) VALUES (?,?,?)"
    " ON CONFLICT (subject_id, recipient) DO UPDATE SET seen=excluded.seen"
)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Values).decode


class SeenRows:
    """The guard's rows as read in this transaction; they change with the batch."""

    def __init__(self, rows: dict[Key, Values]) -> None:
        """Take what was read."""
        self._rows = rows
        self._changed: set[Key] = set()

    def after(self, one: Release) -> Values | Tighten:
        """Return what will have been seen of the values shown, or which must not be shown."""
        if not one.shown:
            return _NOTHING
        known = self._rows.get((one.subject_id, one.institution), _NOTHING)
        room, after, exceeded = MAX_VALUES - len(known), Values(), list[int]()
        for at, shown in one.shown:
            before = after.get(shown.tag) or known.get(shown.tag)
            seen = seen_after(before, shown) if before or room > 0 else None
            if seen is None:
                exceeded.append(at)
            else:
                room -= before is None
                after[shown.tag] = seen
        return Tighten(tuple(exceeded)) if exceeded else after

    def keep(self, one: Release, after: Values) -> None:
        """Keep what ``after`` gave, where it differs from what was known."""
        key = (one.subject_id, one.institution)
        known = self._rows.get(key, _NOTHING)
        if any(known.get(tag) != seen for tag, seen in after.items()):
            self._rows[key] = known | after
            self._changed.add(key)

    def write(self, sql: Sql) -> None:
        """Write, within the open transaction, the rows that changed."""
        sql.many(_KEEP, [(*key, _encode(self._rows[key])) for key in sorted(self._changed)])


def asked_seen(sql: Sql, releases: Iterable[Release]) -> Asked:
    """Ask for the rows of the subjects of which something is shown."""
    return sql.asked_by_keys(_SEEN, "subject_id", {one.subject_id for one in releases if one.shown})


def seen_rows(asked: Asked) -> SeenRows:
    """Return what was asked for."""
    return SeenRows({(bytes(row[0]), row[1]): _decode(row[2]) for row in asked()})
