"""Which further views of a text are worth making: one pass of RE2 over its ASCII form.

Owns the patterns that tell. A pattern may match where nothing comes of it; it does not miss where
something would. Refuses to look closer: that is what making the view does.
"""

import re
from functools import lru_cache
from typing import NamedTuple

import re2

from gateway.detection.text.numerals import BETWEEN_WORDS, CHINESE, LOOKS, SPOKEN_WORDS

_S = r"[ \-._/*,|~\n]"
_WORD = f"(?i:{'|'.join(SPOKEN_WORDS)}|double|triple)"
_NOT = "[^A-Za-z0-9]"
_START = "(?:^|[^A-Za-z])"
"""Before the first word: "er" is a digit of pinyin, and the end of a "number"."""
_CODE = r"[ \-_./*~|\\\r\n?]{1,3}"
_DIGITS_AND_LOOKS = f"[0-9{LOOKS}]"
_DOT = r"(?i: dot |\?{1,3}| \?{1,3} |\s{0,2}\.\s{1,2}|\s{1,2}\.)"


def _row() -> str:
    """Return the pattern of seven digits with something between two of them."""
    between = "[^0-9A-Za-z?]"
    return "|".join(
        f"[0-9]{{{before}}}{between}{{1,6}}[0-9](?:{between}{{0,6}}[0-9]){{{6 - before}}}"
        for before in range(1, 7)
    )


def _encoded() -> str:
    """Return the pattern of 12 signs of base64 with a digit beside a letter, or a change of case.

    What has neither is a word, a path, a name or a number, and decodes to nothing that is read.
    """
    sign = "[A-Za-z0-9+/_-]"
    return "|".join(
        f"{sign}{{{before}}}(?:[0-9][A-Za-z]|[A-Za-z][0-9]|[a-z][A-Z]){sign}{{{10 - before}}}"
        for before in range(11)
    )


_BYTE = "(?:[2-9A-Fa-f][0-9A-Fa-f]|0[9AaDd])"
"""A byte in hex that is no control character: no text of any charset has those."""
_HEX = rf"(?:^|[^0-9A-Za-z])(?:0x)?{_BYTE}(?:{_BYTE}{{7}}|(?:[ :,-]{{1,2}}(?:0x)?{_BYTE}){{7}})"


def _spoken() -> str:
    """Return the pattern of seven digits with a word among them."""
    gap = f"{_NOT}{{0,6}}"
    # "ba" is a word of pinyin and the beginning of "bank".
    word = rf"(?:{_WORD})(?:\b|[0-9])"
    return "|".join(
        f"{'' if before else _START}(?:[0-9]{gap}){{{before}}}{word}"
        f"(?:{gap}(?:[0-9]|{word})){{{6 - before}}}"
        for before in range(7)
    )


class Worth(NamedTuple):
    """What a text may hold."""

    rows: bool
    words: bool
    letters: bool
    tags: bool
    spread: bool
    spelled: bool
    grouped: bool
    base64: bool
    hex: bool
    escapes: bool
    mixed: bool
    signs: bool
    """There are numerals beyond ASCII; by itself worth nothing."""
    further: bool
    """There is more than rows, groups and such numerals."""

    @property
    def anything(self) -> bool:
        """Say whether any further view may come of it."""
        return self is not _NOTHING


