"""Pages: tokens come back as they were made, and only under the filters they were made under."""

from __future__ import annotations

import base64

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.servicers.decode import InvalidField
from gateway.servicers.paging import DEFAULT_SIZE, MAX_SIZE, Page, next_token, page

FILTERS = st.lists(st.one_of(st.text(max_size=20), st.integers(), st.booleans()), max_size=5)
SAID = {
    "page_size": "page_size: must be at most 500",
    "page_token": "page_token: must be a token of this list, with the same filters",
}
"""Whatever came: nothing of it is repeated."""
PLACES = st.text(min_size=1, max_size=200)


def refused(size: int, token: str, *filters: object) -> str:
    with pytest.raises(InvalidField) as caught:
        page(size, token, *filters)
    assert str(caught.value) == SAID[caught.value.path]
    return caught.value.path


@given(PLACES, FILTERS, st.integers(1, MAX_SIZE))
def test_a_token_leads_back_to_its_place(after: str, filters: list[object], size: int) -> None:
    assert page(size, next_token(after, *filters), *filters) == Page(size, after)


@given(PLACES, FILTERS, FILTERS)
def test_a_token_of_other_filters_is_refused(
    after: str, filters: list[object], others: list[object]
) -> None:
    assume([(type(one), one) for one in filters] != [(type(one), one) for one in others])
    assert refused(1, next_token(after, *filters), *others) == "page_token"


@pytest.mark.parametrize(
    ("filters", "others"),
    [((1,), ("1",)), ((True,), (1,)), (("a", ""), ("", "a")), (("a\nstr b",), ("a", "b")),
     (("a\nstr 1 b",), ("a", "b")), (("1 a",), ("a",))],
)  # fmt: skip
def test_filters_that_look_alike_are_told_apart(
    filters: tuple[object, ...], others: tuple[object, ...]
) -> None:
    assert refused(1, next_token("after", *filters), *others) == "page_token"


@given(PLACES, FILTERS, st.data())
def test_a_changed_token_is_refused_or_leads_to_its_own_place(
    after: str, filters: list[object], data: st.DataObject
) -> None:
    """The digest is of the filters alone: another place among the same filters grants nothing."""
    token = next_token(after, *filters)
    at = data.draw(st.integers(0, len(token) - 1))
    other = token[:at] + data.draw(st.sampled_from("AZaz09-_=+/ é")) + token[at + 1 :]
    try:
        found = page(1, other, *filters)
    except InvalidField:
        assert refused(1, other, *filters) == "page_token"
    else:
        assert next_token(found.after, *filters) == other


@given(st.text(max_size=60))
def test_any_text_is_refused_or_is_a_token(text: str) -> None:
    assume(text)
    assert refused(1, text, "a filter") == "page_token"


def test_no_place_is_no_token_and_no_token_is_the_start() -> None:
    assert next_token("", "a filter") == ""
    assert page(0, "", "a filter") == Page(DEFAULT_SIZE, "")
    bare = base64.urlsafe_b64encode(base64.urlsafe_b64decode(next_token("xxx", "f"))[:12])
    assert refused(1, bare.decode(), "f") == "page_token"


@pytest.mark.parametrize("size", [MAX_SIZE + 1, 2**32 - 1])
def test_a_page_has_a_largest_size(size: int) -> None:
    assert refused(size, "") == "page_size"
    assert page(MAX_SIZE, "").limit == MAX_SIZE


def test_a_token_beyond_any_place_is_not_decoded() -> None:
    assert refused(1, next_token("x" * 2000)) == "page_token"
