"""Exact samples of the discrete Gaussian, for noise that makes an answer differentially private.

Owns the sampler of Canonne, Kamath and Steinke (2020, algorithms 1 to 3): rejection from a discrete
Laplace, with integers only. Nothing is rounded, so the output lattice does not depend on the data
and the probability of x is exactly proportional to exp(-x^2 / (2 sigma^2)). Refuses a variance that
is not a positive rational, and floating-point numbers altogether.

Randomness is the operating system's. Assumption: nobody times a single draw, which takes longer for
some values than for others (some 30 us whatever the variance).
"""

from __future__ import annotations

import secrets
from fractions import Fraction
from math import isqrt
from typing import Protocol

from gateway.crypto.errors import CryptoError


class NoiseError(CryptoError):
    """The variance is not one that can be sampled."""


class Chance(Protocol):
    """Where choices come from."""

    def below(self, bound: int) -> int:
        """A uniform number in [0, bound)."""

    def happens(self, numerator: int, denominator: int) -> bool:
        """True with probability numerator / denominator, at most 1."""


class SystemChance:
    """Choices from the operating system's random source."""

    def below(self, bound: int) -> int:
        """A uniform number in [0, bound)."""
        return secrets.randbelow(bound)

    def happens(self, numerator: int, denominator: int) -> bool:
        """True with probability numerator / denominator."""
        return secrets.randbelow(denominator) < numerator


_SYSTEM = SystemChance()


def discrete_gaussian(variance: Fraction | int, chance: Chance = _SYSTEM) -> int:
    """One draw with parameter sigma^2 = `variance`; its own variance is at most that.

    Args:
        variance: a positive rational.
        chance: where choices come from; only tests pass another.

    Raises:
        NoiseError: the variance is not positive, or a floating-point number.
    """
    if not isinstance(variance, Fraction | int) or variance <= 0:
        raise NoiseError("a variance is a positive rational")
    numerator, denominator = Fraction(variance).as_integer_ratio()
    scale = isqrt(numerator // denominator) + 1
    divisor = 2 * numerator * denominator * scale**2
    while True:
        drawn = discrete_laplace(scale, chance)
        distance = abs(drawn) * denominator * scale - numerator
        if happens_exp(distance**2, divisor, chance):
            return drawn


def discrete_laplace(scale: int, chance: Chance = _SYSTEM) -> int:
    """One draw with probability proportional to exp(-|x| / scale), for a positive integer scale.

    Raises:
        NoiseError: the scale is not positive.
    """
    if scale < 1:
        raise NoiseError("a scale is a positive integer")
    while True:
        rest = chance.below(scale)
        if not happens_exp(rest, scale, chance):
            continue
        whole = 0
        while happens_exp(1, 1, chance):
            whole += 1
        negative, size = chance.happens(1, 2), rest + scale * whole
        # Zero would otherwise be drawn twice as often: once for each sign.
        if size or not negative:
            return -size if negative else size


def happens_exp(numerator: int, denominator: int, chance: Chance) -> bool:
    """True with probability exp(-numerator / denominator)."""
    whole, rest = divmod(numerator, denominator)
    # Stops at the first that fails: far from the mode `whole` may be large.
    return all(_happens_exp_below_1(1, 1, chance) for _ in range(whole)) and _happens_exp_below_1(
        rest, denominator, chance
    )


def _happens_exp_below_1(numerator: int, denominator: int, chance: Chance) -> bool:
    """The same for a quotient in [0, 1]: the alternating series, one term a round."""
    rounds = 1
    while chance.happens(numerator, denominator * rounds):
        rounds += 1
    return rounds % 2 == 1
