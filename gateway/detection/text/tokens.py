"""What base64 and hex stand for: a token as a whole stands for what it decodes to.

Owns what a token is and which decoded text is plausible. Refuses a second level, and bytes that are
no text in UTF-8 or GBK; what decodes to nothing readable is left as it is.
"""

import binascii
import re
from collections.abc import Iterator

from gateway.detection.text.folding import Folded
from gateway.detection.text.gates import Worth
from gateway.detection.text.rewriting import Edit, extent
from gateway.detection.text.settled import NOWHERE, Settled

_HEX = re.compile(
    r"(?<![0-9A-Za-z])(?:0x)?([0-9A-Fa-f]{2}(?:[0-9A-Fa-f]{2}){7,}+)(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])(?:0x)?[0-9A-Fa-f]{2}"
    r"(?:[ :,-]{1,2}(?:0x)?[0-9A-Fa-f]{2}(?![0-9A-Za-z])){7,}+"
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}+={0,2}")
_PIECE = re.compile(r"[A-Za-z0-9+]{12,}+={0,2}")
_MIXED = re.compile("[0-9][A-Za-z]|[A-Za-z][0-9]|[a-z][A-Z]")
_HEX_NOISE = re.compile(r"0x|[ :,-]")
_TO_STANDARD = str.maketrans("-_", "+/")
_LEAST = 6
_BREAKS = re.compile(r"[\n\r\t]")
_NUMBER_OR_ADDRESS = re.compile(r"(?:[0-9][ .-]?){5}|@")
_ODD = re.compile(r"[^0-9A-Za-z\s.,:;@_+/=()'\"{}\-\u00c0-\u024f\u3000-\u9fff\uff00-\uff9f]")


def tokens(base: Folded, look: Worth, settled: Settled = NOWHERE) -> Iterator[Edit]:
    """Yield what stands for each token of ``base``, in no order; ``look`` is that of its text.

    What stands within a ``settled`` place of the original stays as it is written.
    """
    text = base.text
    starts = set()
    for match in _HEX.finditer(text) if look.hex else ():
        if settled.covers(*extent(base, *match.span())):
            continue
        if edit := _from_hex(match):
            starts.add(edit.start)
            yield edit
    for match in _BASE64.finditer(text) if look.base64 else ():
        if match.start() not in starts and not settled.covers(*extent(base, *match.span())):
            yield from _from_base64(match)


def _from_hex(match: re.Match[str]) -> Edit | None:
    raw = bytes.fromhex(match[1] or _HEX_NOISE.sub("", match[0]))
    plain = readable(raw)
    return Edit(match.start(), match.end(), plain) if plain else None


def _from_base64(match: re.Match[str]) -> Iterator[Edit]:
    if plain := _base64(match[0]):
        yield Edit(match.start(), match.end(), plain)
    elif any(sign in match[0] for sign in "/-_"):
        # Signs of base64 may also stand around it: in a path, an address, a name.
        for piece in _PIECE.finditer(match[0]):
            if plain := _base64(piece[0]):
                start = match.start() + piece.start()
                yield Edit(start, start + len(piece[0]), plain)


def _base64(token: str) -> str | None:
    # The same that `gates` asks of a text: digits alone decode to nothing that is read.
    if _MIXED.search(token) is None:
        return None
    body = token.rstrip("=").translate(_TO_STANDARD)
    if len(body) % 4 == 1:
        return None
    try:
        raw = binascii.a2b_base64(body + "=" * (-len(body) % 4))
    except binascii.Error:
        return None
    return readable(raw)


def readable(raw: bytes) -> str | None:
    """Return the text of ``raw`` where it is one that somebody would write."""
    if len(raw) < _LEAST:
        return None
    try:
        plain = raw.decode("utf-8")
    except UnicodeDecodeError:
        return _readable_gbk(raw)
    return plain if _is_written(plain) else None


def _readable_gbk(raw: bytes) -> str | None:
    try:
        plain = raw.decode("gb18030")
    except UnicodeDecodeError:
        return None
    # Nearly any bytes above ASCII are some character of GBK: a number or an address tells.
    return plain if _is_written(plain) and _NUMBER_OR_ADDRESS.search(plain) else None


def _is_written(plain: str) -> bool:
    """Say whether it is printable, and letters, digits and Chinese for nine tenths."""
    if not _BREAKS.sub("", plain).isprintable():
        return False
    return len(_ODD.findall(plain)) * 10 <= len(plain)
