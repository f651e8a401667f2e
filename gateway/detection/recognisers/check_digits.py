"""Check digits of identity and card numbers. Pure arithmetic over strings of ASCII digits."""

_LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def has_luhn_check(digits: str) -> bool:
    """Whether the last of `digits` is the Luhn check of the rest (ISO/IEC 7812-1, annex B)."""
    plain = sum(int(digit) for digit in digits[-1::-2])
    doubled = sum(_LUHN_DOUBLED[int(digit)] for digit in digits[-2::-2])
    return (plain + doubled) % 10 == 0


def has_mod_11_2_check(number: str) -> bool:
    """Whether the last character, 0-9 or X, is the ISO 7064 MOD 11-2 check of the rest."""
    remainder = 0
    for digit in number[:-1]:
        remainder = (remainder + int(digit)) * 2 % 11
    last = 10 if number[-1] in "Xx" else int(number[-1])
    return (remainder + last) % 11 == 1
