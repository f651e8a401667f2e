"""What a source's values become: text, 64-bit integers, nothing, or no answer at all."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.processes.batch_channel import MAX_BATCH, MAX_FRAME_BYTES
from gateway.adapters.providers.messages import (
    MAX_RECORD_CHARACTERS,
    MAX_VALUE_CHARACTERS,
    Answer,
    Found,
    Invalid,
    Lookup,
    Missing,
)
from gateway.adapters.providers.source_values import answer_of

GOOD = st.one_of(st.none(), st.text(max_size=50), st.integers(-(2**63), 2**63 - 1))


@given(st.lists(GOOD, min_size=1, max_size=20).map(tuple))
def test_what_a_contract_can_hold_is_left_as_it_is(values: tuple[Any, ...]) -> None:
    assert answer_of([values]) == Found(values)


@given(st.lists(st.tuples(GOOD), max_size=4))
def test_one_row_is_an_answer_none_is_missing_more_are_invalid(rows: list[tuple[Any]]) -> None:
    kinds = {0: Missing, 1: Found}
    assert isinstance(answer_of(rows), kinds.get(len(rows), Invalid))


@given(st.dates())
def test_a_date_becomes_iso_text(day: date) -> None:
    answer = answer_of([(day,)])
    assert isinstance(answer, Found)
    (text,) = answer.values
    assert isinstance(text, str)
    assert len(text) == 10
    assert date.fromisoformat(text) == day


@given(st.integers(-(2**70), 2**70), st.integers(0, 4), st.booleans())
def test_a_decimal_is_an_integer_or_nothing(whole: int, zeros: int, fraction: bool) -> None:
    number = Decimal(f"{whole}.{'0' * zeros}{'5' if fraction else '0'}")
    fits = -(2**63) <= whole < 2**63 and not fraction
    expected: Answer = Found((whole,)) if fits else Invalid()
    assert answer_of([(number,)]) == expected


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        1.0,
        float("nan"),
        b"",
        b"Ann",
        bytearray(b"x"),
        datetime(2026, 1, 2, 3, tzinfo=UTC),
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("sNaN"),
        Decimal("1E+1000000000"),
        Decimal("1E-1000000000"),
        UUID(int=1),
        2**63,
        -(2**63) - 1,
        "x" * (MAX_VALUE_CHARACTERS + 1),
        ["Ann"],
        {"a": 1},
        object(),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_any_other_type_or_size_is_no_answer(value: object) -> None:
    assert answer_of([(value,)]) == Invalid()
    assert answer_of([("Ann", value, 1)]) == Invalid()


def test_a_record_has_a_bound_and_a_batch_of_the_largest_fits_a_frame() -> None:
    largest = ["\U0001f600" * MAX_VALUE_CHARACTERS] * 3
    largest.append("\U0001f600" * (MAX_RECORD_CHARACTERS - 3 * MAX_VALUE_CHARACTERS))
    answer = answer_of([(*largest, *[-(2**63)] * 396)])
    assert isinstance(answer, Found)
    assert answer_of([(*largest, "x")]) == Invalid()
    assert len(msgspec.msgpack.encode([answer])) * MAX_BATCH < MAX_FRAME_BYTES


def test_no_repr_shows_a_value() -> None:
    assert "001" not in repr(Lookup("US_SSN", "001", ("name",)))
    assert "Ann" not in repr(Found(("Ann",)))
