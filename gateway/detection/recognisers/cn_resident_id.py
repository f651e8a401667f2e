"""CN_RESIDENT_ID: the 18-character resident identity number of GB 11643-1999.

Proves region, birth date and check character (ISO 7064 MOD 11-2). Refuses the 15-digit numbers of
before 1999, which have no check and look like any serial number.
"""

import datetime
import re
from collections.abc import Iterator

from gateway.detection.recognisers.candidates import CandidateRecogniser
from gateway.detection.recognisers.check_digits import has_mod_11_2_check

# First two digits of GB/T 2260; 9 begins the numbers of foreign permanent residents.
_REGIONS = frozenset(
    str(code)
    for block in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82, 83),
        range(91, 97),
    )
    for code in block
)
# Looking ahead without consuming lets a number be found that begins inside a failed candidate.
_CANDIDATE = re.compile(
    r"(?<![0-9])(?=([1-9][0-9]{5}[ -]{0,2}(?:18|19|20)[0-9]{6}[ -]{0,2}[0-9]{3}[0-9Xx])(?![0-9]))"
)
_SEPARATORS = re.compile(r"[ -]")


class CnResidentIdRecogniser(CandidateRecogniser):
    """Finds resident identity numbers, also grouped 6-8-4 and between Chinese characters."""

    ENTITY = "CN_RESIDENT_ID"
    SCORE = 0.99

    def proved(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the extents of numbers with a plausible region and date and a right check."""
        for match in _CANDIDATE.finditer(text):
            if _is_resident_id(_SEPARATORS.sub("", match[1])):
                yield match.span(1)


def _is_resident_id(number: str) -> bool:
    return number[:2] in _REGIONS and _is_date(number[6:14]) and has_mod_11_2_check(number)


def _is_date(digits: str) -> bool:
    try:
        datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True
