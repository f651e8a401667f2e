"""Check characters of identity, card, company and vehicle numbers.

Owns pure arithmetic over strings of ASCII digits and upper-case letters. Refuses to look at form:
a character that the standard does not know fails the check, or raises where the caller has
promised digits. Sources: ISO/IEC 7812-1 annex B, ISO 7064, GB 11643, GB 11714, GB 32100, GS 15,
GB 16735.
"""

from operator import mul

_LUHN_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")
_MOD_11_2_WEIGHTS = tuple(pow(2, place, 11) for place in range(32, 0, -1))
_MOD_11_2_BY_SIZE = [
    (_MOD_11_2_WEIGHTS[32 - size :], 48 * sum(_MOD_11_2_WEIGHTS[32 - size :])) for size in range(33)
]
"""By how many digits come before the check: their weights, and what their codes are too much."""
_UNKNOWN = 255


def _values(*signs: str) -> bytes:
    """Return the table of what each sign of these alphabets counts, by its code."""
    table = bytearray([_UNKNOWN]) * 256
    for alphabet in signs:
        for value, sign in enumerate(alphabet):
            table[ord(sign)] = value
    return bytes(table)


_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_VALUES = _values("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_CREDIT_VALUES = _values("0123456789ABCDEFGHJKLMNPQRTUWXY")
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_VIN_VALUES = {
    **{digit: int(digit) for digit in "0123456789"},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    **dict(zip("PRSTUVWXYZ", (7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def has_luhn_check(digits: str) -> bool:
    """Whether the last of `digits` is the Luhn check of the rest (ISO/IEC 7812-1, annex B)."""
    reverse = digits[::-1].encode("ascii")
    doubled = reverse[1::2].translate(_LUHN_DOUBLED)
    # Sums of codes: 48 too much for every digit.
    return (sum(reverse[::2]) + sum(doubled) - 48 * len(reverse)) % 10 == 0


def has_mod_11_2_check(number: str) -> bool:
    """Whether the last character, 0-9 or X, is the ISO 7064 MOD 11-2 check of the rest."""
    weights, codes = _MOD_11_2_BY_SIZE[len(number) - 1]
    last = 10 if number[-1] in "Xx" else int(number[-1])
    total: int = sum(map(mul, number[:-1].encode("ascii"), weights))
    return (total - codes + last) % 11 == 1


def has_mod_11_10_check(digits: str) -> bool:
    """Whether the last digit is the ISO 7064 MOD 11,10 check of the rest (GS 15-2006)."""
    product = 10
    for digit in digits[:-1]:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return (product + int(digits[-1])) % 10 == 1


def has_organisation_check(code: str) -> bool:
    """Whether the ninth character of an organisation code is its check (GB 11714-1997)."""
    values = code[:8].encode("latin-1", "replace").translate(_ORGANISATION_VALUES)
    if len(code) != 9 or _UNKNOWN in values:
        return False
    total = sum(map(mul, values, _ORGANISATION_WEIGHTS))
    return "0123456789X0"[11 - total % 11] == code[8]


def has_credit_code_check(code: str) -> bool:
    """Whether the eighteenth character of a unified social credit code is its check (GB 32100)."""
    values = code.encode("latin-1", "replace").translate(_CREDIT_VALUES)
    if len(code) != 18 or _UNKNOWN in values:
        return False
    total: int = sum(map(mul, values, _CREDIT_WEIGHTS))
    return (total + values[17]) % 31 == 0


def has_vin_check(number: str) -> bool:
    """Whether the ninth character of a vehicle number is its check (GB 16735, ISO 3779)."""
    values = [_VIN_VALUES.get(sign) for sign in number]
    if len(number) != 17 or None in values:
        return False
    total = sum((v or 0) * w for v, w in zip(values, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11] == number[8]
