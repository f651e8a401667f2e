"""The mode `dp`: noise where it belongs, on integers, of the size that the cost buys."""

from fractions import Fraction
from math import exp, log, sqrt

import pytest

from clients.keyholder.binning.lender import LenderSetup
from gateway.domain.aggregate.binning_errors import value_error, woe_error
from support.binning_pair import contract, pair

RHO = 1_000_000


def test_rows_and_events_of_every_bin_get_noise_of_the_plan_s_variance() -> None:
    variances: list[Fraction] = []

    def noise(variance: Fraction) -> int:
        variances.append(variance)
        return 3

    features = ["housing", "credit_amount"]
    talk = pair(features=features, mode="dp", cost=RHO // 4, noise=noise)
    figures = talk.figures()
    exact = pair(features=features).figures()
    # An eighth of the cost is for the look at earlier row sets.
    assert set(variances) == {Fraction(64, 7)}
    bins = sum(len(one.bins) for one in figures)
    # One for each of the contract's bins, then one for each answered bin.
    assert len(variances) == 4 + 6 + bins
    for one, clear in zip(figures, exact, strict=True):
        assert [bin_.rows - 3 for bin_ in one.bins] == [bin_.rows for bin_ in clear.bins]
        assert [bin_.events - 3 for bin_ in one.bins] == [bin_.events for bin_ in clear.bins]


def test_in_exact_no_noise_is_drawn() -> None:
    def noise(_: Fraction) -> int:
        raise AssertionError("no noise in exact")

    pair(features=["housing"], noise=noise).figures()


def test_merging_goes_by_noisy_counts() -> None:
    draws = iter([-200, 0, 0, 0, 0, 0, 0])
    talk = pair(
        features=["housing"], mode="dp", cost=2_000, noise=lambda _: next(draws), terms=contract()
    )
    figures = talk.figures()
    # "for free" has 108 rows: minus 200 it is below k, and goes to its right.
    assert [(one.first, one.last) for one in figures[0].bins] == [(0, 1), (2, 2)]


def test_noise_is_cut_off_at_fourteen_sigma() -> None:
    talk = pair(features=["housing"], mode="dp", cost=RHO, noise=lambda _: 10**6)
    exact = pair(features=["housing"]).figures()
    assert talk.setup.plan.tail == 15
    for one, clear in zip(talk.figures()[0].bins, exact[0].bins, strict=False):
        assert one.rows == clear.rows + 15


def test_real_noise_has_the_size_that_is_claimed() -> None:
    """90 draws of variance 32/7: outside these bounds once in 10^9 runs at most."""
    rows, features = range(300), ["housing"]
    exact = pair(rows, features=features).figures()
    talk = pair(rows, features=features, mode="dp", cost=RHO // 4)
    talk.talk()
    drawn: list[int] = []
    for _ in range(15):
        answered = talk.bureau.answer()
        (noisy,) = talk.lender.open(answered.counts, answered.ciphertexts)
        for one, clear in zip(noisy.bins, exact[0].bins, strict=True):
            drawn += [one.rows - clear.rows, one.events - clear.events]
    squares = sum(one * one for one in drawn) * 7 / 32
    # Chi-square tails (Laurent and Massart 2000) at exp(-22).
    x, n = 22.0, len(drawn)
    assert n - 2 * sqrt(n * x) < squares < n + 2 * sqrt(n * x) + 2 * x
    assert 2 * exp(-x) < 1e-9
    assert any(drawn)


def test_an_expected_error_is_that_of_many_noisy_weights() -> None:
    """By a fixed simulation over the formula's own quantities, without the cryptography."""
    from decimal import Decimal
    from random import Random

    from gateway.domain.aggregate.binning import MergedBin, weigh

    random, sigma = Random(7), 4.0
    truth = [(500, 100), (300, 120), (200, 90)]

    def figures(noise: float) -> tuple[float, float]:
        noisy = [
            (n + round(random.gauss(0, noise)), e + round(random.gauss(0, noise))) for n, e in truth
        ]
        bins = tuple(MergedBin(at, at, n) for at, (n, _) in enumerate(noisy))
        one = weigh("x", bins, [e for _, e in noisy], Decimal("0.5"))
        return one.bins[0].woe, one.information_value

    many = [figures(sigma) for _ in range(4_000)]
    bins = tuple(MergedBin(at, at, n) for at, (n, _) in enumerate(truth))
    clear = weigh("x", bins, [e for _, e in truth], Decimal("0.5"))

    def spread(values: list[float]) -> float:
        mean = sum(values) / len(values)
        return sqrt(sum((one - mean) ** 2 for one in values) / len(values))

    assert woe_error(clear.bins[0], sigma**2) == pytest.approx(
        spread([woe for woe, _ in many]), rel=0.25
    )
    assert value_error(clear, sigma**2) == pytest.approx(
        spread([value for _, value in many]), rel=0.25
    )
    assert woe_error(clear.bins[0], 0) == value_error(clear, 0) == 0
    assert log(1) == 0


def test_a_setup_does_not_show_its_rows_or_labels() -> None:
    setup: LenderSetup = pair(range(300), features=["housing"]).setup
    shown = repr(setup)
    assert "110101" not in shown
    assert repr(setup.labels) not in shown
    assert str(setup.secret.scalar) not in shown
