"""The cut of Latin text: nothing is lost, nothing moves, numbers and addresses are not kept."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.names.english.tokens import tokens

TEXTS = st.text(st.sampled_from("aZé'’sS.,@#/_-19 \n\t联系人Ж€😀\u0301"), max_size=60) | st.text()


def parts(text: str) -> list[str]:
    found = tokens(text)
    return [text[a:b] for a, b in zip(found.starts, found.ends, strict=True)]


@given(TEXTS)
def test_every_character_but_white_space_is_in_one_token(text: str) -> None:
    found = tokens(text)
    ends = [0, *found.ends]
    assert all(a >= b for a, b in zip(found.starts, ends, strict=False))
    between = [text[a:b] for a, b in zip(ends, [*found.starts, len(text)], strict=True)]
    assert all(one == "" or one.isspace() for one in between)
    assert len(found.starts) == len(found.ends) == len(found.forms) == len(found.cased)
    assert all(found.forms)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Mr. O'Brien's car", ["Mr", ".", "O'Brien", "'s", "car"]),
        ("联系人John Smith电话", ["联系人", "John", "Smith", "电话"]),
        ("J.R. Smith-Jones", ["J", ".", "R", ".", "Smith", "-", "Jones"]),
        ("mail a.b@c.com, or @joe", ["mail", "a.b@c.com", ",", "or", "@joe"]),
        ("José García", ["José", "García"]),
        ("Thanks,\n\n  Ann", ["Thanks", ",", "\n\n  ", "Ann"]),
    ],
)
def test_cuts(text: str, wanted: list[str]) -> None:
    assert parts(text) == wanted


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("13812345678", "13987654321"),
        ("ann@example.com", "bob.x@example.org"),
        ("@ann", "@someone_else"),
        ("https://a.example/x", "http://b.example"),
        ("AB12345", "XY99"),
    ],
)
def test_numbers_and_addresses_have_one_form_for_all(one: str, other: str) -> None:
    assert len(one) > 2
    assert tokens(one).forms == tokens(other).forms if len(one) == len(other) else True
    assert one not in tokens(one).forms


def test_case_tells_nothing_on_a_line_without_or_with_nothing_but_capitals() -> None:
    found = tokens("JOHN SMITH\nJohn Smith\njohn smith")
    assert [
        cased for cased, form in zip(found.cased, found.forms, strict=True) if form != "\n"
    ] == [
        *[False] * 2,
        *[True] * 2,
        *[False] * 2,
    ]


@pytest.mark.parametrize(
    "part", ["a", "a.", "a@", "a'", "'", "a-b@", ".", "A\n", "é\u0301", "www."]
)
def test_no_text_is_read_twice(part: str) -> None:
    text = (part * 65536)[:65536]
    start = perf_counter()
    tokens(text)
    assert perf_counter() - start < 2.0
