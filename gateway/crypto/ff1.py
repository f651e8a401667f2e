"""FF1, the format-preserving encryption of NIST SP 800-38G: numerals in, as many numerals out.

Owns the ten rounds over AES. Refuses domains of fewer than a million values (revision 1, section
5.1). FF3 and FF3-1 are not here on purpose: attacks on both are known (Durak and Vaudenay, CRYPTO
2017; Beyne, CRYPTO 2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from gateway.crypto.errors import CryptoError, KeyMaterialError

MIN_DOMAIN = 1_000_000
MAX_NUMERALS = 4096
_ROUNDS = 10
_BLOCK = 16
_NUMERALS = "0123456789abcdefghijklmnopqrstuvwxyz"


class FormatPreservingError(CryptoError):
    """The algorithm, the radix or the text is outside what FF1 may be used for."""


def min_numerals(radix: int) -> int:
    """The fewest numerals of a text of this radix: the domain then has a million values."""
    if not 2 <= radix <= len(_NUMERALS):
        raise FormatPreservingError("a radix is 2 to 36")
    count, domain = 2, radix**2
    while domain < MIN_DOMAIN:
        count, domain = count + 1, domain * radix
    return count


@dataclass(frozen=True, slots=True, eq=False)
class Ff1:
    """FF1 under one AES key of 16, 24 or 32 bytes, over texts of digits and lower-case letters.

    Raises:
        KeyMaterialError: the key has another length.
        FormatPreservingError: the radix is not 2 to 36.
    """

    _key: bytes = field(repr=False)
    radix: int = 10

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if len(self._key) not in (16, 24, 32):
            raise KeyMaterialError("an AES key is 16, 24 or 32 bytes")
        min_numerals(self.radix)

    def encrypt(self, tweak: bytes, text: str) -> str:
        """The text's image under the permutation that key, tweak and length choose.

        Raises:
            FormatPreservingError: the text has other characters, or its domain is too small.
        """
        left, right = self._halves(text)
        rounds = _Rounds(self._key, self.radix, tweak, len(left), len(right))
        for number in range(_ROUNDS):
            added = rounds.value(number, right)
            left, right = right, rounds.shifted(number, left, added)
        return _text(left) + _text(right)

    def decrypt(self, tweak: bytes, text: str) -> str:
        """The text whose image this is; raises as ``encrypt`` does."""
        left, right = self._halves(text)
        rounds = _Rounds(self._key, self.radix, tweak, len(left), len(right))
        for number in reversed(range(_ROUNDS)):
            taken = -rounds.value(number, left)
            left, right = rounds.shifted(number, right, taken), left
        return _text(left) + _text(right)

    def _halves(self, text: str) -> tuple[list[int], list[int]]:
        if not min_numerals(self.radix) <= len(text) <= MAX_NUMERALS:
            raise FormatPreservingError(
                "the text is too short to hide among a million, or too long"
            )
        numerals = [_NUMERALS.find(one) for one in text]
        if any(not 0 <= one < self.radix for one in numerals):
            raise FormatPreservingError("the text has a character that is no numeral")
        middle = len(numerals) // 2
        return numerals[:middle], numerals[middle:]


class _Rounds:
    """The round function of one call: what steps 3 to 6 of algorithm 7 say."""

    def __init__(self, key: bytes, radix: int, tweak: bytes, left: int, right: int) -> None:
        self._radix = radix
        self._moduli = radix**left, radix**right
        self._lengths = left, right
        self._bytes = ((self._moduli[1] - 1).bit_length() + 7) // 8
        self._wide = 4 * ((self._bytes + 3) // 4) + 4
        head = b"\x01\x02\x01" + radix.to_bytes(3, "big") + b"\x0a" + bytes([left % 256])
        head += (left + right).to_bytes(4, "big") + len(tweak).to_bytes(4, "big")
        self._start = head + tweak + bytes(-(len(tweak) + self._bytes + 1) % _BLOCK)
        self._key = key

    def value(self, number: int, half: Sequence[int]) -> int:
        """The number y of a round: PRF over P and Q, stretched by CIPH."""
        tail = bytes([number]) + _number(half, self._radix).to_bytes(self._bytes, "big")
        mac = Cipher(AES(self._key), CBC(bytes(_BLOCK))).encryptor().update(self._start + tail)
        block = mac[-_BLOCK:]
        stretched = bytearray(block)
        if len(stretched) < self._wide:
            cipher = Cipher(AES(self._key), ECB()).encryptor()  # noqa: S305 - FF1's CIPH, one block
            self._stretch(stretched, block, cipher)
        return int.from_bytes(stretched[: self._wide], "big")

    def _stretch(self, into: bytearray, block: bytes, cipher: CipherContext) -> None:
        first, count = int.from_bytes(block, "big"), 1
        while len(into) < self._wide:
            into += cipher.update((first ^ count).to_bytes(_BLOCK, "big"))
            count += 1

    def shifted(self, number: int, half: Sequence[int], by: int) -> list[int]:
        """The half of a round, moved by a number modulo its size."""
        which = number % 2
        moved = (_number(half, self._radix) + by) % self._moduli[which]
        numerals = [0] * self._lengths[which]
        for at in range(self._lengths[which] - 1, -1, -1):
            moved, numerals[at] = divmod(moved, self._radix)
        return numerals


def _number(numerals: Sequence[int], radix: int) -> int:
    number = 0
    for one in numerals:
        number = number * radix + one
    return number


def _text(numerals: Sequence[int]) -> str:
    return "".join(_NUMERALS[one] for one in numerals)
