"""Texts to clauses: the stretches between marks that neither a name nor a word goes over.

Owns the cut, and how far the model looks beyond a clause. Whatever is found in a clause depends on
the clause and on `AROUND` characters on each side alone: so clauses can be looked at one by one,
and what was found in one holds wherever it stands again. Refuses stretches without a Chinese
character.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from gateway.detection.names.chinese.characters import marks_between_names

AROUND: Final = 8
"""Three characters behind a clause may begin a trigger word, and it has six: nothing further is
looked at."""
_GAP: Final = "\n" * AROUND
# Folding makes punctuation narrow, Chinese text has it wide: here both are the same.
_WIDE: Final = tuple(zip(",:;!?()", "，：；！？（）", strict=True))
# The segmenter takes these for parts of words; a name goes over none of them.
IN_WORDS: Final = "#+&%"
_HARD: Final = re.escape("".join(one for one in marks_between_names() if one not in IN_WORDS))
HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uffff\U00010000-\U0010ffff"
# Possessive: nothing is gone over twice.
_CLAUSE: Final = re.compile(f"[^{_HARD}{HAN}]*+([{HAN}][^{_HARD}]*+)?+[{_HARD}]*+")
# The digits of a long number tell nothing of a name, and every number would be a word of its own.
_NUMBER: Final = re.compile(f"[0-9](?:[0-9]{{4,}}|[0-9]*(?![0-9{HAN}]))")


Clause = tuple[int, int, int, int]
"""The number of a text, where it begins in what is joined, and where in that the clause stands.

A plain tuple: there are some for every text.
"""


class Clauses(NamedTuple):
    """The texts joined, with `AROUND` line ends before, between and behind them."""

    joined: str
    clauses: list[Clause]


def clauses_of(texts: Sequence[str]) -> Clauses:
    """Return the clauses of the texts, in order."""
    joined = f"{_GAP}{_GAP.join(texts)}{_GAP}"
    for narrow, wide in _WIDE:
        joined = joined.replace(narrow, wide)
    joined = _NUMBER.sub(_zeros, joined.replace("--", "——"))
    found: list[Clause] = []
    owner, offset, limit = 0, AROUND, AROUND + len(texts[0])
    for match in _CLAUSE.finditer(joined):
        if match.lastindex:
            start, end = match.start(), match.end(1)
            while start >= limit:
                owner += 1
                offset = limit + AROUND
                limit = offset + len(texts[owner])
            found.append((owner, offset, start, end))
    return Clauses(joined, found)


def _zeros(number: re.Match[str]) -> str:
    return "0" * len(number[0])
