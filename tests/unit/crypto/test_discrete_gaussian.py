"""The sampler's probabilities, worked out exactly from the choices it makes, and its spread."""

import heapq
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from fractions import Fraction
from itertools import count
from math import exp, sqrt

import pytest

from gateway.crypto.discrete_gaussian import (
    Chance,
    NoiseError,
    discrete_gaussian,
    discrete_laplace,
    happens_exp,
)

DRAWS = 10_000


class Undecided(Exception):
    """The script is at its end; these are the options, each with its probability."""

    def __init__(self, options: list[tuple[int, float]]) -> None:
        super().__init__()
        self.options = options


class Script:
    """Choices played from a list."""

    def __init__(self, choices: tuple[int, ...]) -> None:
        self.rest = list(reversed(choices))

    def below(self, bound: int) -> int:
        return self._next([(n, 1 / bound) for n in range(bound)])

    def happens(self, numerator: int, denominator: int) -> bool:
        yes = Fraction(numerator, denominator)
        assert 0 <= yes <= 1
        return self._next([(0, float(1 - yes)), (1, float(yes))]) == 1

    def _next(self, options: list[tuple[int, float]]) -> int:
        if not self.rest:
            raise Undecided([one for one in options if one[1]])
        return self.rest.pop()


def outcomes(draw: Callable[[Chance], int], runs: int) -> tuple[dict[int, float], float]:
    """Each outcome's probability over the likeliest runs, and that of all other runs together."""
    found: dict[int, float] = defaultdict(float)
    order = count()
    open_runs: list[tuple[float, int, tuple[int, ...]]] = [(-1.0, next(order), ())]
    for _ in range(runs):
        if not open_runs:
            break
        weight, _, choices = heapq.heappop(open_runs)
        try:
            found[draw(Script(choices))] -= weight
        except Undecided as undecided:
            for option, likely in undecided.options:
                heapq.heappush(open_runs, (weight * likely, next(order), (*choices, option)))
    return found, -sum(weight for weight, _, _ in open_runs)


def exact(weight: Callable[[int], float]) -> dict[int, float]:
    weights = {x: weight(x) for x in range(-400, 401)}
    total = sum(weights.values())
    return {x: one / total for x, one in weights.items()}


def gaussian(variance: Fraction) -> dict[int, float]:
    return exact(lambda x: exp(-(x**2) / (2 * float(variance))))


def compare(found: dict[int, float], other: float, expected: dict[int, float]) -> None:
    """What the likeliest runs give is a lower bound, and with all the others an upper bound."""
    for x, probability in expected.items():
        assert found.get(x, 0.0) <= probability + 1e-9
        assert probability <= found.get(x, 0.0) + other + 1e-9


@pytest.mark.parametrize("gamma", ["0", "1/7", "1/2", "1", "5/3", "4", "30"])
def test_a_power_of_e_happens_as_often_as_it_should(gamma: str) -> None:
    numerator, denominator = Fraction(gamma).as_integer_ratio()
    found, other = outcomes(lambda chance: happens_exp(numerator, denominator, chance), 500)
    likely = exp(-numerator / denominator)
    assert other < 0.002
    compare(found, other, {True: likely, False: 1 - likely})


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_the_laplace_distribution_is_exact(scale: int) -> None:
    found, other = outcomes(lambda chance: discrete_laplace(scale, chance), 3_000)
    assert other < 0.3
    compare(found, other, exact(lambda x: exp(-abs(x) / scale)))


@pytest.mark.parametrize("variance", [Fraction(1), Fraction(5, 2)], ids=str)
def test_the_gaussian_distribution_is_exact(variance: Fraction) -> None:
    found, other = outcomes(lambda chance: discrete_gaussian(variance, chance), 3_000)
    assert other < 0.5
    compare(found, other, gaussian(variance))


class Seeded:
    """The same choices in every run of the tests."""

    def __init__(self, seed: int) -> None:
        self.source = random.Random(seed)

    def below(self, bound: int) -> int:
        return self.source.randrange(bound)

    def happens(self, numerator: int, denominator: int) -> bool:
        return self.source.randrange(denominator) < numerator


@pytest.mark.parametrize("variance", [Fraction(1, 5), Fraction(9), Fraction(1234, 10)], ids=str)
def test_frequencies_are_those_of_the_gaussian(variance: Fraction) -> None:
    chance = Seeded(2020)
    seen = Counter(discrete_gaussian(variance, chance) for _ in range(DRAWS))
    for x, probability in gaussian(variance).items():
        spread = sqrt(DRAWS * probability * (1 - probability))
        assert abs(seen[x] - DRAWS * probability) <= 5 * spread + 3


def test_the_system_source_gives_the_spread_of_a_large_variance() -> None:
    """The sum of squares stays within 7 of its standard deviations: one failure in 10^11."""
    variance, draws = Fraction(10**12, 7), 3_000
    squares = sum(discrete_gaussian(variance) ** 2 for _ in range(draws))
    assert abs(squares / float(variance) - draws) <= 7 * sqrt(2 * draws)


@pytest.mark.parametrize("variance", [0, -1, Fraction(-1, 9), 1.5])
def test_bad_variances_are_refused(variance: Fraction) -> None:
    with pytest.raises(NoiseError):
        discrete_gaussian(variance)
    with pytest.raises(NoiseError):
        discrete_laplace(0)
