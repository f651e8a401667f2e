"""Masking of free text: every operator, where values stand, and what is never passed through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.deid.errors import DeidError
from gateway.domain.deid.text import TextKeys, TextPlan, compile_text
from gateway.domain.policy.masking import MaskingDocument, TextProfile

KEYS = TextKeys(
    lambda type_, value: f"{type_.lower()}_{value}!",
    lambda type_, value: f"tok1_{type_}_{len(value)}",
    lambda _, digits: digits[::-1],
    lambda most: most,
)


@dataclass(frozen=True)
class Found:
    start: int
    end: int
    type: str = "PERSON"
    score: float = 1.0


def document(**text: object) -> MaskingDocument:
    masks = {
        "phone": {"source": "s", "keep_first": 3, "keep_last": 4},
        "name": {"source": "s", "keep_first": 1, "fixed_length": 2},
    }
    profile = {"version": 1, "profile": "p.v1", "masks": masks}
    return msgspec.convert({**profile, **({"text": text} if text else {})}, MaskingDocument)


def plan(operator: Mapping[str, object], **more: object) -> TextPlan:
    return compile_text(document(operators={"PERSON": operator}, **more))


def masked(operator: Mapping[str, object], value: str, keys: TextKeys = KEYS) -> tuple[str, str]:
    """The operator that was used on a value that stands in a text, and what it wrote."""
    done = plan(operator).apply(f"<{value}>", [Found(1, 1 + len(value))], keys)
    (item,) = done.items
    assert (done.text[0], done.text[-1]) == ("<", ">")
    assert done.text[item.masked_start : item.masked_end] == done.text[1:-1]
    return item.operator, done.text[1:-1]


def test_without_a_section_everything_is_replaced_by_its_type() -> None:
    bare = compile_text(document())
    assert (bare.entities, bare.threshold, dict(bare.thresholds)) == (None, 0.5, {})
    done = bare.apply("Ann: 138", [Found(0, 3), Found(5, 8, "PHONE_NUMBER")], KEYS)
    assert done.text == "<PERSON>: <PHONE_NUMBER>"
    assert [(one.type, one.operator) for one in done.items] == [
        ("PERSON", "replace"),
        ("PHONE_NUMBER", "replace"),
    ]


def test_what_is_wanted_comes_as_plain_values() -> None:
    made = compile_text(
        document(entities=["PERSON"], threshold=30, thresholds={"PERSON": 0, "US_SSN": 100})
    )
    assert made.entities == frozenset({"PERSON"})
    assert made.threshold == 0.3
    assert dict(made.thresholds) == {"PERSON": 0.0, "US_SSN": 1.0}


def test_entities_do_not_narrow_what_is_masked() -> None:
    made = compile_text(document(entities=["US_SSN"]))
    assert made.apply("Ann", [Found(0, 3)], KEYS).text == "<PERSON>"


MASK = {"operator": "mask", "using": "phone"}
FPE = {"operator": "format_preserving"}
SHIFT = {"operator": "shift", "days": 10}
YEAR = {"operator": "generalise", "date": "year"}
CITY = {"operator": "generalise", "address": "city"}


@pytest.mark.parametrize(
    ("operator", "value", "written"),
    [
        ({"operator": "replace"}, "Ann", "<PERSON>"),
        (MASK, "138 0013 8000", "138****8000"),
        (MASK, "138", "***"),
        ({"operator": "mask", "using": "name"}, "欧阳修", "欧**"),
        ({"operator": "pseudonymise"}, "ANN-Lee", "person_annlee!"),
        ({"operator": "pseudonymise"}, "１３８", "person_138!"),
        ({"operator": "pseudonymise"}, "一三八", "person_138!"),
        ({"operator": "token"}, "Ann", "tok1_PERSON_3"),
        (FPE, "123-456", "654-321"),
        (FPE, "+1 (234) 56", "+6 (543) 21"),
        (FPE, "１２３４５６", "654321"),
        (SHIFT, "1990年3月5日", "1990年3月15日"),
        (SHIFT, "12/28/1990", "01/07/1991"),
        (YEAR, "March 5, 1990", "1990"),
        ({"operator": "generalise", "date": "month"}, "1990.3.5", "1990-03"),
        (CITY, "广东省深圳市南山区科技园路5号", "广东省深圳市"),
        (
            {"operator": "generalise", "address": "district"},
            "深圳市南山区科技园路5号",
            "广东省深圳市南山区",
        ),
        (CITY, "12 Oak Street, Austin, TX 78701", "Austin, TX"),
    ],
)
def test_each_operator(operator: Mapping[str, object], value: str, written: str) -> None:
    assert masked(operator, value) == (operator["operator"], written)


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        (MASK, "---"),
        (MASK, "\u200b"),
        ({"operator": "pseudonymise"}, " - "),
        (FPE, "12345"),
        (FPE, "123456X"),
        (FPE, "一二三四五六"),
        ({"operator": "format_preserving", "min_digits": 8}, "1234567"),
        (SHIFT, "last spring"),
        (SHIFT, "9999-12-31"),
        (YEAR, "spring"),
        (CITY, "somewhere"),
        (CITY, "x" * 500),
    ],
)
def test_what_an_operator_cannot_read_is_replaced_by_type(
    operator: Mapping[str, object], value: str
) -> None:
    assert masked(operator, value) == ("replace", "<PERSON>")


def test_without_a_subject_a_date_is_replaced() -> None:
    keys = TextKeys(KEYS.pseudonym, KEYS.token, KEYS.digits, None)
    assert masked(SHIFT, "1990-03-05", keys) == ("replace", "<PERSON>")


def test_what_the_keys_cannot_do_is_replaced() -> None:
    def never(*_: str) -> str:
        raise DeidError("cannot")

    keys = TextKeys(never, never, never, None)
    for name in ("pseudonymise", "token", "format_preserving"):
        assert masked({"operator": name}, "1234567", keys) == ("replace", "<PERSON>")


def test_values_in_chinese_characters_have_operators_of_their_own() -> None:
    made = plan({"operator": "replace"}, zh={"PERSON": {"operator": "mask", "using": "name"}})
    text = "王小明 and Ann Lee"
    done = made.apply(
        text,
        [
            Found(0, 3),
            Found(8, 15),
        ],
        KEYS,
    )
    assert done.text == "王** and <PERSON>"
    assert made.apply("𠀀", [Found(0, 1)], KEYS).text == "**"


def test_a_type_without_an_operator_takes_the_default() -> None:
    made = compile_text(document(default={"operator": "token"}))
    assert made.apply("Ann", [Found(0, 3)], KEYS).text == "tok1_PERSON_3"


@pytest.mark.parametrize(
    "spans",
    [
        [Found(0, 3), Found(2, 4)],
        [Found(2, 4), Found(0, 2)],
        [Found(0, 0)],
        [Found(3, 2)],
        [Found(-1, 2)],
        [Found(0, 6)],
        [Found(0, 2), Found(0, 2)],
    ],
)
def test_spans_that_overlap_or_run_out_are_refused(spans: list[Found]) -> None:
    with pytest.raises(ValueError, match="disjoint"):
        compile_text(document()).apply("12345", spans, KEYS)


def test_the_compiler_of_plans_refuses_what_the_policy_compiler_does() -> None:
    for wrong in ({"operator": "mask", "using": "none"}, {"operator": "generalise", "bands": [1]}):
        with pytest.raises(DeidError):
            plan(wrong)


texts = st.text("ab 13-王,\n", max_size=40)
operators = st.sampled_from(
    [MASK, FPE, SHIFT, YEAR, CITY, {"operator": "replace"}, {"operator": "pseudonymise"}]
)


@given(texts, st.lists(st.integers(0, 40), max_size=8), operators)
def test_items_say_where_everything_stands(
    text: str, cuts: list[int], operator: Mapping[str, object]
) -> None:
    edges = sorted({cut for cut in cuts if cut <= len(text)})
    spans = [Found(start, end) for start, end in pairwise(edges)][::2]
    done = plan(operator).apply(text, spans, KEYS)
    assert [(one.start, one.end) for one in done.items] == [(s.start, s.end) for s in spans]
    rest, kept = "", ""
    read = at = 0
    for item in done.items:
        rest += done.text[read : item.masked_start]
        kept += text[at : item.start]
        read, at = item.masked_end, item.end
    assert rest + done.text[read:] == kept + text[at:]


@given(st.integers(1, 3650), st.dates(), st.dates())
def test_intervals_of_one_subject_are_kept(most: int, one: object, other: object) -> None:
    keys = TextKeys(KEYS.pseudonym, KEYS.token, KEYS.digits, lambda limit: -limit)
    moved = [masked({"operator": "shift", "days": most}, str(day), keys) for day in (one, other)]
    if all(operator == "shift" for operator, _ in moved):
        days = [msgspec.convert(written, type(one)) for _, written in moved]
        assert days[0] - days[1] == one - other  # type: ignore[operator]
        assert moved[0][1] != str(one)


def test_items_hold_no_value() -> None:
    done = plan(MASK).apply("x 13800138000", [Found(2, 13)], KEYS)
    assert not re.search("138|8000", repr(done.items))


def test_the_default_section_is_what_its_absence_means() -> None:
    assert document().text == TextProfile()
