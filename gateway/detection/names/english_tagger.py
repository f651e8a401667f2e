"""The English model at work: texts in, scored spans of characters out.

Owns the speed. The weights of a word's features are added up once and kept by form, so that texts
cost a few array operations, the same few for one and for many; and only stretches in which a name
is at all possible are decoded. Refuses to keep texts: what it keeps is word forms, some thousands.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.english_classes import CLASSES, COARSE
from gateway.detection.names.english_decoding import LONGEST, StretchDecoder
from gateway.detection.names.english_features import WIDTHS, pair_keys, triple_keys, word
from gateway.detection.names.english_lexicon import Lexicon, fold_word
from gateway.detection.names.english_sequences import (
    PAIRS,
    TOUCH_TABLE,
    TRIPLES,
    joints,
    touching,
)
from gateway.detection.names.english_tokens import tokens
from gateway.detection.names.model import Model, read_model

Floats = NDArray[np.float32]

_FORMS_KEPT = 1 << 13
_LEARNT_AT_ONCE = 1024
_FIRST_COLUMNS = np.cumsum((0, *WIDTHS[:-1]))
_TEXTS_AT_ONCE, _CHARACTERS_AT_ONCE = 64, 1 << 15
_SURELY_NO_PERSON, _SURELY_NO_OTHER = 3.0, 0.0
"""So many nats must a word speak against every label of a person, or of a place or organisation
(which are reported below every default threshold only), to be taken for no part of one."""
_FLOOR = 0.05
_OTHER_SCRIPTS = "\u2e80"
_SHORTEST_CUT = 24


class TextSpan(NamedTuple):
    """``text[start:end]`` is a PER, LOC or ORG; 0.5 is the operating point."""

    start: int
    end: int
    label: str
    score: float


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
        self._model, self._lexicon = model, lexicon
        self._decoder = StretchDecoder(model)
        self._mask = np.uint32((1 << model.bits) - 1)
        self._other = model.labels.index("O")
        margins = [
            _SURELY_NO_PERSON if one.endswith("PER") else _SURELY_NO_OTHER for one in model.labels
        ]
        self._margins = np.array(margins, np.float32)
        self._margins[self._other] = -1e9
        left, right = (one.ravel() for one in np.indices((CLASSES, CLASSES)))
        three = [one.ravel() for one in np.indices((COARSE, COARSE, COARSE))]
        self._pairs = [self._weights(pair_keys(table, left, right)) for table, *_ in PAIRS]
        self._triples = [self._weights(triple_keys(table, *three)) for table, *_ in TRIPLES]
        caps, touch = (one.ravel() for one in np.indices((16, 64)))
        self._touch = self._weights(pair_keys(TOUCH_TABLE, caps, touch))
        self._known = 0
        self._sums = np.zeros((0, 5, len(model.labels)), np.float32)
        self._classes = np.zeros((0, 4), np.int64)
        self._numbers: dict[tuple[str, bool], int] = {}
        self._forget()

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
                    start, end = _latin_part(texts[which], start, end)
                    if start < end:
                        score = self._score(span.label, span.probability)
                        found[which].append(TextSpan(start, end, span.label, score))
        for one in found:
            one.sort()
        return found

    def emissions(self, text: str) -> Floats:
        """Return the weight of every label at every token: the sums that ``rows`` stands for."""
        return self._emissions(self._read([text]))[2:-2]

    def _read(self, texts: Sequence[str]) -> _Batch:
        if len(self._numbers) > _FORMS_KEPT:
            self._forget()
        batch = _Batch([0, 0], [0, 0], [0, 0], [False, False], [-1, -1])
        numbers = self._numbers
        new: list[tuple[str, bool]] = []
        for which, text in enumerate(texts):
            found = tokens(text)
            for key in zip(found.forms, found.cased, strict=True):
                if key not in numbers:
                    numbers[key] = len(numbers)
                    new.append(key)
                batch.forms.append(numbers[key])
            batch.forms.extend((0, 0))
            batch.starts.extend((*found.starts, 0, 0))
            batch.ends.extend((*found.ends, 0, 0))
            batch.joined.extend((*joints(found), False, False))
            batch.texts.extend((*[which] * len(found.forms), -1, -1))
        self._learn(new)
        return batch

    def _learn(self, forms: Sequence[tuple[str, bool]]) -> None:
        """Add up the weights of new forms; their numbers follow those of the known ones."""
        for at in range(0, len(forms), _LEARNT_AT_ONCE):
            part = forms[at : at + _LEARNT_AT_ONCE]
            folded = [fold_word(form) for form, _ in part]
            flags = self._lexicon.flags_of(folded)
            seen = [
                word(form, fold, flag, cased=cased)
                for (form, cased), fold, flag in zip(part, folded, flags, strict=True)
            ]
            first = self._known
            self._known = last = first + len(part)
            self._make_room(last)
            weights = self._model.weights.take(
                np.array([one.keys for one in seen], np.uint32) & self._mask, axis=0
            )
            np.add.reduceat(weights, _FIRST_COLUMNS, axis=1, out=self._sums[first:last])
            self._classes[first:last] = [one[:4] for one in seen]

    def _make_room(self, size: int) -> None:
        missing = size - len(self._sums)
        if missing > 0:
            more = max(missing, _FORMS_KEPT)
            sums = np.zeros((more, *self._sums.shape[1:]), np.float32)
            self._sums = np.concatenate([self._sums, sums])
            self._classes = np.concatenate([self._classes, np.zeros((more, 4), np.int64)])

    def _weights(self, keys: NDArray[np.uint32]) -> Floats:
        return np.ascontiguousarray(self._model.weights[keys & self._mask])

    def _forget(self) -> None:
        self._known = 0
        self._numbers = {("", True): 0}
        self._sums = self._sums[:_FORMS_KEPT].copy()
        self._classes = self._classes[:_FORMS_KEPT].copy()
        self._learn([("", True)])

    def _emissions(self, batch: _Batch) -> Floats:
        numbers = np.array(batch.forms)
        size = len(numbers)
        sums = self._sums.take(numbers, axis=0)
        classes, coarse, caps, touch = self._classes.take(numbers, axis=0).T
        total: Floats = np.ascontiguousarray(sums[:, 0])
        total[1:] += sums[:-1, 1]
        total[:-1] += sums[1:, 2]
        total[2:] += sums[:-2, 3]
        total[:-2] += sums[2:, 4]
        for (_, a, b), table in zip(PAIRS, self._pairs, strict=True):
            first = classes[: size - (b - a)] * CLASSES + classes[b - a :]
            total[-a : size - b] += table.take(first, axis=0)
        threes = (coarse[:-2] * COARSE + coarse[1:-1]) * COARSE + coarse[2:]
        for (_, a, _, b), table in zip(TRIPLES, self._triples, strict=True):
            at = slice(max(-a, 0), size - max(b, 0))
            total[at] += table.take(threes, axis=0)
        total += self._touch.take(caps * 64 + touching(np.array(batch.joined), touch), axis=0)
        return total

    def _decoded(self, batch: _Batch, emissions: Floats) -> Iterator[tuple[int, list]]:  # type: ignore[type-arg]
        stretches = sorted(self._stretches(batch, emissions), key=lambda one: one[0] - one[1])
        for at in range(0, len(stretches), 128):
            part = stretches[at : at + 128]
            spans = self._decoder.spans([emissions[a:b] for a, b in part], _FLOOR)
            yield from zip([first for first, _ in part], spans, strict=True)

    def _stretches(self, batch: _Batch, emissions: Floats) -> Iterator[tuple[int, int]]:
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
                yield first, cut
                first = cut
            yield first, last

    def _score(self, label: str, probability: float) -> float:
        middle = self._model.thresholds[label]
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


def _latin_part(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the extent without another script at its edges: names are glued to Chinese words."""
    while start < end and text[start] >= _OTHER_SCRIPTS:
        start += 1
    while start < end and text[end - 1] >= _OTHER_SCRIPTS:
        end -= 1
    return start, end
