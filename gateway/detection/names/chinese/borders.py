"""Where a name begins and ends, when a part of what the model found is none of it.

Owns these few corrections: a title behind a surname, kin behind a name, what follows 某, the count
of 三人, and 致. Refuses to look beyond the span, but for the character behind it.
"""

import re
from typing import Final

from gateway.detection.names.chinese.characters import surnames
from gateway.detection.names.chinese.triggers import WORDS, read_sections

_COMPOUND: Final = "欧阳|上官|司马|诸葛|皇甫|司徒|慕容|令狐|尉迟|公孙|夏侯|端木|长孙|宇文|南宫|独孤"
_SHORTEST_LONG: Final = 2
_COUNTS: Final = "两二三四五六七八九"
_TRIGGERS: Final = read_sections(WORDS)
_TITLES: Final = sorted(
    {
        word
        for name in ("after surname", "honorific", "office")
        for word in _TRIGGERS[name]
        if len(word) > 1 and word != "夫人"
    }
)
_TITLED: Final = re.compile(
    f"({_COMPOUND}|[{''.join(sorted(surnames(1)))}])副?(?:{'|'.join(_TITLES)}|[总嫂队]$)"
)
_SOME: Final = re.compile("(.某[某甲乙丙丁]?)[与和系的在因被将称说向对于及以是也均不未到给欠为]")
_KIN: Final = re.compile("(..{1,2})(?:兄妹|兄弟|姐妹|姐弟|夫妇|夫妻|父子|父女|母子|母女)")
_LONGEST_TITLED: Final = 8


def within(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without what is none of the name."""
    if end - start < _SHORTEST_LONG:
        return start, end
    if end - start > _SHORTEST_LONG:
        if text[start] == "致":
            start += 1
        if text[end - 1] in _COUNTS and text[end : end + 1] == "人":
            end -= 1
        found = _SOME.fullmatch(text, start, end)
        if found:
            return start, found.end(1)
    if end - start <= _LONGEST_TITLED:
        found = _TITLED.fullmatch(text, start, end) or _KIN.fullmatch(text, start, end)
        if found:
            return start, found.end(1)
    return start, end
