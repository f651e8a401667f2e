"""What is kept of word forms: their classes, and the sums of the weights of their features.

Owns the memory, some thousands of forms; when it is full it is emptied. Refuses texts: a form is
one word, and those of numbers and addresses stand for all their like.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.crf.model import Model
from gateway.detection.names.english.features import WIDTHS, word
from gateway.detection.names.english.lexicon import Lexicon, fold_word
from gateway.detection.names.english.many import words

Floats = NDArray[np.float32]
Form = tuple[str, bool]
"""A form, and whether capitals tell something where it stands."""

_FORMS_KEPT = 1 << 13
_LEARNT_AT_ONCE = 1024
_WORTH_COLUMNS = 48
_NUMBERS = 5
_FIRST_COLUMNS = np.cumsum((0, *WIDTHS[:-1]))


class Weights:
    """The rows of a model's weights that are not zero, found by key."""

    def __init__(self, model: Model) -> None:
        used, weights = model.used()
        self._mask = np.uint32((1 << model.bits) - 1)
        self._places = np.zeros(1 << model.bits, np.int32)
        self._places[used] = np.arange(1, len(used) + 1)
        none = np.zeros((1, len(model.labels)), np.float32)
        # A row at a time is read from it: the file has its columns together.
        self._rows = np.ascontiguousarray(np.concatenate([none, weights]))

    def of(self, keys: NDArray[np.uint32]) -> Floats:
        """Return the weights of each key: one more axis, the labels."""
        found: Floats = self._rows.take(self._places.take(keys & self._mask), axis=0)
        return found


class Forms:
    """Numbers for forms; 0 is the edge of a text."""

    def __init__(self, weights: Weights, lexicon: Lexicon, labels: int) -> None:
        self._weights, self._lexicon = weights, lexicon
        self._known = 0
        self._sums = np.zeros((0, 5, labels), np.float32)
        self._seen = np.zeros((0, _NUMBERS), np.int64)
        self._numbers: dict[Form, int] = {}
        self._forget()

    def __len__(self) -> int:
        """Return how many forms are kept."""
        return len(self._numbers)

    def numbers(self, texts: Sequence[Sequence[Form]]) -> list[list[int]]:
        """Return the numbers of the forms of some texts; they hold until the next call."""
        if len(self._numbers) > _FORMS_KEPT:
            self._forget()
        numbers = self._numbers
        new: list[Form] = []
        found = []
        for forms in texts:
            for form in forms:
                if form not in numbers:
                    numbers[form] = len(numbers)
                    new.append(form)
            found.append([numbers[form] for form in forms])
        for at in range(0, len(new), _LEARNT_AT_ONCE):
            self._learn(new[at : at + _LEARNT_AT_ONCE])
        return found

    def sums(self, numbers: NDArray[np.int64]) -> Floats:
        """Return, for each number, the sums for its own position and the four around it."""
        return self._sums.take(numbers, axis=0)

    def seen(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return, for each number, its class, coarse class, capitals, touch and hash."""
        return self._seen.take(numbers, axis=0)

    def _learn(self, forms: Sequence[Form]) -> None:
        """Add up the weights of new forms; their numbers follow those of the known ones."""
        folded = [fold_word(form) for form, _ in forms]
        flags = self._lexicon.flags_of(folded)
        if len(forms) < _WORTH_COLUMNS:
            few = [
                word(form, fold, flag, cased=cased)
                for (form, cased), fold, flag in zip(forms, folded, flags, strict=True)
            ]
            seen = np.array([one[:_NUMBERS] for one in few], np.int64)
            keys = np.array([one.keys for one in few], np.uint32)
        else:
            seen, keys = words(forms, folded, flags)
        first = self._known
        self._known = last = first + len(forms)
        self._make_room(last)
        sums = self._sums[first:last]
        np.add.reduceat(self._weights.of(keys), _FIRST_COLUMNS, axis=1, out=sums)
        self._seen[first:last] = seen

    def _make_room(self, size: int) -> None:
        missing = size - len(self._sums)
        if missing > 0:
            more = max(missing, _FORMS_KEPT)
            sums = np.zeros((more, *self._sums.shape[1:]), np.float32)
            self._sums = np.concatenate([self._sums, sums])
            self._seen = np.concatenate([self._seen, np.zeros((more, _NUMBERS), np.int64)])

    def _forget(self) -> None:
        self._known = 0
        self._numbers = {("", True): 0}
        self._sums = self._sums[:_FORMS_KEPT].copy()
        self._seen = self._seen[:_FORMS_KEPT].copy()
        self._learn([("", True)])
