"""Check digits and remainders of the numbers in this folder; pure arithmetic over ASCII.

Sources: ISO 7064 MOD 97-10 (IBAN), American Bankers Association (routing number), NHS Data
Dictionary (NHS number), Verhoeff 1969 (Aadhaar), Australian Taxation Office (TFN) and Business
Register (ABN), Bitcoin's Base58Check and BIP 173/350 (bech32). Luhn is ``check_digits``'.
"""

import hashlib

_VALUES = {
    character: str(int(character, 36)) for character in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
}
_BASE58 = {
    one: at for at, one in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
}
_BECH32 = {one: at for at, one in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_BECH32_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_ENDS = (1, 0x2BC830A3)
_SWAPS = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _powers() -> tuple[tuple[int, ...], ...]:
    rows = [tuple(range(10))]
    for _ in range(7):
        rows.append(tuple(rows[-1][one] for one in _SWAPS))
    return tuple(rows)


_VERHOEFF = _powers()


def weighted_sum(digits: str, weights: tuple[int, ...]) -> int:
    """Return the sum of the digits times the weights, as many as there are weights."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def has_mod_97_check(iban: str) -> bool:
    """Whether an IBAN in capitals, without spaces, has the remainder 1."""
    return int("".join(map(_VALUES.__getitem__, iban[4:] + iban[:4]))) % 97 == 1


def has_aba_check(digits: str) -> bool:
    """Whether nine digits are weighted 3, 7, 1 to a multiple of ten."""
    return weighted_sum(digits, (3, 7, 1, 3, 7, 1, 3, 7, 1)) % 10 == 0


def has_nhs_check(digits: str) -> bool:
    """Whether ten digits are weighted 10 down to 1 to a multiple of eleven."""
    return weighted_sum(digits, (10, 9, 8, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def has_tfn_check(digits: str) -> bool:
    """Whether nine digits hold the check of an Australian tax file number."""
    return weighted_sum(digits, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def has_abn_check(digits: str) -> bool:
    """Whether eleven digits, the first less one, are weighted to a multiple of 89."""
    return (weighted_sum(digits, (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)) - 10) % 89 == 0


def has_verhoeff_check(digits: str) -> bool:
    """Whether the last digit is Verhoeff's check: multiplication in the dihedral group D5."""
    state = 0
    for place, digit in enumerate(reversed(digits)):
        other = _VERHOEFF[place % 8][int(digit)]
        turn = (state % 5 + (other % 5 if state < 5 else -(other % 5))) % 5
        state = turn + (5 if (state < 5) != (other < 5) else 0)
    return state == 0


def has_base58_check(text: str) -> bool:
    """Whether 25 bytes in base 58 end in the first four of the double SHA-256 of the rest."""
    number = 0
    for character in text:
        number = number * 58 + _BASE58[character]
    if number.bit_length() > 200:
        return False
    raw = number.to_bytes(25)
    return hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def has_bech32_check(text: str) -> bool:
    """Whether a segregated-witness address in lower case has the remainder of bech32 or bech32m."""
    prefix, _, data = text.rpartition("1")
    values = [ord(one) >> 5 for one in prefix] + [0] + [ord(one) & 31 for one in prefix]
    remainder = 1
    for value in (*values, *(_BECH32[one] for one in data)):
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_BECH32_GENERATORS):
            remainder ^= generator if top >> bit & 1 else 0
    return remainder in _BECH32_ENDS
