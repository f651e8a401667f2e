"""How much noise each agent adds, so that the sum is private whoever of the others colludes.

Owns sensitivity, target variance, an agent's share, the correction for a sum of discrete Gaussians,
and the room that noise needs. Refuses bounds that are not positive and coalitions that leave no
honest agent.

The unit is one person at all contributors. A person touches at most G cells of each of U
contributors, with clipped values of at most C S fixed-point steps; so adding or removing one person
moves the summed vector by at most U sqrt(G) C S in the Euclidean norm. Every share is a discrete
Gaussian; their sum is not one, but nearly: with h shares of variance s^2 in d cells, the answer is
rho-zCDP for

    rho = D^2 / (2 h s^2) + tau d,   tau = 10 sum over k < h of exp(-2 pi^2 s^2 k / (k + 1))

(Kairouz, Liu and Steinke 2021, arXiv 2102.06387, proposition 14, its first bound at order 1). For
s >= 3 each term is below 2^-128, and the plan pays for tau in full.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

import msgspec

from gateway.domain.privacy.budget import MAX_MICRO_RHO, MICRO
from gateway.domain.privacy.errors import BoundsRefused

MIN_SHARE_VARIANCE = 9
"""sigma >= 3: below it a sum of discrete Gaussians is no longer nearly one. One party's noise alone
is no sum, and has no such floor."""
TAIL_SIGMAS = 14
"""A discrete Gaussian is subgaussian with its sigma (Canonne, Kamath and Steinke 2020), so it is
farther out with a probability below 2 exp(-98); clamping there adds no more than that to a delta,
for each value of each contributor."""
# exp(-2 pi^2 9 / 2) = exp(-88.8) < 2^-128; later terms are smaller.
_TAU_TERM = Fraction(10, 2**128)


class Sensitivity(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Bounds of what one person can change.

    Raises:
        BoundsRefused: a bound is not positive.
    """

    contributors: int
    """Members U of the roster."""
    cells_a_person: int
    """Cells G that one person may touch at one contributor."""
    clips: tuple[int, ...]
    """C S for each measure of a cell: the largest absolute value, in fixed-point steps."""

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if not self.clips or min(self.contributors, self.cells_a_person, *self.clips) < 1:
            raise BoundsRefused("bounds of a contribution are positive")

    @property
    def squared(self) -> int:
        """The squared Euclidean sensitivity of the summed vector, in squared steps."""
        return self.contributors**2 * self.cells_a_person * sum(clip**2 for clip in self.clips)


class NoisePlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The noise of one question: variances in squared fixed-point steps."""

    share_variance: int
    """sigma^2 of the discrete Gaussian that each contributor adds to each value."""
    contributors: int
    honest: int
    """Contributors whose noise the claim rests on."""
    length: int
    """Values in the vector: cells times measures."""
    cost: int
    """Micro-rho."""

    @property
    def total_variance(self) -> int:
        """Variance of the noise in a sum, if all contributors add theirs."""
        return self.share_variance * self.contributors

    @property
    def share_tail(self) -> int:
        """14 sigma of one share, rounded up: an agent clamps its noise there."""
        return _ceiling_root(TAIL_SIGMAS**2 * self.share_variance)

    def span(self, largest: int) -> int:
        """Bound of the absolute sum, if a contributor's value is at most `largest` steps."""
        return self.contributors * (largest + self.share_tail)


def plan_noise(sensitivity: Sensitivity, *, cost: int, colluding: int, length: int) -> NoisePlan:
    """The least noise that keeps a question within its cost.

    Args:
        sensitivity: what one person can change.
        cost: micro-rho that the question is charged.
        colluding: contributors t that may tell the asker their noise.
        length: values in the vector.

    Raises:
        BoundsRefused: the cost is not positive or is too small for the vector's length, no
            contributor is honest, or the length is not positive.
    """
    honest = sensitivity.contributors - colluding
    if colluding < 0 or honest < 1 or length < 1 or not 0 < cost <= MAX_MICRO_RHO:
        raise BoundsRefused("noise needs a cost, an honest contributor and a vector")
    rest = Fraction(cost, MICRO) - _tau(honest) * length
    if rest <= 0:
        raise BoundsRefused("the cost does not cover the vector's length")
    share = -(-sensitivity.squared // (2 * rest * honest))
    return NoisePlan(
        share_variance=max(_floor(sensitivity.contributors), int(share)),
        contributors=sensitivity.contributors,
        honest=honest,
        length=length,
        cost=cost,
    )


def require_covered(plan: NoisePlan, sensitivity: Sensitivity) -> None:
    """Check a plan from outside, as an agent does before it answers.

    Raises:
        BoundsRefused: its noise is too small for its cost, or its numbers do not fit.
    """
    fits = plan.contributors == sensitivity.contributors and 1 <= plan.honest <= plan.contributors
    if not fits or plan.share_variance < _floor(plan.contributors) or plan.length < 1:
        raise BoundsRefused("a plan's numbers do not fit")
    if true_rho(plan, sensitivity) > Fraction(plan.cost, MICRO):
        raise BoundsRefused("a plan's noise is too small for its cost")


def true_rho(plan: NoisePlan, sensitivity: Sensitivity) -> Fraction:
    """An upper bound of the rho that a plan's honest shares give, exactly as in the module's head.

    Good for shares of a variance of 9 or more, and for one party's noise alone.
    """
    spread = Fraction(sensitivity.squared, 2 * plan.honest * plan.share_variance)
    return spread + _tau(plan.honest) * plan.length


def _floor(contributors: int) -> int:
    return MIN_SHARE_VARIANCE if contributors > 1 else 1


def _tau(honest: int) -> Fraction:
    return _TAU_TERM * (honest - 1)


def _ceiling_root(square: int) -> int:
    root = isqrt(square)
    return root if root * root == square else root + 1
