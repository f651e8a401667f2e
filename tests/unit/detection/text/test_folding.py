"""Folding: what becomes what, and where it stood."""

import pytest

from gateway.detection.text import characters
from gateway.detection.text.folding import fold

CANONICAL = [
    ("１３８－ＡＢ＠ｃ．", "138-AB@c."),
    ("⓪①②③④⑤⑥⑦⑧⑨", "0123456789"),
    ("⓿❶➁➂⓸⑸⒍", "0123456"),
    ("⁰¹²³₄₅", "012345"),
    ("𝟎𝟏𝟐𝟛𝟜𝟝𝟨𝟩𝟪𝟿", "0123456789"),
    ("٠١٢٣٤٥٦٧٨٩", "0123456789"),
    ("०१२३४๕๖๗๘๙", "0123456789"),
    ("𝐙𝒽𝓪𝕟𝚐", "Zhang"),
    ("Ⓩⓗ🄰🅱🇨", "ZhABC"),
    ("ᴢʜᴀɴɢ", "zHANG"),
    ("раураӏ", "paypal"),
    ("ΑΒΕΖοЅЗ", "ABEZoS3"),
    ("Ⅹ Ⅻ ﬁ ㎏", "X XII fi kg"),
    ("a\u00a0b\u2009c\u3000d", "a b c d"),
    ("1\u20102\u20133\u20144\u22125\u30fc6", "1-2-3-4-5-6"),
    ("a•b・c", "a·b·c"),
    ("㈠㊂", "一三"),
    ("⼀⾦", "一金"),
    ("a\u2028b\u0085c", "a\nb\nc"),
]


@pytest.mark.parametrize(("written", "canonical"), CANONICAL)
def test_becomes_canonical(written: str, canonical: str) -> None:
    assert fold(written).text == canonical


@pytest.mark.parametrize(
    "nothing",
    [
        *("\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202e", "\u2066", "\u061c", "\u180e"),
        *("\ufe0f", "\U000e0100", "\U000e0041", "\x00", "\x08", "\x7f", "\x9f", "\u0336", "\u20e3"),
        *("\u034f", "\u3164", "\ufffb"),
    ],
)
def test_what_shows_nothing_is_gone(nothing: str) -> None:
    folded = fold(f"张1{nothing}3{nothing}{nothing}8")
    assert folded.text == "张138"
    assert folded.starts is not None
    assert folded.starts[:3] == [0, 1, 3]
    assert folded.starts[3] == 6


PLAIN = [
    "客户张伟来电，表示其联系电话为空号。",
    "The borrower's café — naïve résumé",
    "Ångström, Łódź, Nguyễn Văn Đức",
    "“引号”《书名》……、【附件】",
    "ไม่มี हिन्दी العربية עברית 한국어 カタカナ",
    "𠮷野家 😀👍",
]


@pytest.mark.parametrize("text", PLAIN)
def test_ordinary_writing_keeps_its_letters(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(text)
    changed = {a + b for a, b in zip(text, folded.text, strict=True) if a != b}
    assert changed <= {"，,", "—-", "：:"}


def test_plain_text_is_the_same_object_without_a_table() -> None:
    for text in ("plain ASCII 13812345678\n", "没有标点的中文", ""):
        assert fold(text) == (text, None, None)
        assert fold(text).text is text


def test_accents_are_composed_and_strokes_removed() -> None:
    assert fold("cafe\u0301").text == "café"
    assert fold("e\u0302\u0323").text == "ệ"
    assert fold("1\u0301\u03273\u0336").text == "13"
    assert fold("\u0301").text == ""


def test_a_mark_goes_with_what_it_sits_on() -> None:
    folded = fold("x1\ufe0f\u20e3y")
    assert folded.text == "x1y"
    assert (folded.starts, folded.ends) == ([0, 1, 4], [1, 4, 5])


def test_an_expanded_character_stands_for_each_of_its_forms() -> None:
    folded = fold("a㎏b")
    assert folded.text == "akgb"
    assert (folded.starts, folded.ends) == ([0, 1, 1, 2], [1, 2, 2, 3])


def test_long_expansions_are_left_alone() -> None:
    assert fold("\ufdfa").text == "\ufdfa"


@pytest.mark.parametrize("text", ["\ud800", "a\udfff１", "\ud83d\u200b1", "\U0010ffff\uffff"])
def test_any_string_folds(text: str) -> None:
    assert isinstance(fold(text).text, str)


def test_no_character_that_folds_is_passed_over() -> None:
    passed_over = {
        code for first, last in characters.TEXT_BLOCKS for code in range(first, last)
    }.difference(characters.foldable())
    assert len(passed_over) > 1000
    for code in passed_over:
        form = characters.digits(code) or characters.compatible(code)
        assert form in (None, chr(code)), hex(code)
