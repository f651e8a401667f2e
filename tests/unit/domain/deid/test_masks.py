"""Masking by format: what is kept, what is hidden, what counts as a character."""

from typing import Any

import pytest

from gateway.domain.deid.errors import DeidError
from gateway.domain.deid.masks import compile_mask
from gateway.domain.policy.documents import MaskFormat


def masked(value: Any, first: int = 0, last: int = 0, fixed: int | None = None) -> str:
    return compile_mask(MaskFormat("a source", first, last, fixed))(value)


@pytest.mark.parametrize(
    ("value", "first", "last", "expected"),
    [
        ("13800001111", 3, 4, "138****1111"),
        ("110105199003151234", 1, 1, "1****************4"),
        ("6222021234567890123", 0, 4, "***************0123"),
        ("张三", 1, 0, "张*"),
        ("secret", 0, 0, "******"),
        (13800001111, 3, 4, "138****1111"),
        (-12345, 1, 1, "1***5"),
        ("", 3, 4, ""),
    ],
)
def test_keeps_the_ends(value: str | int, first: int, last: int, expected: str) -> None:
    assert masked(value, first, last) == expected


@pytest.mark.parametrize("value", ["1", "1234567", "12-34-567"])
def test_a_value_no_longer_than_what_is_kept_is_hidden_whole(value: str) -> None:
    assert set(masked(value, 3, 4)) == {"*"}


def test_the_first_value_longer_than_what_is_kept_hides_one() -> None:
    assert masked("12345678", 3, 4) == "123*5678"


@pytest.mark.parametrize(
    "written", ["138 0000 1111", "138-0000-1111", "(138) 0000.1111", "138\u200b0000\u20111111"]
)
def test_separators_do_not_count(written: str) -> None:
    assert masked(written, 3, 4) == "138****1111"


def test_a_fixed_length_hides_the_length() -> None:
    assert masked("abcdef", 1, 1, 5) == "a*****f"
    assert masked("a" + "x" * 90 + "f", 1, 1, 5) == "a*****f"
    assert masked("ab", 1, 1, 5) == "*****"
    assert masked("", 1, 1, 5) == "*****"


def test_a_composed_and_a_decomposed_name_are_masked_alike() -> None:
    assert masked("E\u0301lodie", 1) == masked("\u00c9lodie", 1) == "\u00c9*****"


def test_a_mark_without_a_composed_form_counts_and_is_hidden() -> None:
    assert masked("x\u0331ab", 1) == "x***"


@pytest.mark.parametrize("value", [True, None, 1.5, b"abc", ["a"], 2**63])
def test_other_types_are_refused(value: object) -> None:
    with pytest.raises(DeidError):
        masked(value, 1)


def test_a_lone_surrogate_is_refused_without_being_repeated() -> None:
    with pytest.raises(DeidError) as caught:
        masked("ab\ud800cd", 1)
    assert "ab" not in str(caught.value)
