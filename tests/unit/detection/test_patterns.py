"""Patterns over the ASCII form of a view, and the gates over many of them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.recognisers.patterns import Gates, Pattern


def test_a_number_glued_to_chinese_stands_alone_and_one_glued_to_digits_does_not() -> None:
    text = "卡1234号，12345，a1234，1234".encode("ascii", "replace")
    pattern = Pattern("[0-9]{4}")
    assert [(one.start, one.text) for one in pattern.standing_alone(text)] == [
        (1, "1234"),
        (19, "1234"),
    ]
    assert [one.start for one in pattern.standing_alone(text, letters=False)] == [1, 14, 19]
    assert [one.start for one in pattern.matches(text)] == [1, 7, 14, 19]


@pytest.mark.parametrize("pattern", ["(?=a)", "(?<!a)b", r"(a)\1"])
def test_what_would_backtrack_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="RE2"):
        Pattern(pattern)


def test_gates_say_which_patterns_match() -> None:
    gates = Gates(("[0-9]{4}", "@", "^abc$"))
    assert gates.open(b"1234") == {0}
    assert gates.open(b"a@b 5678") == {0, 1}
    assert gates.open(b"abc") == {2}
    assert gates.open(b"\nx?") == frozenset()
    assert gates.open(b"") == frozenset()
    assert Gates(()).open(b"x") == frozenset()


@given(st.text("0123ab -", max_size=60))
def test_matches_are_those_of_a_plain_search(text: str) -> None:
    for form in ("[0-9]{2,3}", "[0-9]+(?: [0-9]+)?", "[0-9]*", "a|[ab]b", "^a|b$"):
        found = [(one.start, one.end) for one in Pattern(form).matches(text.encode())]
        # Python's re goes on from an empty match differently, and those are left out here.
        expected = [one.span() for one in re.finditer(form, text) if one[0]]
        assert found == expected or "^" in form
        assert Pattern(form).first_end(text.encode()) == (found[0][1] if found else 0)
        assert Pattern(form).occurs(text.encode()) == (re.search(form, text) is not None)
