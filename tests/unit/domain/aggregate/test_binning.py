"""Bins, merging, weights: against values worked out by hand and published ones."""

from decimal import Decimal
from fractions import Fraction
from math import log

import msgspec
import pytest

from gateway.crypto.elgamal import SecretKey
from gateway.domain.aggregate.binning import (
    MergedBin,
    bin_name,
    merged,
    ordinary_bins,
    require_binning,
    require_merged,
    weigh,
)
from gateway.domain.aggregate.contract import BinnedFeature, read_contract
from gateway.domain.aggregate.question import AskerKey, WrongContract
from gateway.domain.policy.document_base import Bilingual
from support.binning_pair import LENDER, contract, job_of

ZERO = Decimal("0.5")
AGE = BinnedFeature(name="age", title=Bilingual("Age", "年龄"), edges=(20, 40, 60))
HOME = BinnedFeature(name="home", title=Bilingual("Home", "住房"), groups=(("own",), ("a", "b")))


def _spans(counts: list[int], k: int) -> list[tuple[int, int, int]]:
    return [(one.first, one.last, one.rows) for one in merged(counts, k)]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([10, 10, 10, 10], [(0, 0, 10), (1, 1, 10), (2, 2, 10), (3, 3, 10)]),
        ([3, 10, 10, 0], [(0, 1, 13), (2, 2, 10)]),
        ([3, 3, 3, 0], []),
        ([10, 3, 3, 0], [(0, 2, 16)]),
        ([10, 3, 3, 9], [(0, 2, 16)]),
        ([4, 4, 4, 30], [(0, 2, 12), (3, 3, 30)]),
        ([0, 10, 0, 0], [(0, 2, 10)]),
        # Noisy counts: what is left over can be less than nothing.
        ([10, 12, -3, 0], [(0, 2, 19)]),
        ([30, 12, -25, -4], [(0, 2, 17)]),
        ([10, 2, -9, 0], []),
    ],
)
def test_small_bins_merge_to_the_right_and_the_last_to_the_left(
    counts: list[int], expected: list[tuple[int, int, int]]
) -> None:
    assert _spans(counts, 10) == expected


def test_what_merging_makes_passes_its_check_and_other_bins_do_not() -> None:
    require_merged(merged([3, 12, 40, 5, 11], 10), AGE, 10)
    require_merged(merged([3, 1, 2, 1, 3], 10), AGE, 10)
    wrong = [
        (MergedBin(0, 1, 20),),
        (MergedBin(1, 3, 20),),
        (MergedBin(0, 1, 20), MergedBin(1, 3, 20)),
        (MergedBin(0, 3, 9),),
        (MergedBin(0, 1, 20), MergedBin(2, 3, 20), MergedBin(5, 5, 20)),
        (MergedBin(0, 4, 20),),
    ]
    for bins in wrong:
        with pytest.raises(ValueError, match="merged"):
            require_merged(bins, AGE, 10)


def test_a_merged_bin_spans_something() -> None:
    for first, last in ((2, 1), (-1, 0), (0, 66)):
        with pytest.raises(ValueError, match="spans"):
            MergedBin(first, last, 10)


def test_weights_are_those_of_a_worked_example() -> None:
    # Two bins: 20 events of 100 rows, 60 of 100.
    bins = (MergedBin(0, 0, 100), MergedBin(1, 1, 100))
    figures = weigh("age", bins, [20, 60], ZERO)
    first, second = log((20 / 80) / (80 / 120)), log((60 / 80) / (40 / 120))
    assert [one.woe for one in figures.bins] == pytest.approx([first, second], abs=1e-12)
    value = (20 / 80 - 80 / 120) * first + (60 / 80 - 40 / 120) * second
    assert figures.information_value == pytest.approx(value, abs=1e-12)


def test_a_count_of_zero_stands_as_the_constant_in_the_totals_too() -> None:
    figures = weigh("age", (MergedBin(0, 0, 10), MergedBin(1, 1, 10)), [0, 4], ZERO)
    expected = log((0.5 / 4.5) / (10 / 16))
    assert figures.bins[0].woe == pytest.approx(expected, abs=1e-12)
    assert figures.bins[0].events == 0


def test_noisy_events_are_taken_into_their_rows() -> None:
    figures = weigh("age", (MergedBin(0, 0, 10), MergedBin(1, 1, 10)), [-3, 14], ZERO)
    assert [one.events for one in figures.bins] == [0, 10]


def test_the_german_checking_account_has_its_published_information_value() -> None:
    """Rows and bads of the four statuses (UCI Statlog German credit): an IV of 0.66601150335."""
    counts = ((274, 135), (269, 105), (63, 14), (394, 46))
    bins = tuple(MergedBin(at, at, rows) for at, (rows, _) in enumerate(counts))
    value = weigh("status", bins, [bads for _, bads in counts], ZERO).information_value
    assert value == pytest.approx(0.66601150335133, abs=1e-12)


def test_bins_are_named_by_their_bounds() -> None:
    assert ordinary_bins(AGE) == 4
    assert [bin_name(AGE, at, at) for at in range(5)] == [
        *("x < 20", "20 <= x < 40", "40 <= x < 60", "60 <= x", "missing")
    ]
    assert bin_name(AGE, 1, 2) == "20 <= x < 60"
    assert bin_name(HOME, 0, 1) == "own, a, b"


@pytest.mark.parametrize("modes", [("exact",), ("dp",)])
def test_refusals_have_a_limit_in_both_modes(modes: tuple[str, ...]) -> None:
    document = msgspec.json.decode(contract().encoded())
    document["binning"]["modes"] = modes
    read_contract(msgspec.json.encode(document))
    del document["binning"]["budget"]
    with pytest.raises(ValueError, match="budget"):
        read_contract(msgspec.json.encode(document))


def test_the_noise_is_features_over_seven_eighths_of_rho_and_the_rest_pays_for_the_history() -> (
    None
):
    job = job_of(SecretKey.generate(), contract(), ["credit_amount", "housing"], 500, "dp", 250_000)
    plan = require_binning(job, contract())
    assert plan.variance == Fraction(64, 7)
    assert plan.tail == 43
    # 2 F / (2 sigma^2) for rows and events, 1 / (2 sigma^2) for the smallest difference.
    assert 2 / plan.variance + 1 / (2 * plan.history_variance) == Fraction(1, 4)
    assert plan.bins == (6, 4)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"snapshot": "2026-11"}, "snapshot"),
        ({"contract": "00" * 32}, "contract"),
        ({"features": ("income",)}, "features"),
        ({"purpose": "marketing"}, "purpose"),
        ({"rows": 199}, "rows"),
        ({"rows": 1_000_001}, "rows"),
        ({"asker": "demo-bureau"}, "binning"),
        ({"key": AskerKey(scheme="paillier", key="aa", proof="bb")}, "scheme"),
    ],
)
def test_a_job_that_the_contract_does_not_list_is_refused(
    changes: dict[str, object], word: str
) -> None:
    job = job_of(SecretKey.generate(), contract(), ["credit_amount"], 500)
    with pytest.raises(WrongContract) as refused:
        require_binning(msgspec.structs.replace(job, **changes), contract())
    assert str(refused.value) == word
    assert job.asker == LENDER


def test_a_job_above_the_contract_s_cost_is_refused() -> None:
    terms = contract(cost=1000)
    job = job_of(SecretKey.generate(), terms, ["credit_amount"], 500, "dp", 1001)
    with pytest.raises(WrongContract):
        require_binning(job, terms)
