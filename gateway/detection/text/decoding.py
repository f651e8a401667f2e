"""What is encoded character by character: percent-encoding, HTML entities, backslash escapes.

Owns one level of these encodings; each character keeps its extent.
Refuses nothing: what is no valid escape stays as it is written.
"""

import html.entities
import re
from collections.abc import Iterator

from gateway.detection.text.rewriting import Edit

_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})++")
_HEX_ESCAPE = re.compile(r"(?:\\x[0-9A-Fa-f]{2})++")
_ENTITY = re.compile(
    r"&(?:#([0-9]{1,7}+);?|#[xX]([0-9A-Fa-f]{1,6}+);?|([A-Za-z][A-Za-z0-9]{1,31}+;))"
)
_UNICODE = re.compile(
    r"\\u\{([0-9A-Fa-f]{1,6})\}|\\U([0-9A-Fa-f]{8})|(?:\\u|%u|U\+)([0-9A-Fa-f]{4})(?![0-9A-Fa-f])"
    r"|\\u([0-9A-Fa-f]{4})"
)
_LAST = 0x10FFFF
_CHARSETS = ("utf-8", "gb18030")


def escapes(text: str) -> Iterator[Edit]:
    """Yield what stands for each escape of ``text``, in no order."""
    if "%" in text:
        yield from _bytes_edits(text, _PERCENT, 3)
    if "&" in text:
        yield from _entities(text)
    if "\\" in text:
        yield from _bytes_edits(text, _HEX_ESCAPE, 4)
    if "\\" in text or "U+" in text or "%u" in text:
        yield from _unicode(text)


def _bytes_edits(text: str, pattern: re.Pattern[str], width: int) -> Iterator[Edit]:
    for match in pattern.finditer(text):
        raw = bytes.fromhex(_hex_of(match[0], width))
        yield _bytes_edit(match.start(), match.end(), raw, width)


def _hex_of(escapes: str, width: int) -> str:
    return "".join([escapes[at : at + 2] for at in range(width - 2, len(escapes), width)])


def _bytes_edit(start: int, end: int, raw: bytes, width: int) -> Edit:
    """Return the edit of escaped bytes, each of ``width`` characters from ``start``."""
    for charset in _CHARSETS:
        try:
            decoded = raw.decode(charset)
        except UnicodeDecodeError:
            continue
        starts, ends = [], []
        at = start
        for character in decoded:
            size = 1 if character.isascii() else len(character.encode(charset))
            starts.append(at)
            at += size * width
            ends.append(at)
        return Edit(start, end, decoded, starts, ends)
    places = range(start, end, width)
    return Edit(start, end, raw.decode("latin-1"), places, [at + width for at in places])


def _entities(text: str) -> Iterator[Edit]:
    for match in _ENTITY.finditer(text):
        decimal, hexadecimal, name = match.groups()
        if name:
            character = html.entities.html5.get(name)
        else:
            character = _character(int(decimal or hexadecimal, 10 if decimal else 16))
        if character:
            yield Edit(match.start(), match.end(), character)


def _unicode(text: str) -> Iterator[Edit]:
    high: tuple[int, int, int] | None = None
    for match in _UNICODE.finditer(text):
        code = int(next(filter(None, match.groups())), 16)
        start, end = match.span()
        if high is not None and high[1] == start and 0xDC00 <= code < 0xE000:
            pair = 0x10000 + ((high[2] - 0xD800) << 10) + (code - 0xDC00)
            yield Edit(high[0], end, chr(pair))
            high = None
            continue
        high = (start, end, code) if 0xD800 <= code < 0xDC00 else None
        if (character := _character(code)) is not None:
            yield Edit(start, end, character)


def _character(code: int) -> str | None:
    return chr(code) if 0 < code <= _LAST and not 0xD800 <= code < 0xE000 else None
