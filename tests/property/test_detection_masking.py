"""Whatever surrounds a valid identifier, it does not leave in clear."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.application.ports.detection import KnownValue
from gateway.detection.engine import TextEngine
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
def engine() -> TextEngine:
    return TextEngine()


def _masked(engine: TextEngine, text: str, known: tuple[KnownValue, ...] = ()) -> str:
    parts, at = [], 0
    for one in engine.analyse(text, known):
        parts += [text[at : one.start], f"<{one.type}>"]
        at = one.end
    return "".join([*parts, text[at:]])


def _digits(text: str) -> str:
    return re.sub(r"[^0-9xX]", "", text)


def _assert_gone(engine: TextEngine, before: str, number: str, after: str) -> None:
    # A number glued to another digit is another number, and to a Latin letter mostly a code.
    gap = " " if after[:1].isascii() and after[:1].isalnum() else ""
    before = f"{before} " if before[-1:].isascii() and before[-1:].isalnum() else before
    masked = _masked(engine, f"{before}{number}{gap}{after}")
    assert number not in masked
    if number.isascii():
        assert _digits(number)[-11:] not in _digits(masked)


def _full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@CASES
@given(around, resident_ids(), around)
def test_resident_ids(engine: TextEngine, before: str, number: str, after: str) -> None:
    _assert_gone(engine, before, number, after)
    _assert_gone(engine, before, _full_width(number), "")


@CASES
@given(around, mobile_numbers(), around)
def test_mobile_numbers(engine: TextEngine, before: str, number: str, after: str) -> None:
    _assert_gone(engine, before, number, after)
    _assert_gone(engine, before, _full_width(number), "")


@CASES
@given(around, bank_cards(), around)
def test_bank_cards(engine: TextEngine, before: str, number: str, after: str) -> None:
    _assert_gone(engine, before, number, after)
    _assert_gone(engine, before, _full_width(number), "")


@CASES
@given(st.text(max_size=40), st.text(min_size=1, max_size=20), st.text(max_size=40))
def test_known_values_in_any_text(engine: TextEngine, before: str, value: str, after: str) -> None:
    # Six characters that count are enough to be found inside any word; what combines with its
    # neighbour would make another value of it.
    value = f"张伟李娜王芳{value}张伟李娜王芳"
    text = f"{before}{value}{after}"
    assert value not in _masked(engine, text, (KnownValue("ID", value),))


@CASES
@given(st.text(alphabet="客户表示将于下月还款已结清，。 \n的了是在和", max_size=60))
def test_text_without_letters_or_digits_is_unchanged(engine: TextEngine, text: str) -> None:
    assert [one for one in engine.analyse(text) if one.type != "PERSON"] == []


@CASES
@given(st.text(max_size=200))
def test_any_text_has_an_answer_with_extents_inside_it(engine: TextEngine, text: str) -> None:
    at = 0
    for one in engine.analyse(text):
        assert at <= one.start < one.end <= len(text)
        at = one.end
