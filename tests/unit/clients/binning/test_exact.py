"""Both parties in one process: the answer in the mode `exact` is the clear text's."""

import random

import pytest

from clients.keyholder.binning.errors import BinningRefused, BinWrong
from gateway.crypto.elgamal.curve import ORDER
from gateway.domain.aggregate.binning import FeatureFigures, ordinary_bins
from gateway.domain.aggregate.contract import BinnedFeature
from support.binning_pair import (
    NUMBERS,
    TEXTS,
    People,
    clear_text,
    contract,
    labels,
    pair,
    people,
)


def _features() -> dict[str, BinnedFeature]:
    terms = contract().binning
    assert terms is not None
    return {one.name: one for one in terms.features}


def _require_clear(
    one: FeatureFigures, rows: list[int], data: list[dict[str, str]] | None = None
) -> None:
    spans = [(bin_.first, bin_.last) for bin_ in one.bins]
    expected, value = clear_text(rows, _features()[one.name], spans, data=data)
    assert [(bin_.rows, bin_.events) for bin_ in one.bins] == [row[:2] for row in expected]
    assert [bin_.woe for bin_ in one.bins] == pytest.approx([row[2] for row in expected], abs=1e-9)
    assert one.information_value == pytest.approx(value, abs=1e-9)


def test_equals_the_clear_text_to_one_in_a_thousand_million() -> None:
    figures = pair().figures()
    assert [one.name for one in figures] == [*NUMBERS, *TEXTS]
    for one in figures:
        _require_clear(one, list(range(1000)))
    total = sum(bin_.events for bin_ in figures[0].bins)
    assert total == sum(labels()) == 300


@pytest.mark.parametrize(
    ("feature", "published"),
    [
        ("status_of_existing_checking_account", 0.66601150335133),
        ("credit_history", 0.29323354739083),
    ],
)
def test_has_the_information_values_that_are_published(feature: str, published: float) -> None:
    """As R's scorecard gives them for this data, with each value a bin of its own."""
    (figures,) = pair(features=[feature]).figures()
    assert figures.information_value == pytest.approx(published, abs=1e-9)


def test_rows_that_the_bureau_does_not_know_do_not_count() -> None:
    known = list(range(600))
    data = People(people()[:600], [b"11010119900101%04d" % row for row in known])
    figures = pair(range(400, 1000), features=["credit_amount"], data=data).figures()
    _require_clear(figures[0], list(range(400, 600)))


def test_missing_values_stand_apart_and_are_withheld_where_too_few() -> None:
    table = [dict(row) for row in people()]
    for row in table[:40]:
        row["credit_amount"] = ""
    for row in table[:5]:
        row["housing"] = "a boat"
    amount, housing = pair(features=["credit_amount", "housing"], data=People(table)).figures()
    _require_clear(amount, list(range(1000)), table)
    missing = amount.bins[-1]
    assert (missing.first, missing.rows) == (ordinary_bins(_features()["credit_amount"]), 40)
    _require_clear(housing, list(range(1000)), table)
    assert sum(one.rows for one in housing.bins) == 995


def test_small_bins_are_merged_before_they_leave() -> None:
    figures = pair(random.sample(range(1000), 210)).figures()
    for one in figures:
        assert all(bin_.rows >= 10 for bin_ in one.bins)
    assert any(bin_.first < bin_.last for one in figures for bin_ in one.bins)


def test_worker_processes_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.crypto.workers.WORTH", 1)
    figures = pair(features=["age_in_years"], processes=2).figures()
    _require_clear(figures[0], list(range(1000)))


def test_nothing_of_the_lender_s_ciphertexts_is_found_again_in_the_answer() -> None:
    talk = pair(features=["credit_amount"])
    talk.talk()
    answered = talk.bureau.answer()
    again = pair(features=["credit_amount"])
    again.talk()
    points = {answered.ciphertexts[at : at + 33] for at in range(0, len(answered.ciphertexts), 33)}
    assert len(points) == 2 * answered.counts.length
    # A second answer over the very same labels has no point in common: each is randomised anew.
    assert talk.bureau.answer().ciphertexts != answered.ciphertexts
    others = talk.bureau.answer().ciphertexts
    assert points.isdisjoint(others[at : at + 33] for at in range(0, len(others), 33))


def test_events_beyond_the_rows_of_a_bin_are_refused() -> None:
    talk = pair(features=["housing"])
    talk.talk()
    answered = talk.bureau.answer()
    counts = answered.counts
    key = talk.secret.public_key()
    for wrong in (-1, 10**6, ORDER - 5):
        forged = b"".join(key.encrypt(wrong).to_bytes() for _ in range(counts.length))
        with pytest.raises(BinningRefused) as refused:
            talk.lender.open(counts, forged)
        assert refused.value.wrong is BinWrong.OUT_OF_BOUNDS
    with pytest.raises(BinningRefused) as refused:
        talk.lender.open(counts, answered.ciphertexts[66:])
    assert refused.value.wrong is BinWrong.CIPHERTEXTS
