"""Paillier's public operations on signed integers (Paillier 1999, with g = n + 1).

Owns encryption and the arithmetic on ciphertexts, in python-paillier's form: what phe encrypts is
taken here and the other way round, c = (1 + m * n) * r^n modulo n^2. Assumes decisional composite
residuosity at the level of the modulus (128 bits at 3072) and what the key's `Randomness` adds;
ciphertexts can be changed by everybody, which is their purpose, so who made one is for a signature
around it. Refuses moduli that `modulus` refuses, numbers outside +-(n // 3 - 1), floats (their
exponent would travel in clear), and what is no ciphertext.

What arithmetic gives is determined by its inputs, not hidden: before such a value leaves a party
unmasked it is re-randomised with `rerandomise`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import InitVar, dataclass, field
from functools import cached_property
from typing import Protocol

import gmpy2

from gateway.crypto.paillier.ciphertexts import require_ciphertext, require_range, total_product
from gateway.crypto.paillier.comb import Comb
from gateway.crypto.paillier.errors import CiphertextError, PlaintextError, Reason
from gateway.crypto.paillier.integers import integer, largest, unsigned
from gateway.crypto.paillier.modulus import DEFAULT_BITS, require_modulus
from gateway.crypto.paillier.randomness import FEW, FullPower, Randomness, Source, source_for
from gateway.crypto.paillier.stock import Randomiser

__all__ = ["PublicKey"]


class _PhePublicKey(Protocol):
    n: int


class _PheNumber(Protocol):
    public_key: _PhePublicKey
    exponent: int

    def ciphertext(self) -> int:
        """The number hidden anew."""


@dataclass(frozen=True)
class PublicKey:
    """A modulus n, and how those who encrypt under it make their randomness.

    With `Randomness.HALF` the first encryption builds the table of `fixed_base` (some 1 s, 48
    MB at 3072 bits), which lives as long as this object; `prepare` spares that for a few.

    Args:
        n: the modulus, 3072 to 4096 bits.
        randomness: FULL unless the key was made by `generate_key` or its proof was verified.
        least_bits: 2048 lets in keys of that length, for tests and imports.

    Raises:
        PaillierKeyError: n is not a modulus to encrypt under.
    """

    n: int = field(repr=False)
    randomness: Randomness = field(default=Randomness.FULL, compare=False)
    least_bits: InitVar[int] = DEFAULT_BITS

    def __post_init__(self, least_bits: int) -> None:
        """Refuse what the class rules out."""
        require_modulus(self.n, least_bits)

    @classmethod
    def from_phe(cls, public_key: _PhePublicKey, least_bits: int = DEFAULT_BITS) -> PublicKey:
        """The key of a `phe.PaillierPublicKey`, randomised in full: phe's primes may be any.

        Raises:
            PaillierKeyError: as the class.
        """
        return cls(int(public_key.n), least_bits=least_bits)

    @property
    def max_int(self) -> int:
        """The largest magnitude of a plaintext: n // 3 - 1."""
        return largest(self.n)

    @cached_property
    def square(self) -> int:
        """n^2: every ciphertext is below it."""
        return self.n * self.n

    def prepare(self, count: int) -> None:
        """Get ready for `count` encryptions, in 50 ms instead of 1 s where they are few.

        A few are 256 at most, 4 ms each. What was built before for more, stays.
        """
        ready = self.__dict__.get("_source")
        if ready is None or (isinstance(ready, Comb) and count > FEW):
            # Where `cached_property` would put it.
            self.__dict__["_source"] = source_for(self.n, self.randomness, count)

    def encrypt(self, m: int) -> int:
        """Encrypt a signed integer.

        Raises:
            PlaintextError: it is none, or beyond `max_int`.
        """
        return int(self._source.draw(unsigned(m, self.n)))

    def encrypt_many(self, numbers: Iterable[int]) -> list[int]:
        """Encrypt signed integers, in order: all of them, or none.

        Raises:
            PlaintextError: as `encrypt`.
        """
        messages = [unsigned(number, self.n) for number in numbers]
        return [int(self._source.draw(message)) for message in messages]

    def encrypt_raw(self, residue: int) -> int:
        """Encrypt a residue, 0 <= residue < n: a masked or packed plaintext, which has no sign.

        Raises:
            PlaintextError: WRONG_TYPE or PLAINTEXT_RANGE.
        """
        return int(self._source.draw(self._residue(residue)))

    def randomisers(self, count: int) -> Iterator[Randomiser]:
        """Make randomisers ahead of need, for `encrypt_with`: the slow part of as many."""
        return (Randomiser(self.n, self._source.draw()) for _ in range(count))

    def encrypt_with(self, randomiser: Randomiser, m: int) -> int:
        """Encrypt a signed integer with a randomiser, which is spent by it.

        Raises:
            PlaintextError: as `encrypt`; then the randomiser is not spent.
            RandomiserError: it was spent before, or is another key's.
        """
        return self._with(randomiser, unsigned(m, self.n))

    def encrypt_raw_with(self, randomiser: Randomiser, residue: int) -> int:
        """Encrypt a residue with a randomiser, which is spent by it.

        Raises:
            PlaintextError: as `encrypt_raw`; then the randomiser is not spent.
            RandomiserError: it was spent before, or is another key's.
        """
        return self._with(randomiser, self._residue(residue))

    def require(self, c: int) -> int:
        """Check a ciphertext that comes in; returns it. At most 0.1 ms at 3072 bits.

        Raises:
            CiphertextError: 0 < c < n^2 or gcd(c, n) = 1 does not hold.
        """
        return int(require_ciphertext(c, self.n, self.square))

    def take_phe(self, number: _PheNumber) -> int:
        """The ciphertext of a `phe.EncryptedNumber` of an integer.

        Raises:
            CiphertextError: OTHER_KEY; EXPONENT, which a fraction of phe has and which phe itself
                multiplies out at whatever cost; or as `require`.
        """
        if number.public_key.n != self.n:
            raise CiphertextError(Reason.OTHER_KEY, "the number is another key's")
        if type(number.exponent) is not int or number.exponent != 0:
            raise CiphertextError(Reason.EXPONENT, "the number has an exponent")
        return self.require(number.ciphertext())

    def add(self, c: int, d: int) -> int:
        """The ciphertext of the sum.

        That no input has a divisor in common with n is not looked at: it would show in the sum,
        where `require`, `total` and `decrypt` look.

        Raises:
            CiphertextError: an input is no integer in 0 < c < n^2.
        """
        product = require_range(c, self.square) * require_range(d, self.square)
        return int(product % self.square)

    def total(self, ciphertexts: Iterable[int], magnitude: int) -> int:
        """The ciphertext of the sum of many, which cannot wrap and is checked once.

        Args:
            ciphertexts: one at least.
            magnitude: a bound of every plaintext's magnitude, known from elsewhere.

        Raises:
            CiphertextError: one is no ciphertext, or there is none (NOTHING_TO_ADD).
            PlaintextError: PLAINTEXT_RANGE where so many of this magnitude could exceed `max_int`.
        """
        count, product = total_product(ciphertexts, self.n, self.square)
        if count == 0:
            raise CiphertextError(Reason.NOTHING_TO_ADD, "a sum has one ciphertext at least")
        if not 0 <= integer(magnitude) * count <= self.max_int:
            raise PlaintextError(Reason.PLAINTEXT_RANGE, "the sum could exceed the key")
        return int(product)

    def add_plain(self, c: int, m: int) -> int:
        """The ciphertext of the sum with a signed integer that is known.

        Raises:
            CiphertextError: as `add`.
            PlaintextError: as `encrypt`.
        """
        factor = 1 + unsigned(m, self.n) * self.n
        return int(require_range(c, self.square) * factor % self.square)

    def multiply(self, c: int, k: int) -> int:
        """The ciphertext of the product with a signed integer that is known.

        Not constant in time in k. Multiplying by 0 gives 1, which hides nothing.

        Raises:
            CiphertextError: c is no ciphertext.
            PlaintextError: as `encrypt`.
        """
        base = require_ciphertext(c, self.n, self.square)
        unsigned(k, self.n)
        # A negative exponent inverts first; n - |k| would be as long as n.
        return int(gmpy2.powmod(base, integer(k), self.square))

    def rerandomise(self, c: int) -> int:
        """The same plaintext under r^n for a uniform r, whatever the key's `randomness`.

        A table's randomisers keep the Jacobi symbol, by which a ciphertext could be known again.

        Raises:
            CiphertextError: c is no ciphertext.
        """
        number = require_ciphertext(c, self.n, self.square)
        return int(number * FullPower(self.n).draw() % self.square)

    def __reduce__(self) -> tuple[type[PublicKey], tuple[int, Randomness, int]]:
        """Copy the key without its table."""
        return PublicKey, (self.n, self.randomness, self.n.bit_length())

    def _with(self, randomiser: Randomiser, message: gmpy2.mpz) -> int:
        residue = randomiser.spend(self.n)
        # (1 + m n) R = R + (m R mod n) n modulo n^2, with products of half the length.
        return int((residue + message * (residue % self.n) % self.n * self.n) % self.square)

    def _residue(self, residue: int) -> gmpy2.mpz:
        if not 0 <= integer(residue) < self.n:
            raise PlaintextError(Reason.PLAINTEXT_RANGE, "a residue is below the modulus")
        return gmpy2.mpz(residue)

    @cached_property
    def _source(self) -> Source:
        return source_for(self.n, self.randomness)
