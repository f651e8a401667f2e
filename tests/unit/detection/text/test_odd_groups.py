"""Numbers and codes in groups that nobody prints: found where a word or their form names them."""

from collections.abc import Callable
from random import Random

import pytest

from gateway.detection.context import ContextWords
from gateway.detection.engine import TextEngine
from gateway.detection.recognisers.registry import recogniser_classes
from gateway.detection.text.document import Document
from gateway.detection.text.folding import fold
from gateway.detection.text.view import View, ViewKind

Views = Callable[[str, ViewKind], list[View]]


SEPARATORS = (
    " ",
    "  ",
    "-",
    " - ",
    ".",
    "/",
    "*",
    "~",
    "_",
    "·",
    "—",
    "\u3000",
    "\\",
    "\n",
    "\r\n",
)
NAMED = (
    ("SSN: {}", "523456789", "US_SSN"),
    ("EIN {}", "521408786", "US_EIN"),
    ("routing number {}", "021000021", "ABA_ROUTING_NUMBER"),
    ("QQ号：{}", "461714823", "QQ_NUMBER"),
    ("QQ {}", "461714823", "QQ_NUMBER"),
    ("公积金账号{}", "320516425053", "CN_HOUSING_FUND_NUMBER"),
    ("统一社会信用代码：{}", "91110108MA01ABCD93", "CN_UNIFIED_SOCIAL_CREDIT_CODE"),
    ("IBAN: {}", "GB82WEST12345698765432", "IBAN_CODE"),
    ("IBAN{}", "NL91ABNA0417164300", "IBAN_CODE"),
    ("护照号 {}", "E12345678", "CN_PASSPORT"),
    ("车牌 {}", "京A32564", "CN_VEHICLE_PLATE"),
)


@pytest.fixture(scope="module")
def engine() -> TextEngine:
    return TextEngine(
        recognisers=[one() for one in recogniser_classes() if one.ENTITIES[0] != "PERSON"]
    )


def grouped(value: str, separator: str, rng: Random) -> str:
    pieces, at = [], 0
    while at < len(value):
        size = rng.choice((3, 4, 4, 5))
        pieces.append(value[at : at + size])
        at += size
    return separator.join(pieces)


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize(("frame", "value", "entity"), NAMED)
def test_a_named_number_is_found_whatever_divides_it(
    engine: TextEngine, frame: str, value: str, entity: str, separator: str
) -> None:
    for seed in range(4):
        written = grouped(value, separator, Random(f"{seed}{separator}{value}"))
        text = frame.format(written)
        spans = engine.analyse(text)
        start = text.index(written)
        covered = {at for one in spans for at in range(one.start, one.end)}
        left = [text[at] for at in range(start, len(text)) if at not in covered]
        assert not "".join(left).strip(), (text, spans)
        assert entity in {one.type for one in spans}


@pytest.mark.parametrize(
    "text",
    [
        "电话 01.02.1990",  # a date
        "电话 192.168.10.20",  # an address
        "电话\t12\t345\t6789",  # cells
        "电话 1,234,567",  # an amount
        "总共 12 345 67",  # no word that names a number
        "电话 1234567 12345",  # a number by itself
    ],
)
def test_groups_that_are_something_else_stay(views: Views, text: str) -> None:
    joined = [view.text for view in views(text, ViewKind.JOINED)]
    digits = "".join(one for one in text if one.isdigit())
    assert not any(digits in one for one in joined)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("手机138后面是0013然后8000", "13800138000"),
        ("(1)3(8)(0)0138000 ok", "13800138000"),
        ("手机1380i13800o", "13801138000"),
        ("手机l38g0138b00", "13890138600"),
        ("1҉3҈8⃝0\u03360\u03001\u03013\u03328000", "13800138000"),
    ],
)
def test_what_stands_for_digits_is_read(views: Views, text: str, number: str) -> None:
    texts = [view.text for kind in ViewKind for view in views(text, kind)]
    assert any(number in one for one in texts), texts


@pytest.mark.parametrize("text", ["3f2b9c1d8e7b6a5f4e3d2c1b0a9f", "I am 5 BIG oil 12", "9b8 words"])
def test_hashes_and_words_are_no_disguise(views: Views, text: str) -> None:
    assert views(text, ViewKind.JOINED) == []


def test_a_mark_beside_a_digit_makes_no_accent() -> None:
    assert fold("E\u03011A\u0301").text == "E1A"
    assert fold("Re\u0301ne\u0301").text == "Réné"


def test_words_that_were_encoded_with_a_number_are_as_near_as_they_were(
    engine: TextEngine,
) -> None:
    said = "我的公积金账号是 320516425053，请核实"
    for text in (
        "".join(f"&#{ord(one)};" for one in said),
        "".join(f"\\u{ord(one):04x}" for one in said),
        "".join(f"%{byte:02X}" for byte in said.encode()),
    ):
        assert "CN_HOUSING_FUND_NUMBER" in {one.type for one in engine.analyse(f"内容：{text}")}


def test_a_row_that_holds_a_found_number_is_no_other_one(engine: TextEngine) -> None:
    text = "1) SSN 199-69-8148 2) phone (415) 516-9614 3) end"
    found = {text[one.start : one.end] for one in engine.analyse(text)}
    assert found == {"199-69-8148", "(415) 516-9614"}


def test_the_original_is_never_changed_in_length_or_place() -> None:
    text = "统一社会信用代码：9111-0108-MA01-ABCD-93。"
    for view in Document(text, ContextWords([])).views:
        for at in range(len(view.text)):
            start, end = view.extent(at, at + 1)
            assert 0 <= start < end <= len(text)
