"""What stands for a digit, and what may stand between the digits of one number.

Owns the Chinese numerals (plain, formal, as spoken over the radio, Suzhou), digit words in English
and pinyin, and look-alike letters among digits. ``readable`` writes all of them as digits in their
places, one character for one. Refuses numbers that are counted and not spelled: 十 百 千 万.
"""

import re

FILL = "\ue000"
"""Stands for the rest of a word whose first character became its digit."""

_SIGNS = (
    ("〇一二三四五六七八九", "0123456789"),
    ("零壹贰叁肆伍陆柒捌玖", "0123456789"),
    ("○貳叄參陸〡〢〣〤〥〦〧〨〩", "02336123456789"),
    ("洞幺两兩拐勾", "012279"),
)
CHINESE = {sign: digit for signs, ds in _SIGNS for sign, digit in zip(signs, ds, strict=True)}
_SPOKEN_DIGITS = {
    "0": "zero oh o ling dong",
    "1": "one yi yao",
    "2": "two er liang",
    "3": "three san",
    "4": "four si",
    "5": "five wu",
    "6": "six liu",
    "7": "seven qi guai",
    "8": "eight ba",
    "9": "nine jiu gou",
}
_WORDS = {word: digit for digit, words in _SPOKEN_DIGITS.items() for word in words.split()}
SPOKEN_WORDS = tuple(_WORDS)
BETWEEN_WORDS = ("dash", "hyphen", "dot", "point", "space", "minus", "slash", "then")

DIGITS = "0-9" + "".join(CHINESE)
SEPARATORS = (
    r" \t\n\r\-._/*~|,()\[\]{}:;+=#^!?\\"
    r"\u00b7\u2010-\u25ca\u25cc-\u2bff\u2e00-\u2e7f\u3001-\u3003\u3008-\u3020点杠横"
    "\U0001f000-\U0001faff"
)
"""Classes for a pattern. They have no character in common."""

_longest_first = sorted(_WORDS, key=len, reverse=True)
_WORD = "|".join(_longest_first)
_SPOKEN = re.compile(
    rf"(?<![a-z])(?:(?:(double|triple)[ -])?({_WORD})|({'|'.join(BETWEEN_WORDS)}))(?![a-z])"
    rf"|(?<![a-z])(?:{_WORD}){{4,64}}+(?![a-z])"
)
_ONE_WORD = re.compile(_WORD)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,40}>")
_LOOKS = str.maketrans("OoIlSBZ", "0011582")
_LOOK_ALIKE = re.compile(
    r"(?<=[0-9])[OoIlSBZ]{0,8}[OoIl](?![A-Za-z])|(?<=[0-9])[OoIlSBZ]{1,8}(?=[0-9])"
    r"|(?<![A-Za-z])[OoIl]{1,8}(?=[0-9])"
    r"|(?<=[0-9OoIl][ \-._/*,\n])[OoIl](?![A-Za-z])|(?<=[0-9][ \-._/*])[SBZ](?=[ \-._/*][0-9])"
    r"|(?<![A-Za-z])[OoIl](?=[ \-._/*\n][0-9])"
)
_TO_DIGITS = {ord(sign): digit for sign, digit in CHINESE.items()} | {ord(FILL): None}


def readable(text: str, *, words: bool, letters: bool, tags: bool) -> str:
    """Return ``text``, as long as before, with digits for what may stand for them."""
    if tags:
        text = _TAG.sub(lambda tag: "|".ljust(len(tag[0]), FILL), text)
    if words:
        text = _with_spoken(text)
    if letters:
        text = _LOOK_ALIKE.sub(lambda letter: letter[0].translate(_LOOKS), text)
    return text


def to_digits(group: str) -> str:
    """Return the ASCII digits of a group of ``readable`` digits."""
    return group if group.isascii() else group.translate(_TO_DIGITS)


def _with_spoken(text: str) -> str:
    pieces: list[str] = []
    at = 0
    # Only ASCII letters matter here, and lowering these moves nothing.
    for spoken in _SPOKEN.finditer(_ascii_lower(text)):
        pieces += text[at : spoken.start()], _written(spoken)
        at = spoken.end()
    pieces.append(text[at:])
    return "".join(pieces)


def _written(spoken: re.Match[str]) -> str:
    times, word, between = spoken.groups()
    if between:
        return "-".ljust(len(between), FILL)
    if word:
        count = {None: 1, "double": 2, "triple": 3}[times]
        return (_WORDS[word] * count).ljust(len(spoken[0]), FILL)
    return "".join(_WORDS[one[0]].ljust(len(one[0]), FILL) for one in _ONE_WORD.finditer(spoken[0]))


_UPPER = re.compile("[A-Z]+")


def _ascii_lower(text: str) -> str:
    # Most have a few capitals or none: a table would be asked about every character.
    return text.lower() if text.isascii() else _UPPER.sub(lambda some: some[0].lower(), text)
