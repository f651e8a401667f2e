"""Many small numbers in one plaintext, that add up slot by slot.

Owns the layout: a slot holds v + offset >= 0 in `width` bits, enough for the sum over all
contributors and two guard bits, so no sum carries into its neighbour. Where noise is added, a
value's bounds include a tail of 14 standard deviations (beyond it lies less than 2^-144 of a
Gaussian), to which `clamped` cuts. Refuses values out of bounds, slots that do not fit below
2^(|n| - 2), and totals that no such sum gives: where masks did not cancel, a total is a random
residue, which passes for one with a probability of at most 1/4 for each of its slots.

A mask is added modulo n to the whole plaintext (`masked`): in single slots it would carry and
destroy its neighbours.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from gateway.crypto.paillier.errors import PackingError, Reason
from gateway.crypto.paillier.integers import integer

__all__ = ["TAIL_SIGMAS", "Packing", "masked"]

TAIL_SIGMAS = 14
_GUARD_BITS = 2
_MAX_CONTRIBUTORS = 1 << 20


@dataclass(frozen=True, slots=True)
class Packing:
    """A layout, known to all contributors and the keyholder.

    Args:
        modulus_bits: the length of n.
        contributors: how many packed plaintexts are added, exactly.
        lowest: the least value of a contributor, its tail included.
        highest: the largest one, its tail included.

    Raises:
        PackingError: PACKING_SHAPE, or PACKING_TOO_WIDE where not one slot fits.
    """

    modulus_bits: int
    contributors: int
    lowest: int
    highest: int

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        shape = (self.modulus_bits, self.contributors, self.lowest, self.highest)
        if any(type(number) is not int for number in shape):
            raise PackingError(Reason.PACKING_SHAPE, "a packing is described by integers")
        if not 1 <= self.contributors <= _MAX_CONTRIBUTORS or self.lowest > self.highest:
            raise PackingError(Reason.PACKING_SHAPE, "the bounds of the packing are not in order")
        if self.slots < 1:
            raise PackingError(Reason.PACKING_TOO_WIDE, "no slot fits into the plaintext")

    @classmethod
    def with_noise(
        cls,
        modulus_bits: int,
        contributors: int,
        bounds: tuple[int, int],
        sigma: float | Fraction,
    ) -> Packing:
        """The layout for values within `bounds` and noise of standard deviation `sigma` on each.

        Raises:
            PackingError: as the class; PACKING_SHAPE where sigma is negative or not finite.
        """
        if not (math.isfinite(sigma) and sigma >= 0):
            raise PackingError(Reason.PACKING_SHAPE, "sigma is not a standard deviation")
        tail = math.ceil(TAIL_SIGMAS * Fraction(sigma))
        return cls(modulus_bits, contributors, bounds[0] - tail, bounds[1] + tail)

    @property
    def offset(self) -> int:
        """What is added to each value, so that no slot is negative and the lowest value is 0."""
        return -self.lowest

    @property
    def width(self) -> int:
        """Bits of a slot: ceil(log2(contributors * (highest + offset) + 1)) + 2."""
        return self._largest_total.bit_length() + _GUARD_BITS

    @property
    def slots(self) -> int:
        """Slots of a plaintext: slots * width <= |n| - 2."""
        return (self.modulus_bits - 2) // self.width

    @property
    def _largest_total(self) -> int:
        return self.contributors * (self.highest + self.offset)

    def clamped(self, values: Iterable[int]) -> list[int]:
        """Values with their noise, cut to the bounds."""
        return [min(max(integer(value), self.lowest), self.highest) for value in values]

    def pack(self, values: Sequence[int]) -> list[int]:
        """The plaintexts of one contributor, `slots` values in each, the first in the low bits.

        Unused slots of the last one are 0.

        Raises:
            PackingError: PACKING_VALUE: a value is out of bounds, or there is none.
            PlaintextError: a value is no integer.
        """
        numbers = [integer(value) for value in values]
        if not numbers or min(numbers) < self.lowest or max(numbers) > self.highest:
            raise PackingError(Reason.PACKING_VALUE, "a value is out of the packing's bounds")
        step = self.slots
        return [self._packed(numbers[at : at + step]) for at in range(0, len(numbers), step)]

    def unpack(self, totals: Sequence[int], count: int) -> list[int]:
        """The sums over all contributors, out of the decrypted totals.

        Args:
            totals: the residues, as many as `pack` gave.
            count: how many values were packed.

        Raises:
            PackingError: PACKING_VALUE: no contributions add up to this; a mask did not cancel, or
                somebody did not keep to the layout.
        """
        if count < 1 or len(totals) != -(-count // self.slots):
            raise PackingError(Reason.PACKING_VALUE, "the totals have a wrong count")
        sums = [part for total in totals for part in self._unpacked(integer(total))]
        if any(sums[count:]):
            raise PackingError(Reason.PACKING_VALUE, "an unused slot is not empty")
        if max(sums) > self._largest_total:
            raise PackingError(Reason.PACKING_VALUE, "a slot is out of its bounds")
        return [part - self.contributors * self.offset for part in sums[:count]]

    def _packed(self, numbers: Sequence[int]) -> int:
        packed = 0
        for number in reversed(numbers):
            packed = packed << self.width | number + self.offset
        return packed

    def _unpacked(self, total: int) -> list[int]:
        if not 0 <= total < 1 << self.slots * self.width:
            raise PackingError(Reason.PACKING_VALUE, "a total exceeds its slots")
        mask = (1 << self.width) - 1
        return [total >> place * self.width & mask for place in range(self.slots)]


def masked(packed: int, masks: Iterable[int], n: int) -> int:
    """A packed plaintext with signed masks added modulo n: a residue for `encrypt_raw`.

    Raises:
        PackingError: PACKING_VALUE: it is none to mask.
    """
    if not 0 <= integer(packed) < n:
        raise PackingError(Reason.PACKING_VALUE, "a plaintext is below the modulus")
    return (packed + sum(map(integer, masks))) % n
