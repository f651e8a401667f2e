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
_BRACKETED = re.compile(r"\(([0-9])\)(?=[0-9])|(?<=[0-9])\(([0-9])\)")
LOOKS = "OoIliSBZQDGgqbzs"
"""Letters that may be digits. The first five are often meant so, the last eight rarely."""
_LOOKS = str.maketrans(LOOKS, "0011158200699625")
_LOOK_ALIKE = re.compile(
    r"(?<=[0-9])[OoIliSBZ]{0,8}[OoIli](?![A-Za-z])|(?<=[0-9])[OoIliSBZ]{1,8}(?=[0-9])"
    r"|(?<![A-Za-z])[OoIli]{1,8}(?=[0-9])"
    r"|(?<=[0-9OoIli][ \-._/*,\n])[OoIli](?![A-Za-z])"
    r"|(?<=[0-9][ \-._/*])[SBZ](?=[ \-._/*][0-9])"
    r"|(?<![A-Za-z])[OoIli](?=[ \-._/*\n][0-9])"
)
# No hash: those have other letters as well.
_TOKEN = re.compile(rf"(?<![A-Za-z0-9])[0-9{LOOKS}]{{7,40}}+(?![A-Za-z0-9])")
_BETWEEN = "然后|然後|接着|接著|紧接着|后面|之后|再来|再|那个|空格|横线|横|短杠|斜杠"
_SAID = re.compile(rf"(?<=[{DIGITS}]) ?(?:{_BETWEEN})[是呢]? ?(?=[{DIGITS}])")
_TO_DIGITS = {ord(sign): digit for sign, digit in CHINESE.items()} | {ord(FILL): None}


def has_words_between(text: str) -> bool:
    """Say whether such a Chinese word stands behind a digit as is said between two."""
    return not text.isascii() and _SAID.search(text) is not None


def readable(text: str, *, words: bool, letters: bool, tags: bool, between: bool = False) -> str:
    """Return ``text``, as long as before, with digits for what may stand for them."""
    if tags:
        text = _TAG.sub(lambda tag: "|".ljust(len(tag[0]), FILL), text)
        text = _BRACKETED.sub(lambda one: (one[1] or one[2]).ljust(3, FILL), text)
    if words:
        text = _with_spoken(text)
    if between:
        text = _SAID.sub(lambda said: "-".ljust(len(said[0]), FILL), text)
    if letters:
        text = _TOKEN.sub(_guessed, text)
        text = _LOOK_ALIKE.sub(lambda letter: letter[0].translate(_LOOKS), text)
    return text


def _guessed(token: re.Match[str]) -> str:
    written = token[0].translate(_LOOKS)
    guesses = sum(map(str.isalpha, token[0]))
    return written if 0 < guesses * 5 <= len(written) * 2 else token[0]


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
