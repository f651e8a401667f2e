"""Puts names, and what only looks like one, between the words of sentences.

Owns the contexts that no template thinks of: with a name at any place of any sentence the model has
to know a name by its make, and with harmless words at the same places it has to know those too.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import rjieba

from gateway.detection.names.training import chinese_parts as parts
from gateway.detection.names.training.chinese_names import Draw
from gateway.detection.names.training.labelled import Extent, Labelled

_NAMES: Final = (
    *("han",) * 18,
    *("nick",) * 4,
    *("star",) * 3,
    *("foreign", "full", "mask", "ethnic", "japanese"),
)
_PREFIXES: Final = "小老阿大"
_NAME_TAGS: Final = ("nr", "nrt", "nrfg", "nz")
_STOPS: Final = frozenset('，。；：！？、,;:!?（）()《》“”"\n')


class Decoys:
    """Words that begin like a name, and the corpus' own places and organisations."""

    def __init__(self, draw: Draw, corpus: Sequence[Labelled]) -> None:
        characters = draw.tables["text"][0]
        self._words = [
            surname + character
            for surname in (*draw.surnames, *_PREFIXES)
            for character in characters
            if rjieba.has_word(surname + character)
            and rjieba.tag(surname + character, False)[0][1] not in _NAME_TAGS
        ]
        self._places = [
            Labelled(text, (Extent(0, len(text), extent.label),))
            for one in corpus
            for extent in one.extents
            if extent.label != "PER"
            for text in [one.text[extent.start : extent.end]]
        ]
        self._draw = draw

    def one(self) -> Labelled:
        """Return a decoy, with its label where it has one."""
        draw = self._draw
        chance = draw.random.random()
        if chance < 0.25:
            return Labelled(draw.random.choice(self._words), ())
        if chance < 0.35:
            return Labelled(draw.random.choice(parts.HARMLESS), ())
        if chance < 0.55:
            return draw.random.choice(self._places)
        slot = draw.random.choice(
            ["loc", "org", "word", "title", "media", *["thing", "gaz", "brand"] * 5, "village"]
        )
        value = draw(slot)
        label = Draw.LABELS.get(slot)
        return Labelled(value, (Extent(0, len(value), label),) if label else ())


def inserted(corpus: Sequence[Labelled], draw: Draw, decoys: Decoys) -> Iterator[Labelled]:
    """Yield the sentences, each with one clause that a name or a decoy was put into."""
    for one in corpus:
        clause = _clause(one, draw)
        if clause is None:
            continue
        random = draw.random.random
        if random() < 0.5:
            yield _with(clause, _named(draw), draw)
        else:
            decoy = decoys.one()
            if random() < 0.3:
                other = decoys.one()
                glue = draw.random.choice(["、", "和", "，"])
                decoy = _after(decoy, glue, other)
            yield _with(clause, decoy, draw)


def _named(draw: Draw) -> Labelled:
    chance = draw.random.random()
    slot = draw.random.choice(_NAMES)
    if chance < 0.08:
        slot = "sur"
    name = draw(slot)
    named = Labelled(name, (Extent(0, len(name), "PER"),))
    if chance < 0.16:
        return Labelled(
            name + draw.random.choice(parts.AFTER_NAMES[: 13 if slot == "sur" else None]),
            named.extents,
        )
    if chance < 0.3:
        glue = draw.random.choice(["、", "和", "与", "，", "/", " ", "诉", "及"])
        other = draw(draw.random.choice(_NAMES))
        return _after(named, glue, Labelled(other, (Extent(0, len(other), "PER"),)))
    return named


def _after(one: Labelled, glue: str, other: Labelled) -> Labelled:
    at = len(one.text) + len(glue)
    moved = tuple(Extent(start + at, end + at, label) for start, end, label in other.extents)
    return Labelled(one.text + glue + other.text, one.extents + moved)


def _clause(one: Labelled, draw: Draw) -> Labelled | None:
    cuts = [
        -1,
        *(at for at, character in enumerate(one.text) if character in _STOPS),
        len(one.text),
    ]
    choices = [
        (start + 1, end)
        for start, end in pairwise(cuts)
        if end - start > 3
        and not any(extent.start < end <= extent.end - 1 for extent in one.extents)
    ]
    if not choices:
        return None
    start, end = draw.random.choice(choices)
    extents = [
        Extent(extent.start - start, extent.end - start, extent.label)
        for extent in one.extents
        if start <= extent.start and extent.end <= end
    ]
    return Labelled(one.text[start:end], tuple(extents))


def _with(clause: Labelled, what: Labelled, draw: Draw) -> Labelled:
    places, at = [0], 0
    for word in rjieba.cut(clause.text):
        at += len(word)
        if not any(extent.start < at < extent.end for extent in clause.extents):
            places.append(at)
    place = 0 if draw.random.random() < 0.35 else draw.random.choice(places)
    size = len(what.text)
    before = [extent for extent in clause.extents if extent.end <= place]
    after = [Extent(a + size, b + size, label) for a, b, label in clause.extents if a >= place]
    middle = [Extent(a + place, b + place, label) for a, b, label in what.extents]
    text = clause.text[:place] + what.text + clause.text[place:]
    return Labelled(text, tuple(before + middle + after))
