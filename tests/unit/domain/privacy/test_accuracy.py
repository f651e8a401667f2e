"""Expected errors against errors that were played."""

import random
from math import inf, sqrt
from statistics import fmean, pstdev

import pytest

from gateway.domain.privacy.accuracy import ExpectedError, NoisyMoments, rank_error, sum_error
from gateway.domain.privacy.errors import BoundsRefused

TRUE = {"count": 2_000.0, "total": 50_000.0, "squares": 1_500_000.0}
NOISE = {"count_variance": 100.0, "total_variance": 40_000.0, "squares_variance": 9e6}
CELL = NoisyMoments(**TRUE, **NOISE)


def played(seed: int) -> NoisyMoments:
    source = random.Random(seed)
    noisy = {
        name: value + source.gauss(0, sqrt(NOISE[f"{name}_variance"]))
        for name, value in TRUE.items()
    }
    return NoisyMoments(**noisy, **NOISE)


PLAYED = [played(seed) for seed in range(2_000)]


def test_the_error_of_a_sum_is_in_its_unit() -> None:
    assert sum_error(400, scale=10).standard == 2.0
    assert sum_error(0).standard == 0.0
    error = ExpectedError(10.0)
    assert error.margin_95 == pytest.approx(19.59964)
    assert error.absolute == pytest.approx(7.97885, rel=1e-5)


def test_errors_of_mean_variance_and_deviation_are_those_that_happen() -> None:
    assert CELL.mean == 25.0
    assert CELL.variance == 125.0
    for error, figures in (
        (CELL.mean_error(), [one.mean for one in PLAYED]),
        (CELL.variance_error(), [one.variance for one in PLAYED]),
        (CELL.deviation_error(), [sqrt(one.variance) for one in PLAYED]),
    ):
        assert error.standard == pytest.approx(pstdev(figures), rel=0.06)
        inside = fmean(abs(one - fmean(figures)) <= error.margin_95 for one in figures)
        assert inside == pytest.approx(0.95, abs=0.02)


def test_a_rank_gathers_the_noise_of_the_bins_before_it() -> None:
    assert rank_error(25, 4).standard == 10.0
    assert rank_error(25, 0).standard == 0.0


def test_a_variance_below_zero_is_shown_as_zero_with_no_bound() -> None:
    odd = NoisyMoments(count=10.0, total=100.0, squares=900.0, **NOISE)
    assert odd.variance == 0.0
    assert odd.deviation_error().standard == inf


@pytest.mark.parametrize("count", [0.9, 0.0, -5.0])
def test_no_mean_of_nobody(count: float) -> None:
    nobody = NoisyMoments(count=count, total=1.0, squares=1.0, **NOISE)
    for figure in (nobody.mean_error, nobody.variance_error, nobody.deviation_error):
        with pytest.raises(BoundsRefused):
            figure()
    with pytest.raises(BoundsRefused):
        _ = nobody.mean


def test_negative_variances_are_refused() -> None:
    with pytest.raises(BoundsRefused):
        NoisyMoments(**TRUE, **{**NOISE, "total_variance": -1.0})
    for variance, scale in ((-1, 1), (1, 0)):
        with pytest.raises(BoundsRefused):
            sum_error(variance, scale)
    for variance, bins in ((-1, 1), (1, -1)):
        with pytest.raises(BoundsRefused):
            rank_error(variance, bins)
