"""The composition guard: what a recipient has seen of a value when its masks are laid together.

Owns the arithmetic. A mask shows the ends of a value, so what has been shown of it over time, in
whatever fields, is a number of characters at each end. Refuses a release that would show more than
before and leave fewer characters hidden than was promised. Values are told apart by a keyed tag
and are not kept.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Literal, NamedTuple

import msgspec

from gateway.domain.deid.canonical import spelling
from gateway.domain.deid.masks import significant
from gateway.domain.policy.masking import MaskFormat

MAX_VALUES = 256
"""Values that are remembered of a subject for one recipient; of another one nothing is shown."""
_MAX_FIELDS = 32

ValueTag = Callable[[str], bytes]
"""A value's one spelling to its keyed tag, for one recipient and subject."""


class Shown(msgspec.Struct, frozen=True, array_like=True):
    """One value that a release shows the ends of, in which fields; ``dataset/field`` each."""

    tag: bytes
    length: int
    first: int
    last: int
    hidden_at_least: int
    fields: tuple[str, ...]


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """What has been shown of one value, under the strictest promise that was made for it."""

    length: int
    first: int
    last: int
    promised: int
    fields: tuple[str, ...]


def seen_after(before: Seen | None, shown: Shown) -> Seen | None:
    """Return what has been seen once this is shown too; None if it must not be shown.

    What shows nothing more than before is not refused: nothing is left to protect by it, and a
    request that is repeated gets what it got.
    """
    if before is None:
        before = Seen(shown.length, 0, 0, 0, ())
    length = min(before.length, shown.length)
    first, last = max(before.first, shown.first), max(before.last, shown.last)
    promised = max(before.promised, shown.hidden_at_least)
    more = (first, last) != (before.first, before.last)
    if more and length - first - last < promised:
        return None
    fields = before.fields
    if len(fields) < _MAX_FIELDS and not set(shown.fields) <= set(fields):
        fields = tuple(sorted({*fields, *shown.fields}))[:_MAX_FIELDS]
    return Seen(length, first, last, promised, fields)


class Alternative(NamedTuple):
    """A part of a released value: as its mask leaves it, and with nothing shown."""

    at: int
    """Its place in ``Guard.shown``."""
    masked: str
    tightened: str


Parts = tuple[str | Alternative, ...]


class GuardedField(msgspec.Struct, frozen=True):
    """One released field whose value has alternatives."""

    field: str
    parts: Parts

    def written(self, tight: Collection[int]) -> str:
        """Return the value with these parts tightened."""
        return "".join(
            part if isinstance(part, str) else (part.tightened if part.at in tight else part.masked)
            for part in self.parts
        )


class Guard(msgspec.Struct, frozen=True):
    """What a record shows of its values, and what is to be released where that is too much."""

    shown: tuple[Shown, ...]
    fields: tuple[GuardedField, ...]
    on_exceed: Literal["tighten", "refuse"]
    tight: frozenset[int] = frozenset()
    """Places in ``shown`` of which nothing is shown after all."""

    def left(self) -> tuple[tuple[int, Shown], ...]:
        """Return what is still shown, each with its place."""
        places = tuple(enumerate(self.shown))
        if not self.tight:
            return places
        # A field that is withheld takes along what else stands in it.
        stay = [one for one in self.fields if self.on_exceed == "tighten" or not self._hits(one)]
        live = {part.at for one in stay for part in one.parts if isinstance(part, Alternative)}
        return tuple([one for one in places if one[0] in live - self.tight])

    def touched(self) -> tuple[GuardedField, ...]:
        """Return the fields in which something was tightened, or that are withheld for it."""
        return tuple([one for one in self.fields if self._hits(one)])

    def _hits(self, one: GuardedField) -> bool:
        return any(isinstance(part, Alternative) and part.at in self.tight for part in one.parts)


class GuardDraft:
    """Collects what one record shows; for one call."""

    def __init__(self, dataset: str, tag: ValueTag) -> None:
        """Take whose values are tagged, and how."""
        self._dataset = dataset
        self._tag = tag
        self._places: dict[tuple[bytes, int, int, int], int] = {}
        self._shown: list[Shown] = []
        self._fields: list[GuardedField] = []

    def part(
        self, field: str, value: str, mask: MaskFormat, promised: int, masked: str
    ) -> str | Alternative:
        """Return the masked value, with its alternative if the mask shows anything of it."""
        counted = significant(value)
        length, first, last = len(counted), mask.keep_first, mask.keep_last
        if length <= first + last or first + last == 0:
            return masked
        place = self._place(field, (self._tag(spelling(counted)), first, last, promised), length)
        hidden = length if mask.fixed_length is None else mask.fixed_length
        return Alternative(place, masked, "*" * hidden)

    def add(self, field: str, parts: Iterable[str | Alternative]) -> None:
        """Note a field's parts, if one of them has an alternative."""
        whole = tuple(parts)
        for part in whole:
            if type(part) is Alternative:
                self._fields.append(GuardedField(field, whole))
                return

    def done(self, on_exceed: Literal["tighten", "refuse"]) -> Guard | None:
        """Return the guard of the record; None if it shows nothing."""
        if not self._shown:
            return None
        return Guard(tuple(self._shown), tuple(self._fields), on_exceed)

    def _place(self, field: str, key: tuple[bytes, int, int, int], length: int) -> int:
        name = f"{self._dataset}/{field}"
        place = self._places.setdefault(key, len(self._shown))
        if place == len(self._shown):
            tag, first, last, promised = key
            self._shown.append(Shown(tag, length, first, last, promised, (name,)))
        elif name not in self._shown[place].fields:
            known = self._shown[place]
            fields = (*known.fields, name)
            self._shown[place] = msgspec.structs.replace(known, fields=fields)
        return place
