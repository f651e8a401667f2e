"""One level of encodings. Base64 vectors: RFC 4648, section 10."""

import base64
from collections.abc import Callable

import pytest

from gateway.detection.text.view import View, ViewKind

Views = Callable[[str, ViewKind], list[View]]
SECRET = "电话13812345678"

BY_CHARACTER = [
    ("%31%33%38", "138"),
    ("%E7%94%B5%E8%AF%9D", "电话"),
    ("%B5%E7%BB%B0", "电话"),
    ("%EF%BC%91", "1"),
    ("&#49;&#51;&#x38;", "138"),
    ("&#30005&#35805", "电话"),
    ("a&commat;b&period;c", "a@b.c"),
    ("1&#8203;3&nbsp;8", "13 8"),
    ("\\u0031\\u0033\\u{38}", "138"),
    ("\\u7535\\u8bdd", "电话"),
    ("\\ud83d\\ude00", "😀"),
    ("\\x31\\x33\\x38", "138"),
    ("\\xe7\\x94\\xb5", "电"),
    ("%u0031%u0033U+0038", "138"),
]


@pytest.mark.parametrize(("written", "plain"), BY_CHARACTER)
def test_escapes_are_decoded_in_place(views: Views, written: str, plain: str) -> None:
    original = f"前 {written} 后"
    (view,) = views(original, ViewKind.DECODED)
    assert view.text == f"前 {plain} 后"
    assert view.extent(2, 2 + len(plain)) == (2, 2 + len(written))
    assert view.extent(len(view.text) - 1, len(view.text)) == (len(original) - 1, len(original))


def test_each_character_keeps_its_extent(views: Views) -> None:
    (view,) = views("a%31%E7%94%B5b", ViewKind.DECODED)
    assert [view.extent(at, at + 1) for at in range(4)] == [(0, 1), (1, 4), (4, 13), (13, 14)]


TOKENS = [
    base64.b64encode(SECRET.encode()).decode(),
    base64.b64encode(SECRET.encode()).decode().rstrip("="),
    base64.urlsafe_b64encode(SECRET.encode("gbk")).decode(),
    SECRET.encode().hex(),
    SECRET.encode("gbk").hex().upper(),
    "0x" + SECRET.encode().hex(),
    SECRET.encode().hex(" "),
    " ".join(f"0x{one:02X}" for one in SECRET.encode()),
]


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_stands_for_what_it_decodes_to(views: Views, token: str) -> None:
    (view,) = views(f"键={token}；", ViewKind.DECODED)
    assert view.text == f"键={SECRET};"
    assert {view.extent(at, at + 1) for at in range(2, 2 + len(SECRET))} == {(2, 2 + len(token))}
    assert view.has_context("PHONE", 4, 15)


def test_vectors_of_rfc_4648(views: Views) -> None:
    for plain in (b"foobarfoo", b"foobarfoob", b"foobarfooba"):
        token = base64.b64encode(plain).decode()
        (view,) = views(f"({token})", ViewKind.DECODED)
        assert view.text == f"({plain.decode()})"
    assert base64.b64encode(b"foobar") == b"Zm9vYmFy"
    assert views("Zm9vYmFy", ViewKind.DECODED) == []


def test_a_token_within_a_path(views: Views) -> None:
    token = base64.b64encode(b"13812345678 ok").decode().rstrip("=")
    (view,) = views(f"https://x.cn/abcdefghijklm/{token}?a=1", ViewKind.DECODED)
    assert "13812345678" in view.text


def test_only_one_level(views: Views) -> None:
    twice = base64.b64encode(base64.b64encode(SECRET.encode())).decode()
    assert not any(SECRET in view.text for view in views(twice, ViewKind.DECODED))


NO_TEXT = [
    "internationalization and uncharacteristically",
    "gateway/detection/recognisers/registry",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "123e4567-e89b-12d3-a456-426614174000",
    "6222021234567890123",
    "00:1A:2B:3C:4D:5E:6F:70",
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7",
    "100% of 50%, a & b; R&D; C:\\users\\x",
    "AAAAAAAAAAAAAAAAAAAAAAAA",
]


@pytest.mark.parametrize("text", NO_TEXT)
def test_what_decodes_to_no_text_is_left_alone(views: Views, text: str) -> None:
    assert views(text, ViewKind.DECODED) == []


def test_a_disguise_within_an_encoding_is_joined(views: Views) -> None:
    text = "%31&nbsp;3 8 1 2 3 4 5 6 7 8".replace("&nbsp;", "%20")
    assert any("13812345678" in view.text for view in views(text, ViewKind.JOINED))
