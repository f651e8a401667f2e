"""The check characters of the demo's identity and card numbers.

Owns the two computations and nothing else: whether a number was ever issued is not asked here.
"""

from .errors import DemoDataError

_MOD_11_2_CHARACTERS = "0123456789X"


def mod_11_2_character(digits: str) -> str:
    """The ISO 7064 MOD 11-2 check character of a digit string.

    A resident identity number is 17 digits and this character (GB 11643-1999).

    Raises:
        DemoDataError: `digits` is empty or has a character other than 0 to 9.
    """
    remainder = 0
    for digit in _decimal(digits):
        remainder = (remainder + digit) * 2 % 11
    return _MOD_11_2_CHARACTERS[(12 - remainder) % 11]


def luhn_digit(digits: str) -> str:
    """The check digit to append to a card number's digits (ISO/IEC 7812-1, annex B).

    Raises:
        DemoDataError: `digits` is empty or has a character other than 0 to 9.
    """
    total = 0
    for place, digit in enumerate(reversed(_decimal(digits))):
        weighted = digit * 2 if place % 2 == 0 else digit
        total += weighted // 10 + weighted % 10
    return str(-total % 10)


def _decimal(digits: str) -> list[int]:
    if not (digits.isascii() and digits.isdigit()):
        raise DemoDataError("a check character is computed over the digits 0 to 9 only")
    return [int(digit) for digit in digits]
