"""Invented but valid numbers that states give to persons, with check digits of their own.

Owns the identity, tax, health and travel numbers of ``international_numbers``, and how a form is
filled. Refuses to draw from any real person's data.
"""

from random import Random

from support.international_tables import UK_AREAS, ZIP_OF_STATE

DIGITS = "0123456789"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def some(rng: Random, characters: str, count: int) -> str:
    return "".join(rng.choice(characters) for _ in range(count))


def digits(rng: Random, count: int) -> str:
    return some(rng, DIGITS, count)


def with_luhn(body: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def us_ssn(rng: Random) -> str:
    area = rng.choice([*range(1, 666), *range(667, 900)])
    gap = rng.choice("---- ")
    return f"{area:03}{gap}{rng.randint(1, 99):02}{gap}{rng.randint(1, 9999):04}"


def us_itin(rng: Random) -> str:
    group = rng.choice([*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)])
    return f"9{digits(rng, 2)}-{group}-{digits(rng, 4)}"


def us_ein(rng: Random) -> str:
    return f"{rng.choice(('12', '20', '45', '53', '61', '82', '95', '99'))}-{digits(rng, 7)}"


def us_driver_license(rng: Random) -> str:
    form = rng.choice(
        ("@#######", "########", "#########", "@############", "@@######", "@########")
    )
    return filled(rng, form)


def filled(rng: Random, form: str) -> str:
    """Digits for ``#``, letters for ``@``."""
    drawn = {"#": DIGITS, "@": "ABCDEFGHJKLMNPRSTUVWXYZ"}
    return "".join(rng.choice(drawn[one]) if one in drawn else one for one in form)


def us_passport(rng: Random) -> str:
    return filled(rng, rng.choice(("#########", "A########")))


def uk_passport(rng: Random) -> str:
    return filled(rng, "#########")


def uk_nhs(rng: Random) -> str:
    while True:
        body = rng.choice("4679") + digits(rng, 8)
        rest = 11 - sum(int(one) * (10 - at) for at, one in enumerate(body)) % 11
        if rest != 10:
            number = body + str(rest % 11)
            return f"{number[:3]} {number[3:6]} {number[6:]}"


def uk_nino(rng: Random) -> str:
    while True:
        prefix = rng.choice("ABCEGHJKLMNOPRSTWXYZ") + rng.choice("ABCEGHJKLMNPRSTWXYZ")
        if prefix not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"):
            break
    pairs = [prefix, digits(rng, 2), digits(rng, 2), digits(rng, 2), rng.choice("ABCD")]
    return rng.choice(("", " ")).join(pairs)


def uk_postcode(rng: Random) -> str:
    inward = rng.choice(DIGITS) + some(rng, "ABDEFGHJLNPQRSTUWXYZ", 2)
    return f"{rng.choice(UK_AREAS)}{rng.randint(1, 20)} {inward}"


def us_zip_code(rng: Random) -> str:
    _, prefix = rng.choice(ZIP_OF_STATE)
    tail = f"-{rng.randint(1, 9999):04}" if rng.random() < 0.3 else ""
    return f"{prefix}{digits(rng, 2)}{tail}"


def ca_sin(rng: Random) -> str:
    number = with_luhn(rng.choice("1234567") + digits(rng, 7))
    return rng.choice(("", " ", "-")).join((number[:3], number[3:6], number[6:]))


def weighted(number: str, weights: tuple[int, ...]) -> int:
    return sum(int(one) * weight for one, weight in zip(number, weights, strict=True))


def au_tfn(rng: Random) -> str:
    while True:
        number = rng.choice("123456789") + digits(rng, 8)
        if weighted(number, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0:
            return f"{number[:3]} {number[3:6]} {number[6:]}"


def au_abn(rng: Random) -> str:
    while True:
        number = rng.choice("123456789") + digits(rng, 10)
        less = str(int(number[0]) - 1) + number[1:]
        if weighted(less, (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)) % 89 == 0:
            return f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}"


def in_pan(rng: Random) -> str:
    return some(rng, UPPER, 3) + rng.choice("PCHFT") + rng.choice(UPPER) + filled(rng, "####@")


def _verhoeff_tables() -> tuple[list[list[int]], list[list[int]]]:
    """The multiplication of the dihedral group D5 and the powers of Verhoeff's permutation."""

    def product(one: int, other: int) -> int:
        turn = (one % 5 + (other % 5 if one < 5 else -other % 5)) % 5
        return turn + (5 if (one < 5) != (other < 5) else 0)

    powers = [list(range(10))]
    step = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    for _ in range(7):
        powers.append([powers[-1][one] for one in step])
    return [[product(one, other) for other in range(10)] for one in range(10)], powers


def in_aadhaar(rng: Random) -> str:
    times, powers = _verhoeff_tables()
    body = rng.choice("23456789") + digits(rng, 10)
    for check in DIGITS:
        state = 0
        for place, digit in enumerate(reversed(body + check)):
            state = times[state][powers[place % 8][int(digit)]]
        if state == 0:
            number = body + check
            return rng.choice(("", " ")).join((number[:4], number[4:8], number[8:]))
    raise AssertionError("one of ten digits is the check digit")


def sg_nric_fin(rng: Random) -> str:
    kind, body = rng.choice("STFG"), digits(rng, 7)
    total = weighted(body, (2, 7, 6, 5, 4, 3, 2)) + (4 if kind in "TG" else 0)
    return kind + body + ("JZIHGFEDCBA" if kind in "ST" else "XWUTRQPNMLK")[total % 11]


def hk_identity_card(rng: Random) -> str:
    letter, body = rng.choice("ABCDEFGHKMPRVYZ"), digits(rng, 6)
    total = 9 * 36 + 8 * int(letter, 36)
    total += sum(int(one) * (7 - at) for at, one in enumerate(body))
    check = "0123456789A"[-total % 11]
    return f"{letter}{body}({check})"


def us_mbi(rng: Random) -> str:
    letters, both = "ACDEFGHJKMNPQRTUVWXY", "ACDEFGHJKMNPQRTUVWXY0123456789"
    drawn = {"C": "123456789", "A": letters, "M": both, "N": DIGITS}
    body = "".join(rng.choice(drawn[one]) for one in "CAMNAMNAANN")
    return rng.choice((body, f"{body[:4]}-{body[4:7]}-{body[7:]}"))
