"""Public keys: encrypting and re-randomising.

Owns exponential ElGamal's two operations with a public key P: a ciphertext of m is
(kG, mG + kP) for a fresh uniform k, and re-randomising adds an encryption of zero, so that the
holder of the secret key cannot find an input again in an output (there is no marker like the
Jacobi symbol of Paillier's group: the group has prime order and k is uniform in it).

Assumption: decisional Diffie-Hellman on secp256k1, about 128 bits. Malleable by design: nothing
here says who encrypted, or that m lies in a range (`or_proof` does for bits). Refuses plaintexts
that are not in (-ORDER, ORDER). Two paths: up to 1,000 values at a time by the library's
multiplication, above that from tables; both take scalars that are used once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

from gateway.crypto.elgamal.ciphertext import Ciphertext
from gateway.crypto.elgamal.curve import (
    SCALAR_SIZE,
    Point,
    add,
    base,
    combine_pointers,
    decode,
    encode,
    multiply,
    random_scalar,
)
from gateway.crypto.elgamal.fixed_base import POINTER_SIZE, WINDOWS, FixedBase, pointer
from gateway.crypto.elgamal.plaintext import generator_table, plaintext_pointers

TABLES_FROM = 1000
"""Multiplications from which on building tables pays."""


@dataclass(frozen=True)
class PublicKey:
    """The point P = xG of a key whose x somebody else holds."""

    point: Point

    @classmethod
    def from_bytes(cls, encoded: bytes) -> PublicKey:
        """Check the 33 bytes of a key; that its owner holds x is for `possession` to show.

        Raises:
            ElGamalError: they are not a compressed point on the curve.
        """
        return cls(decode(encoded))

    def to_bytes(self) -> bytes:
        """Its 33 bytes."""
        return encode(self.point)

    def encrypt(self, m: int) -> Ciphertext:
        """Encrypt a number, which counts modulo the curve's order.

        Raises:
            ElGamalError: m is not in (-ORDER, ORDER).
        """
        return self.encrypt_many([m])[0]

    def encrypt_many(self, numbers: Sequence[int]) -> list[Ciphertext]:
        """Encrypt numbers, each under its own scalar; from 1,000 on, tables are built and kept.

        Raises:
            ElGamalError: a number is not in (-ORDER, ORDER).
        """
        if self._table_pays(len(numbers)):
            return list(self._by_table(map(plaintext_pointers, numbers)))
        pairs = self.randomisers(len(numbers))
        return [with_plaintext(pair, m) for pair, m in zip(pairs, numbers, strict=True)]

    def encrypt_with(self, m: int, scalar: int) -> Ciphertext:
        """Encrypt under a scalar that the caller drew, as a proof about the ciphertext needs.

        Raises:
            ElGamalError: a number is out of range.
        """
        return with_plaintext(Ciphertext(base(scalar), self.times(scalar)), m)

    def rerandomise(self, ciphertext: Ciphertext) -> Ciphertext:
        """The same number under another uniform scalar.

        Raises:
            ElGamalError: a point became infinity.
        """
        return self.rerandomise_many([ciphertext])[0]

    def rerandomise_many(self, ciphertexts: Sequence[Ciphertext]) -> list[Ciphertext]:
        """The same numbers, each under another uniform scalar.

        Raises:
            ElGamalError: a point became infinity.
        """
        pairs = self.randomisers(len(ciphertexts))
        return [one.plus(zero) for one, zero in zip(ciphertexts, pairs, strict=True)]

    def randomisers(self, count: int) -> Iterator[Ciphertext]:
        """Fresh encryptions of zero. Each may be used once: two uses give the difference away."""
        if self._table_pays(count):
            return self._by_table(repeat(b"", count))
        return self._one_by_one(count)

    def times(self, scalar: int) -> Point:
        """The key's point times a scalar that is used once.

        Raises:
            ElGamalError: the scalar is not in [1, ORDER).
        """
        if not self._table_pays(1):
            return multiply(self.point, scalar)
        return self._table.times(scalar)

    def times_plus(self, scalar: int, other: Point) -> Point:
        """The same plus another point.

        Raises:
            ElGamalError: the scalar is not in [1, ORDER), or the sum is infinity.
        """
        if not self._table_pays(1):
            return add(multiply(self.point, scalar), other)
        return self._table.times_plus(scalar, other)

    def prepare(self) -> None:
        """Build the tables now: 50 ms once, then encrypting is half as fast again."""
        _ = self._table

    def __reduce__(self) -> tuple[type[PublicKey], tuple[Point]]:
        """Copies, and keys sent to worker processes, go without the tables' addresses."""
        return PublicKey, (self.point,)

    @cached_property
    def _table(self) -> FixedBase:
        return FixedBase(self.point)

    def _table_pays(self, count: int) -> bool:
        return count >= TABLES_FROM or "_table" in self.__dict__

    def _one_by_one(self, count: int) -> Iterator[Ciphertext]:
        for _ in range(count):
            scalar = random_scalar()
            yield Ciphertext(base(scalar), multiply(self.point, scalar))

    def _by_table(self, plaintexts: Iterable[bytes]) -> Iterator[Ciphertext]:
        generator, table = generator_table(), self._table
        for plaintext in plaintexts:
            digits = secrets.token_bytes(SCALAR_SIZE)
            second = table.pointers(digits) + plaintext
            yield Ciphertext(
                combine_pointers(generator.pointers(digits), WINDOWS),
                combine_pointers(second, len(second) // POINTER_SIZE),
            )


def with_plaintext(zero: Ciphertext, m: int) -> Ciphertext:
    """An encryption of zero, used once, turned into one of m.

    Raises:
        ElGamalError: m is not in (-ORDER, ORDER).
    """
    second = pointer(zero.c2) + plaintext_pointers(m)
    return Ciphertext(zero.c1, combine_pointers(second, len(second) // POINTER_SIZE))
