"""Places that need no second look: what lies within one, and what views are made beside them."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.context import ContextWords
from gateway.detection.text.document import Document
from gateway.detection.text.settled import NOWHERE, Settled
from gateway.detection.text.view import ViewKind

_EXTENTS = st.tuples(st.integers(0, 30), st.integers(1, 8)).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)
_NO_WORDS = ContextWords([])


@given(st.lists(_EXTENTS, max_size=12), _EXTENTS)
def test_an_extent_is_covered_by_one_place_that_has_all_of_it(
    places: list[tuple[int, int]], asked: tuple[int, int]
) -> None:
    start, end = asked
    assert Settled(places).covers(start, end) == any(a <= start and end <= b for a, b in places)


def _rewritten(text: str, *settled: str) -> list[str]:
    places = [(text.index(part), text.index(part) + len(part)) for part in settled]
    return [
        view.text
        for view in Document(text, _NO_WORDS).further(Settled(places))
        if view.kind is ViewKind.JOINED
    ]


def test_what_is_settled_is_not_rewritten_and_the_rest_is() -> None:
    first, second = "1 3 8 0 0 1 3 8 0 0 0", "6.2.2.2.0.2.0.0.1"
    text = f"call {first}; pay to {second}"
    assert _rewritten(text) == ["call 13800138000; pay to 622202001"]
    assert _rewritten(text, first) == [f"call {first}; pay to 622202001"]
    assert _rewritten(text, first, second) == []


def test_a_number_that_goes_beyond_a_settled_place_is_rewritten_whole() -> None:
    assert _rewritten("no 6222.0200.1112.2230.004", "6222.0200.1112.2230") == [
        "no 6222020011122230004"
    ]


def test_a_code_in_groups_is_settled_without_the_word_before_it() -> None:
    code = "GB82 WEST 1234 5698 7654 32"
    assert _rewritten(f"IBAN {code}", code) == []
    assert _rewritten(f"IBAN {code}", code[:-3])[-1] == "IBAN GB82WEST12345698765432"


def test_a_settled_place_is_one_of_the_original() -> None:
    # Characters that show nothing move every offset behind them.
    number = "1 3 8 0 0 1 3 8 0 0 0"
    text = "\u200b\u200b\u200b\u200b\u200b" + number
    assert _rewritten(text) == ["13800138000"]
    assert _rewritten(text, number) == []
    (view,) = Document(text, _NO_WORDS).further(Settled([(0, len(number))]))
    assert view.text == "13800138000"


def test_without_settled_places_the_views_are_all_there_are() -> None:
    text = "1 3 8 0 0 1 3 8 0 0 0 MTM4MDAxMzgwMDA= %31%33%38"
    document = Document(text, _NO_WORDS)
    made = [view.text for view in document.further(NOWHERE)]
    assert made == [view.text for view in document.views[1:]]
    assert {view.kind for view in document.views} == set(ViewKind)


def test_a_spelled_address_that_is_settled_is_not_written_together() -> None:
    address = "zhang [at] example [dot] com"
    assert _rewritten(f"to {address} now") == ["to zhang@example.com now"]
    assert _rewritten(f"to {address} now", address) == []


def test_numbers_in_words_and_signs_are_no_part_of_what_is_settled() -> None:
    plain = "13800138000"
    for hidden in (
        "一三八零零一三八零零零",
        "one three 8 0 0 1 3 8 0 0 0",
        "1 3 8 O O 1 3 8 0 0 0",
    ):
        assert _rewritten(f"{plain} or {hidden}", plain)[0] == f"{plain} or {plain}"
    for hidden in ("1 3 8 0 0 1 3 8 0 0 0", "138001380 00", "1-3800138000"):
        assert _rewritten(f"{plain} or {hidden}", plain)[0] == f"{plain} or {plain}"
        assert _rewritten(f"{plain} or {hidden}", plain, hidden) == []
