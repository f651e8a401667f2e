"""The views of the worst 64 KiB: bounded in time and in size."""

import base64
import time

import pytest

from gateway.detection.context import ContextWords
from gateway.detection.text.document import Document

SIZE = 64 * 1024
TOKEN = base64.b64encode(b"13812345678").decode()
WORST = {
    "digits": "1",
    "digits and spaces": "1 ",
    "rows of seven": "1 2 3 4 5 6 7\n",
    "rows of any separators": "1-2.3-4.5-6.7,",
    "mobile numbers": "138 1234.5678\n",
    "spaced numbers": "1 3 8 1 2 3 4 5 6 7 8, ",
    "Chinese numerals": "一",
    "Chinese numerals and spaces": "一 三 八 ",
    "digit words": "one ",
    "digit words without end": "one",
    "look-alike letters": "1O",
    "look-alike letters and spaces": "O 1 ",
    "percent": "%31",
    "broken UTF-8": "%E5%BC",
    "entities": "&#49;",
    "escapes": "\\u0031",
    "surrogate escapes": "\\ud83d",
    "base64 tokens": TOKEN + " ",
    "one base64 token": "MTM4",
    "hex": "31",
    "hex in pairs": "31 ",
    "paths": "abcdefghijkl/",
    "zero width": "\u200b",
    "combining marks": "\u0301",
    "letters with marks": "e\u0301",
    "expanding": "㎏",
    "full width": "１",
    "emoji": "1😀",
    "lone surrogates": "\ud800",
    "at and dot": "a dot a at ",
    "at signs": "a@",
    "spaced at signs": " @ ",
    "brackets": "(at)",
    "tags": "1<b>",
    "open tags": "<",
    "codes": "AB12 ",
    "passports": "E 1 2 3 4 5 6 7 8 ",
    "mixed codes": "A一",
    "addresses": "1 . ",
    "Chinese addresses": "一点",
    "everything": f"a%31&#49;\\u0031 {TOKEN} 1 3 8 1 2 3 4 5 6 7 8 ",
}


@pytest.mark.parametrize("unit", WORST.values(), ids=WORST.keys())
def test_linear_and_bounded(unit: str) -> None:
    text = unit * (SIZE // len(unit.encode("utf-8", "surrogatepass")))
    document = Document(text, ContextWords([]))
    started = time.process_time()
    views = document.views
    assert time.process_time() - started < 1.0
    assert sum(len(view.text) for view in views) <= 8 * len(text)
    assert all(len(view.text) <= 4 * len(text) for view in views)
