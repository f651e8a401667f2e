"""Secret keys: generating them, and reading numbers within a declared range.

Owns the scalar x, its bytes, and the discrete logarithm that reading takes. Refuses a range wider
than 2^36, a number outside the declared range, and everything that `Ciphertext` refuses. It
answers whoever calls: that only the asker of a question reads, only once and only a signed
result, is for the keyholder to see to.

A foreign C1 is multiplied by x in two random parts (`curve.multiply_secret`), since the library's
multiplication is not constant-time; Python neither wipes x nor keeps it from being copied.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.crypto.elgamal.baby_steps import logarithm, require_range
from gateway.crypto.elgamal.ciphertext import Ciphertext
from gateway.crypto.elgamal.curve import (
    SCALAR_SIZE,
    Point,
    add,
    base,
    multiply_secret,
    negate,
    random_scalar,
    scalar_bytes,
)
from gateway.crypto.elgamal.errors import ElGamalError, Refusal
from gateway.crypto.elgamal.public_key import PublicKey


@dataclass(frozen=True, eq=False)
class SecretKey:
    """The scalar x of a key."""

    scalar: int = field(repr=False)

    def __post_init__(self) -> None:
        """Check the scalar.

        Raises:
            ElGamalError: it is not in [1, ORDER).
        """
        scalar_bytes(self.scalar)

    @classmethod
    def generate(cls) -> SecretKey:
        """A fresh key."""
        return cls(random_scalar())

    @classmethod
    def from_bytes(cls, encoded: bytes) -> SecretKey:
        """Read 32 bytes.

        Raises:
            ElGamalError: they are not 32, or no scalar in [1, ORDER).
        """
        if len(encoded) != SCALAR_SIZE:
            raise ElGamalError(Refusal.WRONG_LENGTH)
        return cls(int.from_bytes(encoded, "big"))

    def to_bytes(self) -> bytes:
        """Its 32 bytes: to be sealed before they are stored."""
        return scalar_bytes(self.scalar)

    def public_key(self) -> PublicKey:
        """The key to encrypt with."""
        return PublicKey(base(self.scalar))

    def decrypt(self, ciphertext: Ciphertext, low: int, high: int) -> int:
        """The number, if it lies in [low, high].

        The first time for a wide range takes half a second more, to build a table of baby steps;
        after that 0.1 ms, and up to 0.4 s towards the ends of a range of 2^36.

        Raises:
            ElGamalError: the range is empty or wider than 2^36, or the number lies outside.
        """
        return self._number(ciphertext, low, high, 1)

    def _number(self, ciphertext: Ciphertext, low: int, high: int, among: int) -> int:
        require_range(low, high)
        mask = self._mask(ciphertext)
        if mask != ciphertext.c2:
            return logarithm(add(ciphertext.c2, negate(mask)), low, high, among)
        if not low <= 0 <= high:
            raise ElGamalError(Refusal.OUT_OF_BOUND)
        return 0

    def decrypt_many(self, ciphertexts: Iterable[Ciphertext], low: int, high: int) -> list[int]:
        """The numbers, all in one range.

        Raises:
            ElGamalError: the range is empty or wider than 2^36, or a number lies outside.
        """
        every = list(ciphertexts)
        return [self._number(one, low, high, len(every)) for one in every]

    def is_zero(self, ciphertext: Ciphertext) -> bool:
        """Whether the number is 0: C2 = x C1, where the group's identity has no encoding."""
        return self._mask(ciphertext) == ciphertext.c2

    def _mask(self, ciphertext: Ciphertext) -> Point:
        return multiply_secret(ciphertext.c1, self.scalar)
