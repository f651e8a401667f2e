"""MAC_ADDRESS: six octets with colons or dashes, or three groups with dots.

Source: IEEE 802 (48-bit extended unique identifiers). Refuses a part of a longer row of octets,
such as a certificate's fingerprint, and scores low what names no device (all zeros, broadcast).
"""

from collections.abc import Iterator
from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding, Recogniser
from gateway.detection.recognisers.international.labelled import reason
from gateway.detection.recognisers.international.labels import label_of
from gateway.detection.recognisers.international.neighbours import alone
from gateway.detection.recognisers.patterns import Pattern
from gateway.detection.text.view import View

_PAIR = "[0-9A-Fa-f]{2}"
_FOUR = "[0-9A-Fa-f]{4}"
_SHAPE = rf"{_PAIR}(?::{_PAIR}){{5,}}|{_PAIR}(?:-{_PAIR}){{5,}}|{_FOUR}(?:\.{_FOUR}){{2}}"
_TOPIC = "MAC_ADDRESS"


class MacAddressRecogniser(Recogniser):
    """Finds addresses of network devices."""

    ENTITIES = (_TOPIC,)
    GATES = (rf"{_PAIR}(?:[:-]{_PAIR}){{5}}", rf"(?:^|[^0-9A-Za-z]){_FOUR}\.{_FOUR}\.{_FOUR}")
    CONTEXT: ClassVar = {
        _TOPIC: (
            "mac",
            "mac address",
            "mac addr",
            "hwaddr",
            "ether",
            "bssid",
            "物理地址",
            "mac地址",
        )
    }
    _PATTERN = Pattern(_SHAPE)

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the addresses."""
        for match in self._PATTERN.matches(view.ascii):
            octets = "".join(filter(str.isalnum, match.text)).lower()
            if len(octets) != 12 or not alone(view.ascii, match.start, match.end):
                continue
            label = label_of(view, (_TOPIC,), match.start, match.end)
            score = LIKELY if label else _score(match.text, octets)
            why = reason(None, label)
            yield Finding(match.start, match.end, _TOPIC, score, "six octets", why)


def _score(text: str, octets: str) -> float:
    if len(set(octets)) == 1:
        return WEAK
    lettered = not octets.isdigit()
    if lettered and octets.isalpha() and "." in text:
        return WEAK
    if lettered:
        return LIKELY
    # Six pairs of digits with dashes are a moment, unless some pair is no minute.
    is_moment = "." in text or ("-" in text and max(text.split("-")) < "60")
    return WEAK if is_moment else POSSIBLE
