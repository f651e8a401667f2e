"""Characters set apart, codes in groups and spelled addresses."""

from collections.abc import Callable

import pytest

from gateway.detection.text.view import View, ViewKind

Views = Callable[[str, ViewKind], list[View]]

TOGETHER = [
    ("z h a n g @ q q . c o m", "zhang@qq.com"),
    ("w-e-i-8-8-@-q-q-.-c-n", "wei88@qq.cn"),
    ("user [at] example [dot] com", "user@example.com"),
    ("user(at)example.com", "user@example.com"),
    ("user【at】example【点】com", "user@example.com"),
    ("user at example dot com", "user@example.com"),
    ("john dot miller AT example DOT co DOT uk", "john.miller@example.co.uk"),
    ("user＠example。com", "user@example.com"),
    ("user @ example.com", "user@example.com"),
    ("user@ example . com", "user@example.com"),
    ("user艾特example点com", "user@example.com"),
    ("9111 0108 MA01 ABCD 2X", "91110108MA01ABCD2X"),
    ("91-110108-MA01ABCD2-X", "91110108MA01ABCD2X"),
    ("9 1 1 1 0 1 0 8 M A 0 1 A B C D 2 X", "91110108MA01ABCD2X"),
    ("9/1/1/1/0/1/0/8/M/A/0/1/A/B/C/D/2/X", "91110108MA01ABCD2X"),
    ("九一一一〇一〇八MA〇一ABCD二X", "91110108MA01ABCD2X"),
    ("GB82.WEST.1234.5698.7654.32", "GB82WEST12345698765432"),
    ("E 1234 5678", "E12345678"),
    ("E一二三四五六七八", "E12345678"),
    ("192 . 168 . 1 . 15", "192.168.1.15"),
    ("192[.]168[.]1[.]15", "192.168.1.15"),
    ("192。168。1。15", "192.168.1.15"),
    ("192 dot 168 dot 1 dot 15", "192.168.1.15"),
    ("一九二点一六八点一点一五", "192.168.1.15"),
]


@pytest.mark.parametrize(("written", "whole"), TOGETHER)
def test_written_together(views: Views, written: str, whole: str) -> None:
    original = f"见：{written} 谢谢"
    found = [view for view in views(original, ViewKind.JOINED) if whole in view.text]
    assert found, [view.text for view in views(original, ViewKind.JOINED)]
    at = found[0].text.index(whole)
    assert found[0].extent(at, at + len(whole)) == (2, 2 + len(written))


APART = [
    "Look at the dot on the map.",
    "Meet us at example.com today",
    "Follow us @ Independent . Thanks",
    "a = b + c * d - e / f",
    "J o h n S m i t h",
    "ISO 9001 GB 11643 JR 0171",
    "看A。B也可以",
    "VIP客户一人",
    "- - - - - - - - - -",
    "3 . 14 and 2 . 71",
]


@pytest.mark.parametrize("text", APART)
def test_prose_stays_as_it_is(views: Views, text: str) -> None:
    assert not any("@" in view.text for view in views(text, ViewKind.JOINED))


@pytest.mark.parametrize("text", ["J o h n S m i t h", "- - - - - - - - - -", "a = b + c * d - e"])
def test_letters_alone_stay_apart(views: Views, text: str) -> None:
    assert views(text, ViewKind.JOINED) == []
