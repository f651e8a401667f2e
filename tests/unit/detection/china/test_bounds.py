"""64 KiB of the worst text: linear work, bounded for every recogniser."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detection.recognisers.china import RECOGNISERS
from gateway.detection.recognisers.china.numbers import numbers
from gateway.detection.recognisers.registry import GatedRecognisers, context_words
from gateway.detection.text.document import Document

_SIZE = 64 * 1024
# The aim is a quarter of a second; the rest is slack for a busy machine.
_SECONDS = 1.5
_WORST = (
    "1", "1 ", "12 ", "1234 ", "138 1234 5678 ", "6222 0212 ", "0000 ", "86 86 ", "13812345678,",
    "QQ12345 ", "微信abc123 ", "微信", "身份证", "合同号A1234 ", "(2023)沪银", "京A12345 ", "WJ",
    "卡号6222021234567890128", "电话01062345678转", "E12345678 ", "军字第1234567号", "(010)",
    "91350100M000100Y43 ", "公积金医保社保驾照123456789012,", "账号12345678 ", "+86", "a_", "字第",
    "订单号卡号1234567890123 ", "12345678-9代码证", "使123456", "LSVAA49J13204737 ", "[2020]年",
    "护照12345678 ", "2088",
)  # fmt: skip


@pytest.mark.parametrize("piece", _WORST)
def test_64_kib_of_the_worst_text_take_bounded_time(piece: str) -> None:
    text = piece * (_SIZE // len(piece.encode()) + 1)
    view = Document(text, context_words()).folded
    view.context.all("any")
    numbers.cache_clear()
    for recogniser in RECOGNISERS:
        begin = time.process_time()
        for _ in recogniser().find(view):
            pass
        assert time.process_time() - begin < _SECONDS, recogniser.__name__


def test_a_recogniser_is_not_asked_about_plain_text() -> None:
    gated = GatedRecognisers(tuple(recogniser() for recogniser in RECOGNISERS))
    for text in ("客户因经营周转需要申请贷款，已核实其经营场所。", "2023年12月，共12期，利率4.35%"):
        assert gated.worth_asking(Document(text, context_words()).folded) == ()


_PIECES = (
    "1",
    "8",
    "62",
    "X",
    " ",
    "-",
    "(",
    ")",
    "+86",
    "身份证",
    "QQ",
    "京A",
    "字第",
    "号",
    "：",
    "﷐",
    "٣",
    "²",
)


@settings(max_examples=300)
@given(
    text=st.lists(st.sampled_from(_PIECES) | st.text(max_size=3), max_size=40).map("".join)
    | st.text(st.characters(), max_size=80)
)
def test_any_text_gives_findings_inside_it(text: str) -> None:
    view = Document(text, context_words()).folded
    for recogniser in RECOGNISERS:
        for one in recogniser().find(view):
            assert 0 <= one.start < one.end <= len(view.text)
            assert 0 < one.score < 1
            assert one.entity in recogniser.ENTITIES
