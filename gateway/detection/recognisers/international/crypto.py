"""CRYPTO: addresses of Bitcoin (base 58 and bech32) and of Ethereum.

Sources: Bitcoin's Base58Check (versions 0 and 5), BIP 173 and BIP 350, Ethereum's forty hex digits
after 0x, which have a check in their capitals only, not read here. Refuses a failed check.
"""

from collections.abc import Iterator
from typing import ClassVar

from gateway.detection.recognisers.base import POSSIBLE, PROVED, Finding, Recogniser
from gateway.detection.recognisers.international.checks import has_base58_check, has_bech32_check
from gateway.detection.recognisers.patterns import Pattern
from gateway.detection.text.view import View

_BASE58 = "[13][1-9A-HJ-NP-Za-km-z]{25,34}"
_BECH32 = "bc1[02-9ac-hj-np-z]{11,71}|BC1[02-9AC-HJ-NP-Z]{11,71}"
_HEX = "0x[0-9A-Fa-f]{40}"


class CryptoRecogniser(Recogniser):
    """Finds addresses by their check, and by form those that have none."""

    ENTITIES = ("CRYPTO",)
    SHAPES = ("(?:^|[^0Aa])(?:0[0Aa]{25}|(?:aa|AA)0[0Aa]{11})",)
    CONTEXT: ClassVar = {}
    _PATTERN = Pattern(f"{_BECH32}|{_BASE58}|{_HEX}")

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the addresses."""
        for match in self._PATTERN.standing_alone(view.ascii):
            if match.text.startswith("0x"):
                yield Finding(
                    match.start, match.end, "CRYPTO", POSSIBLE, "forty hex digits", "form fits"
                )
            elif _checked(match.text):
                why = "check digits hold"
                yield Finding(
                    match.start, match.end, "CRYPTO", PROVED, "base 58 or 32", why, checked=True
                )


def _checked(text: str) -> bool:
    if text[:3].lower() == "bc1":
        return has_bech32_check(text.lower())
    return has_base58_check(text)
