"""Whatever surrounds a valid identifier, it does not leave in clear."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.application.ports.detection import KnownValue, Span
from gateway.detection.analyser import TextAnalyser, build
from gateway.detection.folding import fold
from gateway.detection.merging import merge
from support.identifiers import bank_cards, mobile_numbers, resident_ids

WORDS = (
    "客户",
    "张伟",
    "还款",
    "卡号：",
    "手机",
    "，",
    "。",
    " ",
    "card",
    "Tel.",
    "paid ",
    "1169 元",
    "(",
    ")",
)
around = st.lists(st.sampled_from((*WORDS, "2026-11-22 ", "48 months ")), max_size=6).map("".join)
CASES = settings(max_examples=150, deadline=None)


@pytest.fixture(scope="module")
def analyser() -> TextAnalyser:
    return build()


def _digits(text: str) -> str:
    return re.sub(r"[^0-9xX]", "", text)


def _assert_gone(analyser: TextAnalyser, before: str, number: str, after: str) -> None:
    # A number glued to another digit is another number.
    gap = " " if after[:1].isdigit() else ""
    masked = analyser.deidentify(f"{before}{number}{gap}{after}", ())
    assert number not in masked
    assert _digits(number)[-11:] not in _digits(masked)


def _full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@CASES
@given(around, resident_ids(), around)
def test_resident_ids(analyser: TextAnalyser, before: str, number: str, after: str) -> None:
    _assert_gone(analyser, before, number, after)
    assert _full_width(number) not in analyser.deidentify(before + _full_width(number), ())


@CASES
@given(around, mobile_numbers(), around)
def test_mobile_numbers(analyser: TextAnalyser, before: str, number: str, after: str) -> None:
    _assert_gone(analyser, before, number, after)
    assert _full_width(number) not in analyser.deidentify(before + _full_width(number), ())


@CASES
@given(around, bank_cards(), around)
def test_bank_cards(analyser: TextAnalyser, before: str, number: str, after: str) -> None:
    _assert_gone(analyser, before, number, after)
    assert _full_width(number) not in analyser.deidentify(before + _full_width(number), ())


@CASES
@given(st.text(max_size=40), st.text(min_size=6, max_size=20), st.text(max_size=40))
def test_known_values_in_any_text(
    analyser: TextAnalyser, before: str, value: str, after: str
) -> None:
    if not any(character.isalnum() for character in fold(value)):
        return
    # Six characters that count are enough to be found inside any word.
    value = f"{value}张伟李娜王芳"
    text = f"{before}{value}{after}"
    assert value not in analyser.deidentify(text, (KnownValue("NAME", value),))


@CASES
@given(st.text(alphabet=st.characters(exclude_characters="@", exclude_categories=["Nd"])))
def test_text_without_digits_or_addresses_is_unchanged(analyser: TextAnalyser, text: str) -> None:
    assert analyser.deidentify(text, ()) == text


@given(st.text())
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 9), st.sampled_from("ABC"), st.floats(0, 1)),
        max_size=12,
    ).flatmap(lambda parts: st.tuples(st.just(parts), st.permutations(parts)))
)
def test_merging_covers_the_same_characters_in_any_order(
    lists: tuple[list[tuple[int, int, str, float]], list[tuple[int, int, str, float]]],
) -> None:
    original, shuffled = (
        [Span(start, start + length, kind, score) for start, length, kind, score in parts]
        for parts in lists
    )
    merged = merge(original)
    assert merged == merge(shuffled)
    covered = [at for span in merged for at in range(span.start, span.end)]
    assert covered == sorted({at for span in original for at in range(span.start, span.end)})
