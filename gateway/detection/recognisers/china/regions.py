"""Places of issue and dates of birth inside numbers.

Owns what can be a code of GB/T 2260 and what can be a date. Refuses the full table of districts:
codes come and go over a holder's life, so a number is plausible by province and city, and the
check character says the rest. Source: GB/T 2260 and its yearly revisions.
"""

import datetime
from functools import lru_cache

_BY_AREA = {  # the first digit is a part of the country, the second a province of it
    "1": "12345",
    "2": "123",
    "3": "1234567",
    "4": "123456",
    "5": "01234",
    "6": "12345",
    "7": "1",
    "8": "123",
}
PROVINCES = frozenset(area + province for area, those in _BY_AREA.items() for province in those)
_FIRST_YEAR, _LAST_YEAR = 1850, 2099
# Cities 01 to 20, prefectures (many of them before 1990) to 59, and 90: counties of the province.
_LAST_PREFECTURE, _DIRECT = 59, 90


def is_region(code: str) -> bool:
    """Whether six digits can be a county, district or city of GB/T 2260."""
    if code[:2] not in PROVINCES:
        return False
    city = int(code[2:4])
    return city <= _LAST_PREFECTURE or city == _DIRECT


def is_birth_date(digits: str) -> bool:
    """Whether eight digits are a day between 1850 and 2099."""
    return _FIRST_YEAR <= int(digits[:4]) <= _LAST_YEAR and _is_day(digits)


def is_short_birth_date(digits: str) -> bool:
    """Whether six digits are a day of the twentieth century, as numbers before 1999 have it."""
    return _is_day("19" + digits)


@lru_cache(maxsize=1024)
def _is_day(digits: str) -> bool:
    try:
        datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True
