"""The numbers of a made-up applicant: identity, telephone, card.

Owns their form and their check digits. Where a range exists that can belong to nobody, the number
is drawn from it.
"""

from datetime import date
from random import Random

from .check_digits import luhn_digit, mod_11_2_character

_CHINESE_MOBILE_PREFIXES = ("133", "135", "136", "138", "139", "150", "158", "177", "186", "189")


def resident_id(rng: Random, region_code: str, born: date, *, female: bool) -> str:
    """A resident identity number: region, birth date, sequence (odd: male), check character.

    Source: GB 11643-1999 with region codes of GB/T 2260.
    """
    sequence = rng.randrange(2, 1000, 2) if female else rng.randrange(1, 1000, 2)
    body = f"{region_code}{born:%Y%m%d}{sequence:03d}"
    return body + mod_11_2_character(body)


def unissued_ssn(rng: Random) -> str:
    """An SSN in form only: areas 900 to 999 are never issued, and ITINs there start at group 50.

    Source: SSA on SSN randomisation; IRS on the ITIN's form.
    """
    return f"{rng.randint(900, 999)}-{rng.randint(1, 49):02d}-{rng.randint(1, 9999):04d}"


def chinese_mobile(rng: Random) -> str:
    """Eleven digits under a mobile prefix in use; China sets no range aside for fiction."""
    return f"{rng.choice(_CHINESE_MOBILE_PREFIXES)}{rng.randrange(10**8):08d}"


def fictional_phone(area_code: str, last_two: int) -> str:
    """`(area) 555-01xx`, the block that the North American plan sets aside for fiction."""
    return f"({area_code}) 555-01{last_two:02d}"


def card(rng: Random, prefix: str, length: int) -> str:
    """A card number of `length` digits that starts with `prefix` and passes Luhn."""
    free = length - len(prefix) - 1
    body = prefix + f"{rng.randrange(10**free):0{free}d}"
    return body + luhn_digit(body)
