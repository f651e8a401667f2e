"""What holds of the composition guard for every history of releases."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.deid.canonical import canonical
from gateway.domain.deid.composition import Alternative, GuardDraft, Seen, Shown, seen_after
from gateway.domain.deid.masks import MASK, compile_mask, significant
from gateway.domain.policy.documents import MaskFormat

ends = st.integers(0, 8)
releases = st.lists(st.tuples(ends, ends, st.integers(0, 12), st.sampled_from("abc")), max_size=12)


@given(st.integers(1, 20), releases)
def test_what_was_seen_is_the_union_and_never_breaks_a_promise_by_showing_more(
    length: int, history: list[tuple[int, int, int, str]]
) -> None:
    """Positions kept as a set, by a reader of the promise who does not share the arithmetic."""
    value = list(range(length))
    seen: Seen | None = None
    positions: set[int] = set()
    promised = 0
    for first, last, promise, field in history:
        if first + last >= length:
            continue  # the mask replaces such a value whole
        shown = set(value[:first]) | set(value[length - last :])
        after = seen_after(seen, Shown(b"t", length, first, last, promise, (field,)))
        allowed = shown <= positions or length - len(positions | shown) >= max(promised, promise)
        assert (after is not None) == allowed
        if after is not None:
            seen = after
            positions |= shown
            promised = max(promised, promise)
            assert set(value[: after.first]) | set(value[length - after.last :]) == positions
            assert after.promised == promised
            assert field in after.fields


@given(st.integers(2, 20), releases)
def test_the_order_of_two_releases_never_shows_more_than_the_bound(
    length: int, history: list[tuple[int, int, int, str]]
) -> None:
    bound = 3
    seen: Seen | None = None
    for first, last, _, field in history:
        seen = seen_after(seen, Shown(b"t", length, first, last, bound, (field,))) or seen
    if seen is not None and seen.first + seen.last > 0:
        assert length - seen.first - seen.last >= bound


@given(st.integers(2, 20), releases)
def test_what_was_allowed_is_allowed_again_and_adds_nothing(
    length: int, history: list[tuple[int, int, int, str]]
) -> None:
    seen: Seen | None = None
    allowed = []
    for first, last, promise, field in history:
        shown = Shown(b"t", length, first, last, promise, (field,))
        after = seen_after(seen, shown)
        if after is not None:
            seen = after
            allowed.append(shown)
    for shown in allowed:
        assert seen_after(seen, shown) == seen


@given(st.text(max_size=30), ends, ends, st.none() | st.integers(1, 20))
def test_an_alternative_shows_nothing_and_keeps_the_length(
    text: str, first: int, last: int, fixed: int | None
) -> None:
    mask = MaskFormat("s", first, last, fixed)
    draft = GuardDraft("d", lambda value: value.encode(errors="surrogatepass"))
    masked = compile_mask(mask)(text)
    part = draft.part("f", text, mask, 1, masked)
    draft.add("f", [part])
    guard = draft.done("tighten")
    if isinstance(part, str):
        # Nothing of the value is shown: nothing to guard.
        assert set(masked) <= {MASK}
        assert guard is None
        return
    assert guard is not None
    assert isinstance(part, Alternative)
    assert set(part.tightened) == {MASK}
    assert part.masked == masked
    assert len(part.tightened) == (len(significant(text)) if fixed is None else fixed)
    ((place, shown),) = guard.left()
    assert (place, shown.fields) == (0, ("d/f",))
    (field,) = guard.fields
    assert field.written(set()) == masked
    assert field.written({0}) == part.tightened


DIGITS = [
    "0123456789",
    "０１２３４５６７８９",
    "〇一二三四五六七八九",
    "零壹贰叁肆伍陆柒捌玖",
    "⓪①②③④⑤⑥⑦⑧⑨",
]


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(DIGITS)), min_size=1, max_size=20))
def test_numerals_of_any_kind_are_one_spelling(numerals: list[tuple[int, str]]) -> None:
    written = "-".join(kind[digit] for digit, kind in numerals)
    assert canonical(written) == "".join(str(digit) for digit, _ in numerals)


@given(st.text(max_size=40))
def test_a_spelling_is_its_own_spelling(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once
    assert canonical(unicodedata.normalize("NFC", text)) == once
