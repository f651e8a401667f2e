"""64 KiB of the worst text: linear work, bounded for every recogniser of places."""

import time

import pytest

from gateway.detection.context import ContextWords
from gateway.detection.recognisers.places import RECOGNISERS
from gateway.detection.text.document import Document

_SIZE = 64 * 1024
# The aim is a quarter of a second; the rest is slack for a busy machine.
_SECONDS = 1.5
_WORST = (
    "路1号",
    "建国路88号2栋3单元",
    "省",
    "北京",
    "北京市",
    "1号",
    "一号",
    "A座",
    "镇乡村",
    "住址：",
    "路",
    "一二三四五",
    "1-1",
    "1-",
    "里",
    "中山",
    "村3组 ",
    "住址：路",
    "有限公司",
    "北京有限公司",
    "工作单位：甲",
    "1990年",
    "出生日期：",
    "出生日期：1990年",
    "a",
    "1 a ",
    "1 A ",
    "1 Main St, ",
    "A, ",
    "A. ",
    "Flat 1, ",
    "SW1A 2AA ",
    "Inc ",
    "A Inc ",
    "A B Ltd, ",
    "born ",
    "DOB: 1.1.90 ",
    "123 N ",
    "in A ",
    "年",
    "，",
    " ",
    "\n",
    "Address: 1 Main St\n",
    "works at A ",
    "Box 1 ",
    "1 Main St, Austin, TX 78701\n",
    "A & ",
    "（近",
    "邮编100000",
    "路与路交叉口",
    "甲旁边的",
    "村第一家",
    "楼上1楼",
    "Hauptstr. 5, ",
    "rue A 1 ",
    "A 1, 1234 A ",
    "A 1\n12345 Ä, ",
    "A 1, A, ",
    "A 1, France ",
    "rue de la A ",
    "live at 1 A, ",
    "ship it to A 1, ",
    " 12345 Aa",
    "live at ",
)


@pytest.mark.parametrize("piece", _WORST)
def test_64_kib_of_the_worst_text_take_bounded_time(piece: str, words: ContextWords) -> None:
    text = (piece * _SIZE).encode()[:_SIZE].decode(errors="ignore")
    view = Document(text, words).folded
    view.context.all("any")
    for recogniser in RECOGNISERS:
        begin = time.process_time()
        for _ in recogniser().find(view):
            pass
        assert time.process_time() - begin < _SECONDS, recogniser.__name__
