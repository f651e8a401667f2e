"""The Chinese model at work: texts in, scored spans of characters out.

Owns the speed: a clause that was read before is not read again. What is kept of a clause is a hash
of 64 bits, which differs from process to process, and the places of what was found in it. Refuses
to keep texts.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from gateway.detection.names.chinese.clauses import AROUND, Clause, clauses_of
from gateway.detection.names.chinese.features import ChineseFeatures
from gateway.detection.names.crf.tagger import LabelledSpan, Tagger

FLOORS: Final = {"PER": 0.1, "LOC": 0.25, "ORG": 0.25}
_SLACK: Final = {"PER": 2.0, "LOC": 0.0, "ORG": 0.0}
_POSITIONS_AT_ONCE: Final = 512
CHARACTERS_AT_ONCE: Final = 1 << 14
MOST_KEPT: Final = 1 << 15
_LONGEST_KEPT: Final = 64

Span = tuple[int, int, str, float]
"""What a `LabelledSpan` has, counted from where its clause begins: thousands are made a second."""


class ChineseTagger:
    """Finds names in texts."""

    def __init__(self, features: ChineseFeatures, tagger: Tagger) -> None:
        self._features, self.tagger = features, tagger
        self.known: dict[int, tuple[Span, ...]] = {}

    @classmethod
    def load(cls, path: Path, features: ChineseFeatures) -> "ChineseTagger":
        """Read the model file; raises ValueError or OSError where it is not what it should be."""
        return cls(features, Tagger.load(path, FLOORS, _SLACK))

    def spans(self, texts: Sequence[str]) -> list[list[LabelledSpan]]:
        """Return the spans of each text; those of one clause stand together."""
        found: list[list[LabelledSpan]] = [[] for _ in texts]
        joined, clauses = clauses_of(texts)
        missed: dict[int, list[Clause]] = {}
        known = self.known
        for clause in clauses:
            text, offset, start, end = clause
            # With what stands around: two clauses of one hash would have to collide in 64 bits.
            key = hash(joined[start - AROUND : end + AROUND])
            spans = known.get(key)
            if spans is None:
                missed.setdefault(key, []).append(clause)
            elif spans:
                found[text] += _moved(spans, start - offset)
        keys = list(missed)
        for first, last in _parts([(start, end) for (*_, start, end), *_ in missed.values()]):
            part = {key: missed[key] for key in keys[first:last]}
            self._read(joined, part, found)
        return found

    def _read(
        self, joined: str, missed: dict[int, list[Clause]], found: list[list[LabelledSpan]]
    ) -> None:
        """Add what is found in the clauses to ``found``, and keep it; those of a key are alike."""
        parts, bounds = _around(joined, [(start, end) for (*_, start, end), *_ in missed.values()])
        if len(self.known) > MOST_KEPT:
            self.known.clear()
        for (key, clauses), spans in zip(missed.items(), self._decoded(parts, bounds), strict=True):
            *_, start, end = clauses[0]
            if end - start <= _LONGEST_KEPT:
                self.known[key] = tuple(spans)
            if spans:
                for text, offset, start, _ in clauses:
                    found[text] += _moved(spans, start - offset)

    def _decoded(self, joined: str, bounds: list[tuple[int, int]]) -> list[list[Span]]:
        """Return the spans in each clause, counted from where it begins."""
        positions = self._features.positions(joined, bounds)
        many = len(positions.wanted)
        parts = [
            self.tagger.emissions(
                self._features.keys(positions, at, min(at + _POSITIONS_AT_ONCE, many))
            )
            for at in range(0, many, _POSITIONS_AT_ONCE)
        ]
        emissions = np.concatenate(parts) if len(parts) > 1 else parts[0]
        found: list[list[Span]] = [[] for _ in bounds]
        starts, owners = positions.starts, positions.owners
        for which, start, end, label, score in self.tagger.decoded(emissions, positions.lengths):
            by = int(starts[which]) - bounds[owners[which]][0]
            found[owners[which]].append((start + by, end + by, label, score))
        return found


def _moved(spans: Sequence[Span], by: int) -> list[LabelledSpan]:
    return [LabelledSpan(start + by, end + by, label, score) for start, end, label, score in spans]


def _parts(clauses: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the bounds of parts that are not much text: memory stays flat."""
    bounds = [0]
    size = 0
    for at, (start, end) in enumerate(clauses):
        size += end - start
        if size > CHARACTERS_AT_ONCE and at > bounds[-1]:
            bounds.append(at)
            size = end - start
    if clauses:
        bounds.append(len(clauses))
    return list(pairwise(bounds))


def _around(joined: str, clauses: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Return the clauses and what stands around them as one text, and where each is in it."""
    parts: list[str] = []
    bounds: list[tuple[int, int]] = []
    size = last = 0
    for start, end in clauses:
        first = start - AROUND
        if first > last or not parts:
            parts.append("\n")
            size += 1
        else:
            first = last
        parts.append(joined[first : end + AROUND])
        size += end + AROUND - first
        last = end + AROUND
        bounds.append((size - AROUND - (end - start), size - AROUND))
    return "".join(parts), bounds
