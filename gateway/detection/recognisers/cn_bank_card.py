"""CN_BANK_CARD: 13 to 19 digits with a Luhn check, whole or in groups (ISO/IEC 7812-1).

Covers what Presidio's card pattern misses: 19 digits, and digits beside Chinese characters. Groups
are of four digits and more, the last excepted, so that a date beside an amount is no card.
"""

import re
from collections.abc import Iterator

from gateway.detection.recognisers.candidates import CandidateRecogniser
from gateway.detection.recognisers.check_digits import has_luhn_check

_SHORTEST, _LONGEST = 13, 19
_LEAST_GROUP = 4
_RUN = re.compile(r"[0-9]+(?:[ -]{1,3}[0-9]+)*")
_GROUP = re.compile(r"[0-9]+")


class CnBankCardRecogniser(CandidateRecogniser):
    """Finds payment card numbers of any issuer, also between Chinese characters."""

    ENTITY = "CN_BANK_CARD"

    def proved(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the extents of card numbers, separators between groups included."""
        for run in _RUN.finditer(text):
            if run.end() - run.start() >= _SHORTEST:
                yield from _cards(list(_GROUP.finditer(text, run.start(), run.end())))


def _cards(groups: list[re.Match[str]]) -> Iterator[tuple[int, int]]:
    # A number may stand next to the card, so every window of whole groups is tried.
    for first, opening in enumerate(groups):
        digits = ""
        for group in groups[first:]:
            digits += group[0]
            if len(digits) > _LONGEST:
                break
            if _is_card(digits):
                yield opening.start(), group.end()
            if len(group[0]) < _LEAST_GROUP:
                break


def _is_card(digits: str) -> bool:
    if len(digits) < _SHORTEST or digits[0] == "0":
        return False
    # Thirteen digits that begin with 1 are a time in milliseconds; no card has that form.
    if len(digits) == _SHORTEST and digits[0] == "1":
        return False
    return has_luhn_check(digits)
