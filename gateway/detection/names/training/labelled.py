"""Labelled text: a string and the extents of its names; from templates and from corpora.

Owns the reading of IOB2 files, the filling of templates and the exchange of names. Refuses a file
with labels of another scheme.
"""

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from gateway.detection.names.training.chinese_names import Draw

_SLOT = re.compile(r"\{(\w+)\}")


class Extent(NamedTuple):
    """Characters ``start`` to ``end`` are a ``label`` (PER, LOC, ORG)."""

    start: int
    end: int
    label: str


class Labelled(NamedTuple):
    """A text and its names, in order."""

    text: str
    extents: tuple[Extent, ...]


def filled(template: str, draw: Draw) -> Labelled:
    """Return the template with every slot drawn."""
    parts: list[str] = []
    extents: list[Extent] = []
    at = 0
    for number, piece in enumerate(_SLOT.split(template)):
        value = draw(piece) if number % 2 else piece
        if number % 2 and piece in Draw.LABELS and value:
            extents.append(Extent(at, at + len(value), Draw.LABELS[piece]))
        parts.append(value)
        at += len(value)
    return Labelled("".join(parts), tuple(extents))


def joined(parts: list[Labelled], glue: str = "") -> Labelled:
    """Return one text of several."""
    extents, at = [], 0
    for part in parts:
        extents += [Extent(one.start + at, one.end + at, one.label) for one in part.extents]
        at += len(part.text) + len(glue)
    return Labelled(glue.join(part.text for part in parts), tuple(extents))


def read_iob2(path: Path) -> list[Labelled]:
    """Return the sentences of a Chinese IOB2 file (token in column 2, label in column 3)."""
    sentences: list[Labelled] = []
    words: list[tuple[str, str]] = []
    for line in [*path.read_text("utf-8").splitlines(), ""]:
        if line.startswith("#"):
            continue
        if line:
            _, word, tag, *_ = line.split("\t")
            if tag != "O" and tag[:2] not in ("B-", "I-"):
                raise ValueError(f"{path.name}: a label that is not IOB2")
            words.append((word, tag))
        elif words:
            sentences.append(_sentence(words))
            words = []
    return sentences


def _sentence(words: list[tuple[str, str]]) -> Labelled:
    text, extents = "", []
    for word, tag in words:
        # Words in Latin letters stand apart in the text as they do in the treebank's.
        if (
            text
            and text[-1].isascii()
            and text[-1].isalpha()
            and word[0].isascii()
            and word[0].isalpha()
        ):
            text += " "
        if tag.startswith("B-"):
            extents.append(Extent(len(text), len(text) + len(word), tag[2:]))
        elif tag.startswith("I-"):
            extents[-1] = extents[-1]._replace(end=len(text) + len(word))
        text += word
    return Labelled(text, tuple(extents))


def exchanged(one: Labelled, swap: Callable[[str, str], str]) -> Labelled:
    """Return the text with every name replaced by what ``swap(name, label)`` gives."""
    parts, extents, at, length = [], [], 0, 0
    for extent in one.extents:
        parts.append(one.text[at : extent.start])
        value = swap(one.text[extent.start : extent.end], extent.label)
        start = length + extent.start - at
        extents.append(Extent(start, start + len(value), extent.label))
        parts.append(value)
        length, at = start + len(value), extent.end
    parts.append(one.text[at:])
    return Labelled("".join(parts), tuple(extents))


def pronouns_named(one: Labelled, draw: Draw) -> Labelled:
    """Return the text with a name in the place of each 他 and 她 that stands for one person."""
    marks = [
        Extent(at, at + 1, "PER")
        for at, character in enumerate(one.text)
        if character in "他她"
        and one.text[at + 1 : at + 2] not in ("们", "人", "国", "乡", "自")
        and one.text[at - 1 : at] not in ("其", "吉", "维", "排", "利")
        and not any(extent.start <= at < extent.end for extent in one.extents)
    ]
    merged = Labelled(one.text, tuple(sorted([*one.extents, *marks])))
    places = {(mark.start) for mark in marks}
    starts = iter([extent.start for extent in merged.extents])

    def swap(name: str, _: str) -> str:
        return draw("per") if next(starts) in places else name

    return exchanged(merged, swap)


def tags(one: Labelled) -> list[str]:
    """Return a BIO label for each character."""
    labels = ["O"] * len(one.text)
    for start, end, label in one.extents:
        labels[start:end] = [f"B-{label}", *[f"I-{label}"] * (end - start - 1)]
    return labels


def shuffled(sentences: list[Labelled], seed: int) -> Iterator[Labelled]:
    """Yield the sentences in an order that the seed decides."""
    order = list(range(len(sentences)))
    random.Random(seed).shuffle(order)  # noqa: S311
    return (sentences[at] for at in order)
