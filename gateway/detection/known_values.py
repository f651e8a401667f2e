"""Finds the subject's own known values in a text, however their parts are spaced.

Owns the search by value: letters in any case, spaces and punctuation between characters ignored,
full-width forms folded, and the last four characters of a number after words such as 尾号 or
"ending in". It refuses to guess: initials, nicknames and other scripts of a name are not searched.
"""

import re
from collections.abc import Iterator
from functools import cached_property

from gateway.application.ports.detection import KnownValue, Span
from gateway.detection.folding import fold

# Below this length a value is too common inside other words and numbers ("Li" in "limit"), so it
# has to stand alone, and its digits have to be adjacent.
SHORT = 6
CERTAIN = 1.0

_SEPARATORS = " \t\r\n\f\v-.,/()+_·•'"
_WITHOUT_SEPARATORS = str.maketrans("", "", _SEPARATORS)
_LATIN_LETTER = re.compile("[A-Za-zÀ-ÖØ-öø-ɏ]")
_CHINA_PREFIXED_MOBILE = re.compile(r"(?:00)?86(1[3-9][0-9]{9})")
_TAIL_LENGTH = 4
_NUMBER = re.compile(r"[0-9]{7,}[0-9x]")
_TAIL = re.compile(
    r"(?:尾号|尾数|末尾|[后末][四4]位|end(?:s|ing)?(?:\s+(?:in|with))?|last\s+(?:four|4))"
    r"(?:\s*(?:digits?|数字?|号码?))?\s*(?:为|是|is|are|of|in)?\s*[:#*]*\s*"
    r"([0-9]{3}[0-9x])(?![0-9])",
    re.IGNORECASE,
)


class KnownValueSearch:
    """The known values of one subject, prepared once for several texts."""

    def __init__(self, known: tuple[KnownValue, ...]) -> None:
        self._needles = [(_needle(value.value), value.type) for value in known]
        self._tails = {
            needle[-_TAIL_LENGTH:]: type_
            for needle, type_ in self._needles
            if _NUMBER.fullmatch(needle)
        }

    def spans(self, text: str) -> list[Span]:
        """Return a span for every occurrence of every value; offsets are those of `text`."""
        if not self._needles:
            return []
        haystack = _Haystack(fold(text))
        whole = [
            Span(start, end, type_, CERTAIN)
            for needle, type_ in self._needles
            for start, end in haystack.occurrences(needle)
        ]
        return [*whole, *self._tail_spans(haystack.folded)]

    def _tail_spans(self, folded: str) -> Iterator[Span]:
        if not self._tails:
            return
        for match in _TAIL.finditer(folded):
            type_ = self._tails.get(match[1].lower())
            if type_ is not None:
                yield Span(match.start(1), match.end(1), type_, CERTAIN)


class _Haystack:
    """A folded text, and the same in lower case without its separators."""

    def __init__(self, folded: str) -> None:
        self.folded = folded
        self._compact = _compact(folded)

    @cached_property
    def _origins(self) -> list[int]:
        return [at for at, character in enumerate(self.folded) if character not in _SEPARATORS]

    def occurrences(self, needle: str) -> Iterator[tuple[int, int]]:
        at = self._compact.find(needle)
        while at >= 0:
            start = self._origins[at]
            end = self._origins[at + len(needle) - 1] + 1
            if len(needle) >= SHORT or self._stands_alone(start, end, needle):
                yield start, end
            at = self._compact.find(needle, at + 1)

    def _stands_alone(self, start: int, end: int, needle: str) -> bool:
        folded = self.folded
        before, after = folded[start - 1 : start], folded[end : end + 1]
        if _continues(before, folded[start]) or _continues(folded[end - 1], after):
            return False
        spread = end - start != len(needle)
        return not (spread and any(character.isdigit() for character in needle))


def _needle(value: str) -> str:
    compact = _compact(fold(value))
    prefixed = _CHINA_PREFIXED_MOBILE.fullmatch(compact)
    return prefixed[1] if prefixed else compact


def _compact(folded: str) -> str:
    return _lower(folded.translate(_WITHOUT_SEPARATORS))


def _lower(text: str) -> str:
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    # One letter has a lower case of two characters, which would shift every offset after it.
    return "".join([low if len(low := character.lower()) == 1 else character for character in text])


def _continues(left: str, right: str) -> bool:
    if left.isdigit() and right.isdigit():
        return True
    return bool(_LATIN_LETTER.match(left) and _LATIN_LETTER.match(right))