_PATTERNS = (
    rf"{_row()}|[0-9]\?{{1,2}}[0-9]",
    rf"{_START}(?:{_WORD}{_NOT}{{0,6}}){{3}}|{_spoken()}"
    rf"|(?:[0-9?]|{_WORD}){_NOT}{{0,3}}(?i:{'|'.join(BETWEEN_WORDS)}){_NOT}{{0,3}}(?:[0-9?]|{_WORD})",
    rf"[0-9][OoIliSBZ]+(?:[^A-Za-z]|$)|(?:^|[^A-Za-z])[OoIli]+[0-9]"
    rf"|[0-9]{_S}[OoIli](?:[^A-Za-z]|$)|(?:^|[^A-Za-z])[OoIli]{_S}[0-9]|[0-9]{_S}[SBZ]{_S}[0-9]"
    rf"|(?:^|[^A-Za-z0-9]){_DIGITS_AND_LOOKS}*[0-9][{LOOKS}]{_DIGITS_AND_LOOKS}*(?:[^A-Za-z0-9]|$)",
    r"[0-9?]\s?</?[A-Za-z]|[0-9)]\([0-9]\)|\([0-9]\)[0-9(]",
    rf"[!->@-~](?:{_S}[!->@-~]){{7}}|[0-9A-Za-z@.](?:\?[0-9A-Za-z@.]){{7}}"
    rf"|[A-Z](?:{_S}[0-9A-Z?]){{5}}|(?:\?{_S}){{5}}[A-Z]",
    r"[\[({<]\s{0,2}(?i:at|dot|@|\.|\?)\s{0,2}[\])}>]|\?(?i:at|dot|@|\.)\?|(?i: dot )| \. "
    r"|\s@|@\s|[A-Za-z0-9] {0,2}\?{1,2}(?i:a?) {0,2}[A-Za-z]"
    rf"|[0-9](?:{_DOT}[0-9]{{1,3}}){{3}}",
    rf"[A-Z]{{1,2}}[0-9]{{0,7}}{_CODE}[0-9](?:(?:{_CODE})?[0-9]){{3}}"
    rf"|[0-9]{{2}}(?:{_CODE})?[A-Z0-9]*[A-Z][A-Z0-9]*{_CODE}[A-Z0-9]"
    rf"|[A-Z]{{2}}[0-9]{{1,7}}{_CODE}[A-Z0-9]{{1,9}}{_CODE}"
    rf"|[A-Z]{{2}}[0-9]{{2}}[A-Z0-9]{{1,5}}{_CODE}|[0-9]{{3}}{_CODE}[0-9]{{0,5}}[A-Z]"
    rf"|\?(?:{_CODE})?[A-Z](?:{_CODE})?[A-Z0-9]{{1,5}}{_CODE}[A-Z0-9]",
    _encoded(),
    _HEX,
    r"%u?[0-9A-Fa-f]{2}|&#?[0-9A-Za-z]{2}|\\[uUx]|U\+[0-9A-Fa-f]{4}",
)
_ANYTHING = "(?s:.)"
_SIGNS = "".join(CHINESE)
_SIGN = re.compile(f"[{_SIGNS}]")
_BESIDE = re.compile(f"[A-Za-z0-9][{_SIGNS}]|[{_SIGNS}][A-Za-z0-9]")
_NOTHING = Worth(*(False,) * len(Worth._fields))


def _compiled() -> "re2._Set":
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = 64 << 20
    patterns = re2.Set.SearchSet(options)
    for pattern in (*_PATTERNS, _ANYTHING):
        patterns.Add(pattern.encode("ascii"))
    patterns.Compile()
    return patterns


_SET = _compiled()
# Below the wrapper, which asks again whether the text is bytes.
_open = _SET._set.Match
_ALL = tuple(range(len(_PATTERNS) + 1))


def worth(text: str, ascii_form: bytes) -> Worth:
    """Return what is worth a closer look; ``ascii_form`` has a ``?`` for all that is not ASCII."""
    if not text:
        return _NOTHING
    # RE2 gives up without a word when its automaton outgrows its memory. One pattern matches every
    # text, so an answer without it is no answer, and then everything is worth a look.
    open_ = tuple(_open(ascii_form)) or _ALL
    signs = not text.isascii() and _SIGN.search(text) is not None
    if len(open_) == 1 and not signs:
        return _NOTHING
    mixed = signs and _BESIDE.search(text) is not None
    return _look(open_, signs, mixed, signs and "点" in text)


@lru_cache(maxsize=4096)
def _look(open_: tuple[int, ...], signs: bool, mixed: bool, dotted: bool) -> Worth:
    seen = [at in open_ for at in range(len(_PATTERNS))]
    look = Worth._make([*seen, mixed, signs, False])
    if signs:
        look = look._replace(rows=True, spelled=look.spelled or dotted)
    rest = look._replace(rows=False, grouped=False, signs=False)
    return look._replace(further=any(rest))
