"""How far a noisy figure is expected to lie from the true one.

Owns the standard errors that are printed beside every figure, from the variances of the noise
alone: published parameters and noisy figures go in, no true value. Refuses counts that are too
small to divide by.

These are floating-point approximations to first order, for people to read: no claim of privacy
rests on them. The error that clipping makes is not in them; it depends on the data.
"""

from __future__ import annotations

from math import inf, pi, sqrt

import msgspec

from gateway.domain.privacy.errors import BoundsRefused

_NORMAL_95 = 1.959964
_MEAN_ABSOLUTE = sqrt(2 / pi)


class ExpectedError(msgspec.Struct, frozen=True):
    """The error of one figure, in the figure's unit."""

    standard: float
    """Standard deviation."""

    @property
    def absolute(self) -> float:
        """Mean absolute error."""
        return self.standard * _MEAN_ABSOLUTE

    @property
    def margin_95(self) -> float:
        """19 times in 20 the true figure is no farther away."""
        return self.standard * _NORMAL_95


class NoisyMoments(msgspec.Struct, frozen=True, kw_only=True):
    """Noisy count, sum and sum of squares of a cell, in the unit of the values.

    Raises:
        BoundsRefused: a variance is negative.
    """

    count: float
    total: float
    squares: float
    count_variance: float
    total_variance: float
    squares_variance: float

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if min(self.count_variance, self.total_variance, self.squares_variance) < 0:
            raise BoundsRefused("a variance is not negative")

    @property
    def mean(self) -> float:
        """Sum over count.

        Raises:
            BoundsRefused: the noisy count is below 1.
        """
        return self.total / self._people()

    @property
    def variance(self) -> float:
        """Mean of the squares less the square of the mean; noise can make that negative: then 0.

        Raises:
            BoundsRefused: the noisy count is below 1.
        """
        return max(0.0, self.squares / self._people() - self.mean**2)

    def mean_error(self) -> ExpectedError:
        """Error of the mean, to first order in the noise of both.

        Raises:
            BoundsRefused: the noisy count is below 1.
        """
        spread = self.total_variance + self.mean**2 * self.count_variance
        return ExpectedError(sqrt(spread) / self._people())

    def variance_error(self) -> ExpectedError:
        """Error of the variance, to first order in the noise of all three.

        Raises:
            BoundsRefused: the noisy count is below 1.
        """
        people, mean = self._people(), self.mean
        # Derivatives of S2/n - (S1/n)^2 by S2, S1 and n, each times n.
        by_count = 2 * mean**2 - self.squares / people
        spread = (
            self.squares_variance
            + (2 * mean) ** 2 * self.total_variance
            + by_count**2 * self.count_variance
        )
        return ExpectedError(sqrt(spread) / people)

    def deviation_error(self) -> ExpectedError:
        """Error of the standard deviation; without bound where the variance came out as 0.

        Raises:
            BoundsRefused: the noisy count is below 1.
        """
        deviation = sqrt(self.variance)
        error = self.variance_error().standard
        return ExpectedError(error / (2 * deviation) if deviation else inf)

    def _people(self) -> float:
        if self.count < 1:
            raise BoundsRefused("a mean needs a count of at least 1")
        return self.count


def sum_error(variance: int, scale: int = 1) -> ExpectedError:
    """Error of a sum or a count with noise of this variance, in squared fixed-point steps.

    Raises:
        BoundsRefused: the variance is negative, or the scale not positive.
    """
    if variance < 0 or scale < 1:
        raise BoundsRefused("an error is of a variance and a scale")
    return ExpectedError(sqrt(variance) / scale)


def rank_error(variance: int, bins: int) -> ExpectedError:
    """Error, in people, of how many lie below an edge of a histogram that `bins` bins precede.

    A quantile read from the histogram is off by that many people: its own error is the distance to
    the value at which the cumulated count differs by them.

    Raises:
        BoundsRefused: a number is negative.
    """
    if variance < 0 or bins < 0:
        raise BoundsRefused("an error is of a variance and a number of bins")
    return ExpectedError(sqrt(variance * bins))
