"""Bands and dates."""

from typing import Any

import pytest

from gateway.domain.deid.errors import DeidError, Unparsable
from gateway.domain.deid.generalise import compile_bands, compile_date


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (-1, "<18"),
        (17, "<18"),
        (18, "18-25"),
        (24, "18-25"),
        (25, "25-65"),
        (64, "25-65"),
        (65, ">=65"),
        (2**40, ">=65"),
    ],
)
def test_bands_include_their_lower_edge(value: int, label: str) -> None:
    assert compile_bands((18, 25, 65))(value) == label


def test_one_edge_makes_two_bands() -> None:
    band = compile_bands((0,))
    assert (band(-1), band(0)) == ("<0", ">=0")


@pytest.mark.parametrize("value", ["30", True, 30.0, None])
def test_bands_refuse_what_is_no_integer(value: Any) -> None:
    with pytest.raises(DeidError):
        compile_bands((18,))(value)


def test_dates_lose_what_is_finer() -> None:
    assert compile_date("month")("1990-03-15") == "1990-03"
    assert compile_date("year")("1990-03-15") == "1990"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "19900315",
        "1990-03",
        "1990-3-15",
        "1990-02-30",
        "2020-W01-1",
        "15/03/1990",
        "1990-03-15T00:00:00",
        "1990-03-15\n",
        "１９９０-03-15",
    ],
)
def test_what_is_no_date_is_refused_without_being_repeated(value: str) -> None:
    with pytest.raises(Unparsable) as caught:
        compile_date("month")(value)
    assert not value or value not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_date_of_the_wrong_type_breaks_the_contract() -> None:
    with pytest.raises(DeidError) as caught:
        compile_date("year")(19900315)
    assert not isinstance(caught.value, Unparsable)
