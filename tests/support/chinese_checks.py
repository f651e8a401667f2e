"""Check characters of Chinese numbers, written from the standards and apart from the gateway's."""

CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def resident_check(body: str) -> str:
    """GB 11643-1999: the weights and check characters of its table."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return "10X98765432"[total % 11]


def luhn_check(body: str) -> str:
    """ISO/IEC 7812-1, annex B: every second digit doubled, from the right."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def organisation_check(body: str) -> str:
    """GB 11714-1997: weights 3 7 9 10 5 8 4 2 over 0-9 A-Z, modulo 11."""
    signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    total = sum(signs.index(s) * w for s, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return "0123456789X0"[11 - total % 11]


def credit_code_check(body: str) -> str:
    """GB 32100-2015: weights 3^(i-1) mod 31 over 31 signs."""
    total = sum(CREDIT_SIGNS.index(sign) * pow(3, i, 31) for i, sign in enumerate(body))
    return CREDIT_SIGNS[-total % 31]


def licence_check(body: str) -> str:
    """GS 15-2006: ISO 7064 MOD 11,10."""
    for check in range(10):
        product = 10
        for digit in body:
            product = ((product + int(digit)) % 10 or 10) * 2 % 11
        if (product + check) % 10 == 1:
            return str(check)
    raise AssertionError("one of ten digits is the check digit")


def vin_check(number_with_gap: str) -> str:
    """GB 16735: weights over the transliterated signs, modulo 11."""
    values = dict(zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", _VIN_VALUES, strict=True))
    total = sum(values[s] * w for s, w in zip(number_with_gap, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11]


_VIN_VALUES = (*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
