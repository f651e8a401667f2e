"""The English model at work: texts in, scored spans of characters out.

Owns the speed. The weights of a word's features are added up once and kept by form, so that texts
cost a few array operations, the same few for one and for many; and only stretches in which a name
is at all possible are decoded. Refuses to keep texts: what it keeps is word forms, some thousands.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gateway.detection.names.crf.decoding import LONGEST, RawSpan, StretchDecoder
from gateway.detection.names.crf.model import Model, read_model
from gateway.detection.names.crf.stretches import Stretch, decoded
from gateway.detection.names.english.classes import CLASSES, COARSE
from gateway.detection.names.english.features import mate_keys, pair_keys, triple_keys
from gateway.detection.names.english.forms import Floats, Forms, Weights
from gateway.detection.names.english.lexicon import Lexicon
from gateway.detection.names.english.repeats import raised
from gateway.detection.names.english.sequences import (
    MATES,
    PAIRS,
    TONGUE_TABLE,
    TONGUES,
    TOUCH_TABLE,
    TRIPLES,
    joints,
    tongues,
    touching,
)
from gateway.detection.names.english.spans import TextSpan
from gateway.detection.names.english.tokens import tokens

_TEXTS_AT_ONCE, _CHARACTERS_AT_ONCE = 64, 1 << 15
_SURELY_NO_PERSON, _SURELY_NO_OTHER = 3.0, 0.0
"""So many nats must a word speak against every label of a person, or of a place or organisation
(which are reported below every default threshold only), to be taken for no part of one."""
_FLOORS = {"PER": 0.1, "LOC": 0.2, "ORG": 0.2}
_CROWD = 12000
_FLOORS_OF_A_CROWD = {"PER": 0.25, "LOC": 0.5, "ORG": 0.5}
"""A text of 64 KiB has some thousands of words that may be a name. Where there are more than so
many, only spans near the operating point are reported: each costs time."""
_OTHER_SCRIPTS = "\u2e80"
_SHORTEST_CUT = 24


class _Batch(NamedTuple):
    """The tokens of some texts in a row; two edges stand before, between and behind the texts."""

    forms: list[int]
    starts: list[int]
    ends: list[int]
    joined: list[bool]
    texts: list[int]


class EnglishTagger:
    """Finds names in texts."""

    def __init__(self, model: Model, lexicon: Lexicon) -> None:
        self._thresholds = model.thresholds
        self._decoder = StretchDecoder(model)
        self._weights = Weights(model)
        self._forms = Forms(self._weights, lexicon, len(model.labels))
        self._other = model.labels.index("O")
        margins = [
            _SURELY_NO_PERSON if one.endswith("PER") else _SURELY_NO_OTHER for one in model.labels
        ]
        self._margins = np.array(margins, np.float32)
        self._margins[self._other] = -1e9
        self._floors = self._decoder.floors(_FLOORS)
        self._floors_of_a_crowd = self._decoder.floors(_FLOORS_OF_A_CROWD)
        left, right = (one.ravel() for one in np.indices((CLASSES, CLASSES)))
        three = [one.ravel() for one in np.indices((COARSE, COARSE, COARSE))]
        self._pairs = [self._weights.of(pair_keys(table, left, right)) for table, *_ in PAIRS]
        self._triples = [self._weights.of(triple_keys(table, *three)) for table, *_ in TRIPLES]
        all_, tongue = (one.ravel() for one in np.indices((CLASSES, TONGUES)))
        self._tongues = self._weights.of(pair_keys(TONGUE_TABLE, all_, tongue))
        caps, touch = (one.ravel() for one in np.indices((16, 64)))
        self._touch = self._weights.of(pair_keys(TOUCH_TABLE, caps, touch))

    @classmethod
    def load(cls, model: Path, lexicon: Path) -> "EnglishTagger":
        """Read both files; raises ValueError or OSError where they are not what they should be."""
        return cls(read_model(model), Lexicon.load(lexicon))

    def spans(self, texts: Sequence[str]) -> list[list[TextSpan]]:
        """Return the spans of each text, in order of their start."""
        found: list[list[TextSpan]] = [[] for _ in texts]
        for first, last in _parts(texts):
            batch = self._read(texts[first:last])
            emissions = self._emissions(batch)
            for at, spans in self._decoded(batch, emissions):
                for span in spans:
                    which = first + batch.texts[at + span.start]
                    start, end = batch.starts[at + span.start], batch.ends[at + span.end - 1]
                    start, end = _words_of(texts[which], start, end)
                    if start < end:
                        score = self._score(span.label, span.probability)
                        found[which].append(TextSpan(start, end, span.label, score))
        for which, one in enumerate(found):
            if len(one) > 1:
                one.sort()
                found[which] = raised(texts[which], one)
        return found

    def emissions(self, text: str) -> Floats:
        """Return the weight of every label at every token: the sums that ``rows`` stands for."""
        return self._emissions(self._read([text]))[2:-2]

    def _read(self, texts: Sequence[str]) -> _Batch:
        read = [tokens(text) for text in texts]
        pairs = [list(zip(found.forms, found.cased, strict=True)) for found in read]
        batch = _Batch([0, 0], [0, 0], [0, 0], [False, False], [-1, -1])
        for which, (found, forms) in enumerate(zip(read, self._forms.numbers(pairs), strict=True)):
            batch.forms.extend((*forms, 0, 0))
            batch.starts.extend((*found.starts, 0, 0))
            batch.ends.extend((*found.ends, 0, 0))
            batch.joined.extend((*joints(found), False, False))
            batch.texts.extend((*[which] * len(forms), -1, -1))
        return batch

    def _emissions(self, batch: _Batch) -> Floats:
        numbers = np.array(batch.forms)
        size = len(numbers)
        sums = self._forms.sums(numbers)
        classes, coarse, caps, touch, hashes = self._forms.seen(numbers).T
        total: Floats = np.ascontiguousarray(sums[:, 0])
        total[1:] += sums[:-1, 1]
        total[:-1] += sums[1:, 2]
        total[2:] += sums[:-2, 3]
        total[:-2] += sums[2:, 4]
        for (_, a, b), table in zip(PAIRS, self._pairs, strict=True):
            first = classes[: size - (b - a)] * CLASSES + classes[b - a :]
            total[-a : size - b] += table.take(first, axis=0)
        for table_, a, b in MATES:
            low, high = max(-a, 0), size - max(a, 0)
            keys = mate_keys(table_, hashes[low + a : high + a], classes[low + b : high + b])
            total[low:high] += self._weights.of(keys)
        threes = (coarse[:-2] * COARSE + coarse[1:-1]) * COARSE + coarse[2:]
        for (_, a, _, b), table in zip(TRIPLES, self._triples, strict=True):
            at = slice(max(-a, 0), size - max(b, 0))
            total[at] += table.take(threes, axis=0)
        which = np.array(batch.texts)
        tongue = tongues(classes, np.maximum(which, 0), len(batch.texts))
        total += self._tongues.take(classes * TONGUES + tongue[which], axis=0)
        total += self._touch.take(caps * 64 + touching(np.array(batch.joined), touch), axis=0)
        return total

    def _decoded(self, batch: _Batch, emissions: Floats) -> Iterator[tuple[int, list[RawSpan]]]:
        """Yield spans, counted from the token whose number stands before them."""
        stretches = list(self._stretches(batch, emissions))
        crowded = sum(last - first for first, last, _ in stretches) > _CROWD
        floors = self._floors_of_a_crowd if crowded else self._floors
        for (first, *_), spans in decoded(self._decoder, emissions, stretches, floors):
            yield first, spans

    def _stretches(self, batch: _Batch, emissions: Floats) -> Iterator[Stretch]:
        """Yield the stretches that may hold a name, with a word that holds none on each side."""
        margins = (emissions + self._margins).max(axis=1) - emissions[:, self._other]
        inside = np.array(batch.texts) >= 0
        possible = (margins > 0) & inside
        if not possible.any():
            return
        wide = possible.copy()
        wide[1:] |= possible[:-1]
        wide[:-1] |= possible[1:]
        wide &= inside
        edges = np.flatnonzero(wide[1:] != wide[:-1]) + 1
        bounds = edges.tolist()
        for first, last in zip(bounds[::2], bounds[1::2], strict=True):
            while last - first > LONGEST:
                likely = margins[first + _SHORTEST_CUT : first + LONGEST]
                cut = first + _SHORTEST_CUT + int(likely.argmin())
                yield Stretch(first, cut, 0)
                first = cut
            yield Stretch(first, last, 0)

    def _score(self, label: str, probability: float) -> float:
        middle = self._thresholds[label]
        if probability < middle:
            return 0.5 * probability / middle
        return min(0.5 + 0.5 * (probability - middle) / (1.0 - middle), 1.0)


def _parts(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the bounds of parts that are few texts and not much text: memory stays flat."""
    first = size = 0
    for at, text in enumerate(texts):
        if at > first and (at - first == _TEXTS_AT_ONCE or size + len(text) > _CHARACTERS_AT_ONCE):
            yield first, at
            first, size = at, 0
        size += len(text)
    if texts:
        yield first, len(texts)


def _words_of(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the extent without marks and without another script at its edges.

    Names are glued to Chinese words; a full stop stays with the initial that it touches.
    """
    if text[start].isalnum() and text[end - 1].isalnum() and text[start:end].isascii():
        return start, end
    while start < end and not _of_a_word(text[start]):
        start += 1
    while start < end and not _of_a_word(text[end - 1]):
        if text[end - 1] == "." and text[end - 2].isalpha():
            break
        end -= 1
    return start, end


def _of_a_word(one: str) -> bool:
    return one < _OTHER_SCRIPTS and (one.isalnum() or "\u0300" <= one <= "\u036f")
