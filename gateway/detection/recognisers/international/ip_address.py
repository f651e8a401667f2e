"""IP_ADDRESS: version 4 and 6, with a port or a prefix length.

Sources: RFC 791, RFC 4291 and RFC 5952 through ``inet_pton``, which asks no network. Refuses
versions and sections (``v1.2.3.4``, ``3.2.1.4``), and scores low what names no machine (loopback,
unspecified, masks).
"""

import re
from collections.abc import Iterator
from socket import AF_INET6, inet_pton
from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding, Recogniser
from gateway.detection.recognisers.international.labelled import reason
from gateway.detection.recognisers.international.labels import label_of
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.text.view import View

_TOPIC = "IP_ADDRESS"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_V4 = rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}"
_V4_GATE = r"(?:^|[^0-9.])[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?:[^0-9]|$)"
_V6 = rf"(?:[0-9A-Fa-f]{{1,4}}:|::)(?:[0-9A-Fa-f]{{0,4}}:){{0,7}}(?:{_V4}|[0-9A-Fa-f]{{0,4}})"
_VERSION = re.compile(
    r"(?:\b(?:v|ver|version|release|rev|build|section|sec|chapter|clause|article|paragraph|para|table|figure|fig|oid)|版本|第|条|章|==|>=|<=|~=|[@^~])"
    r"[ :.=]{0,3}\Z",
    re.IGNORECASE,
)
_BESIDE = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_:")
_LETTERS_AND_DIGITS = _BESIDE - {58}
_BESIDE_V4 = _LETTERS_AND_DIGITS | {46}

_LEAST_POINTS, _LEAST_COLONS = 3, 2


class IpAddressRecogniser(Recogniser):
    """Finds addresses of machines."""

    ENTITIES = (_TOPIC,)
    SHAPES = (r"(?:^|[^0.])0{1,3}\.0{1,3}\.0{1,3}\.0{1,3}(?:[^0]|$)",)
    SIGNS = (":",)
    GATES = (
        _V4_GATE,
        r"(?:^|[^0-9A-Za-z_:]|(?i:ip|ipv6|addr|address):?)[0-9A-Fa-f:]*::[0-9A-Fa-f:.]*(?:[^0-9A-Za-z_:]|$)",
        r"(?:[0-9A-Fa-f]{1,4}:){6}[0-9A-Fa-f]",
    )
    CONTEXT: ClassVar = {
        _TOPIC: (
            "ip",
            "ips",
            "ip address",
            "ip addr",
            "ipv4",
            "ipv6",
            "host",
            "server",
            "login from",
            "logged in from",
            "from",
            "client",
            "gateway",
            "dns",
            "subnet",
            "ip地址",
            "登录地址",
            "登录",
            "网关",
            "服务器",
            "地址",
        )
    }
    _V4 = Pattern(_V4)
    _V6 = Pattern(_V6)

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the addresses of both versions."""
        if view.ascii.count(b".") >= _LEAST_POINTS:
            for match in self._V4.matches(view.ascii):
                if finding := _version_4(view, match):
                    yield finding
        if view.ascii.count(b":") < _LEAST_COLONS:
            return
        for match in self._V6.matches(view.ascii):
            if finding := _version_6(view, match):
                yield finding


def _version_4(view: View, match: Match) -> Finding | None:
    text = view.ascii
    label = label_of(view, (_TOPIC,), match.start, match.end)
    if match.start and text[match.start - 1] in _BESIDE_V4 and not (label and label.touches):
        return None
    if match.end < len(text) and text[match.end] in _LETTERS_AND_DIGITS:
        return None
    if text[match.end : match.end + 1] == b"." and text[match.end + 1 : match.end + 2].isdigit():
        return None
    score = _score_4(view, match, label is not None)
    return Finding(match.start, match.end, _TOPIC, score, "version 4", reason(None, label))


def _score_4(view: View, match: Match, labelled: bool) -> float:
    if match.text == "0.0.0.0" or match.text.startswith(("127.", "255.")):  # noqa: S104
        return WEAK
    if _VERSION.search(view.text[max(0, match.start - 12) : match.start]):
        return WEAK
    if labelled or view.ascii[match.end : match.end + 1] in (b":", b"/"):
        return LIKELY
    return LIKELY if len(match.text) - 3 >= 8 else POSSIBLE if _looks_whole(match.text) else WEAK


def _looks_whole(text: str) -> bool:
    """Say whether it is longer than sections and versions are."""
    return len(text) - 3 >= 7 or (
        len(text) - 3 >= 6 and text.startswith(("10.", "192.168.", "172."))
    )


def _version_6(view: View, match: Match) -> Finding | None:
    text = view.ascii
    end = match.end - (match.text.endswith(":") and not match.text.endswith("::"))
    found = match.text[: end - match.start]
    if found.count(":") < _LEAST_COLONS:
        return None
    if match.start and text[match.start - 1] in _LETTERS_AND_DIGITS:
        return None
    label = label_of(view, (_TOPIC,), match.start, end)
    goes_on = match.start > 1 and text[match.start - 1] == 58 and text[match.start - 2] in _BESIDE
    if goes_on and not label:
        return None
    if end < len(text) and text[end] in _LETTERS_AND_DIGITS:
        return None
    try:
        address = inet_pton(AF_INET6, found)
    except OSError:
        return None
    # The unspecified address is 0, and the loopback is 1.
    plain = int.from_bytes(address) <= 1
    long_enough = sum(map(str.isdigit, found)) >= 2 and found.count(":") >= 2 and len(found) >= 6
    score = WEAK if plain else LIKELY if label or long_enough else WEAK
    return Finding(match.start, end, _TOPIC, score, "version 6", reason(None, label))
