"""What holds of the operators for every value."""

import itertools
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.deid.addresses import compile_address
from gateway.domain.deid.cn_divisions import find_place
from gateway.domain.deid.errors import DeidError
from gateway.domain.deid.generalise import compile_bands, compile_date
from gateway.domain.deid.masks import MASK, compile_mask, significant
from gateway.domain.deid.values import require_value
from gateway.domain.policy.documents import MaskFormat

texts = st.text(max_size=60)
kept = st.integers(0, 8)
edges = st.lists(st.integers(-1000, 1000), min_size=1, max_size=12, unique=True).map(
    lambda some: tuple(sorted(some))
)
PARTS = (
    "广东|省|深圳|市|南山|区|长安|县|中山|路|12|号|小区|市辖区|"
    ", |Oak| Street|Austin|TX| 78701| |Apt 4"
)
addresses = st.lists(
    st.sampled_from(
        PARTS.split("|"),
    ),
    max_size=10,
).map("".join)


@given(texts, kept, kept, st.none() | st.integers(1, 32))
def test_a_mask_shows_at_most_what_it_keeps(
    text: str, first: int, last: int, fixed: int | None
) -> None:
    shown = compile_mask(MaskFormat("s", first, last, fixed))(text)
    counted = significant(text)
    visible = shown.replace(MASK, "")
    assert len(visible) <= first + last
    if len(counted) <= first + last:
        assert visible == ""
    else:
        assert visible == counted[:first] + counted[len(counted) - last :]
        assert MASK in shown


@given(texts, texts, kept, kept, st.integers(1, 32))
def test_a_fixed_length_tells_no_length(
    one: str, other: str, first: int, last: int, fixed: int
) -> None:
    mask = compile_mask(MaskFormat("s", first, last, fixed))
    for text in (one, other):
        length = first + fixed + last if len(significant(text)) > first + last else fixed
        assert len(mask(text)) == length


@given(st.text("abc", max_size=8), st.text("xyz", min_size=1), st.text("abc", max_size=8))
def test_the_hidden_middle_never_comes_out(head: str, middle: str, tail: str) -> None:
    shown = compile_mask(MaskFormat("s", len(head), len(tail)))(head + middle + tail)
    assert not set(shown) & set("xyz")


@given(texts, kept, kept, st.sampled_from(" -.()/\u00a0\u2011"))
def test_separators_change_nothing(text: str, first: int, last: int, separator: str) -> None:
    mask = compile_mask(MaskFormat("s", first, last))
    plain = significant(text)
    assert mask(plain) == mask(separator.join(plain)) or significant(plain) != significant(
        separator.join(plain)
    )


@given(edges, st.integers(-2000, 2000))
def test_a_band_holds_its_value(some: tuple[int, ...], value: int) -> None:
    below, above = [e for e in some if e <= value], [e for e in some if e > value]
    label = compile_bands(some)(value)
    if not below:
        assert label == f"<{above[0]}"
    elif not above:
        assert label == f">={below[-1]}"
    else:
        assert label == f"{below[-1]}-{above[0]}"


@given(edges, st.lists(st.integers(-2000, 2000), min_size=2))
def test_bands_are_monotone(some: tuple[int, ...], values: list[int]) -> None:
    band = compile_bands(some)
    labels = [band(value) for value in sorted(values)]
    changes = sum(left != right for left, right in itertools.pairwise(labels))
    assert changes == len(set(labels)) - 1


@given(st.dates())
def test_month_and_year_begin_the_date(day: Any) -> None:
    written = day.isoformat()
    assert written.startswith(compile_date("month")(written) + "-")
    assert compile_date("month")(written) == f"{day.year:04d}-{day.month:02d}"
    assert compile_date("year")(written) == f"{day.year:04d}"


@given(addresses)
def test_an_address_never_gives_more_than_a_place(address: str) -> None:
    try:
        shown = compile_address("district")(address)
    except DeidError:
        return
    assert not any(character.isdigit() for character in shown)
    assert "路" not in shown
    assert "Street" not in shown
    if not shown.isascii():
        place = find_place(shown)
        assert place is not None
        assert shown == place.district
        assert shown.startswith(compile_address("city")(address))


@given(st.one_of(texts, addresses, st.text(st.characters()), st.integers(), st.floats(), st.none()))
def test_every_operator_is_total_or_refuses_by_type(value: Any) -> None:
    operators: list[Callable[[Any], str | int]] = [
        require_value,
        compile_mask(MaskFormat("s", 1, 1)),
        compile_bands((0, 10)),
        compile_date("month"),
        compile_address("district"),
        compile_address("city"),
    ]
    for operate in operators:
        try:
            shown = operate(value)
        except DeidError:
            continue
        assert type(shown) in (str, int)
        assert str(shown).encode()[:1] or value == "" or not significant(str(value))
