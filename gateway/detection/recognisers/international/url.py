"""URL: addresses of the web with a scheme, with www., or with a path under a well-known suffix.

Source: RFC 3986 (characters). Refuses names of files and attributes (``foo.py``, ``self.name``) and
the identifiers of XML schemas, and scores what names no person's host (localhost) low.
"""

import re
from collections.abc import Iterator

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding, Recogniser
from gateway.detection.recognisers.patterns import Pattern
from gateway.detection.text.view import View

_SUFFIXES = (
    "com|cn|net|org|io|co|edu|gov|info|biz|me|cc|tv|uk|us|de|fr|it|es|nl|ch|at|se|no|dk|fi|pl|ru|jp|kr"
    "|in|au|nz|ca|br|mx|za|sg|hk|tw|my|th|id|vn|ph|app|dev|xyz|top|site|online|shop|club|ai|ly|gl|im"
)
_NAME = r"[A-Za-z0-9][A-Za-z0-9-]{0,62}"
_SCHEMES = r"(?i:https?|ftps?|sftp|wss?|rtsp)://"
_START = (
    rf"{_SCHEMES}|(?i:www)\.[A-Za-z0-9]|(?:{_NAME}\.){{1,6}}(?i:{_SUFFIXES})(?::[0-9]{{1,5}})?/"
)
_MOST = 2048
# One class, repeated: nothing to go back to.
_REST = re.compile(rf"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%|-]{{1,{_MOST}}}")
_TRAILING = ".,;:!?'*"
_SCHEMA_HOSTS = re.compile(
    r"(?:www\.w3\.org|schemas?\.[a-z.]+|xmlns\.[a-z.]+|json-schema\.org|purl\.org|ns\.adobe\.com"
    r"|localhost|127\.0\.0\.1|0\.0\.0\.0)(?=[:/]|$)"
)
_HOST = re.compile(r"[A-Za-z0-9._-]{1,255}")
_SECRET = re.compile(
    r"[?&#;](?:token|key|sig|auth|session|code|password|pwd|access_token|sid|uid|id)="
)
_BARRED_BEFORE = frozenset("@/\\.-_")


class UrlRecogniser(Recogniser):
    """Finds addresses of the web."""

    ENTITIES = ("URL",)
    SIGNS = ("/", "w.", "W.")
    GATES = ("://", r"(?i)www\.", rf"[A-Za-z0-9]\.(?i:{_SUFFIXES})(?::[0-9]{{1,5}})?/")
    _START = Pattern(_START)

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the addresses, without the punctuation that follows them."""
        reached = 0
        for match in self._START.matches(view.ascii):
            if match.start < reached or not _begins(view.text, match.start):
                continue
            rest = _REST.match(view.text, match.start)
            text = _trimmed(rest[0]) if rest else ""
            if len(text) < 6:
                continue
            reached = match.start + len(text)
            score, form = _weigh(view.text, match.start, text)
            if score:
                yield Finding(match.start, reached, "URL", score, form, "form fits")


def _begins(text: str, start: int) -> bool:
    if start == 0:
        return True
    before = text[start - 1]
    return before not in _BARRED_BEFORE and not (before.isascii() and before.isalnum())


def _weigh(text: str, start: int, url: str) -> tuple[float, str]:
    _, separator, rest = url.partition("://")
    if not separator:
        quoted = start > 0 and text[start - 1] in "\"'`"
        named = url.lower().startswith("www.") and url.count(".") > 1
        return (WEAK if quoted else POSSIBLE if named or "/" in url else 0.0), "host and path"
    host = _HOST.match(rest.rpartition("@")[2] if "@" in rest.split("/")[0] else rest)
    if host is None or _SCHEMA_HOSTS.match(rest):
        return WEAK, "scheme"
    personal = _SECRET.search(url) or "@" in rest
    return (LIKELY if personal else POSSIBLE), f"scheme{' and query' if '?' in rest else ''}"


def _trimmed(text: str) -> str:
    while text and (text[-1] in _TRAILING or _unpaired(text)):
        text = text[:-1]
    return text


def _unpaired(text: str) -> bool:
    last = text[-1]
    return (last == ")" and text.count("(") < text.count(")")) or (
        last == "]" and text.count("[") < text.count("]")
    )
