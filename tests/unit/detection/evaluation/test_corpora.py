"""The corpora themselves: marks that fit, parts that share nothing, the same again from a seed."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from gateway.detection.evaluation.labelled import Labelled
from gateway.detection.evaluation.reading import read_corpus
from support.chinese_checks import luhn_check, resident_check
from support.corpora.__main__ import write
from support.corpora.parts import DEVELOPMENT, GROUPS, HARMLESS, PARTS, TEST, corpus


def values(texts: list[Labelled], type_: str) -> set[str]:
    return {
        one.text[mark.start : mark.end] for one in texts for mark in one.marks if mark.type == type_
    }


def test_the_parts_share_no_template_and_no_seed() -> None:
    for group in GROUPS:
        assert not set(group.development) & set(group.test), group.name
    for type_ in ("CN_RESIDENT_ID", "CN_MOBILE_NUMBER", "CREDIT_CARD", "EMAIL_ADDRESS"):
        ours, theirs = (values(corpus(part, "formatted"), type_) for part in PARTS)
        assert len(ours) > 100
        # Published test cards and the few names of mail domains come more than once.
        assert len(ours & theirs) < len(theirs) / 4


def test_a_part_is_the_same_every_time() -> None:
    assert corpus(TEST, "formatted", 0.1) == corpus(TEST, "formatted", 0.1)


@pytest.mark.parametrize("part", PARTS)
def test_marks_are_values_and_nothing_is_left_unfilled(part: str) -> None:
    for one in corpus(part, scale=0.2):
        assert not re.search(r"\{[A-Za-z_]+!?\}", one.text)
        assert all(left.end <= right.start for left, right in pairwise(one.marks))
        assert bool(one.marks) is not one.group.startswith(HARMLESS)
        for mark in one.marks:
            value = one.text[mark.start : mark.end]
            assert value == value.strip()


def test_check_digits_hold() -> None:
    texts = corpus(TEST, "formatted.zh")
    for value in values(texts, "CN_RESIDENT_ID"):
        if len(value) == 18 and value.isascii():
            assert resident_check(value[:17]) == value[17]
    for value in values(texts, "CN_BANK_CARD"):
        digits = re.sub(r"\D", "", value)
        assert luhn_check(digits[:-1]) == digits[-1]


def test_there_are_hundreds_of_different_harmless_sentences() -> None:
    for part in PARTS:
        assert len({one.text for one in corpus(part, HARMLESS)}) > 1000
    templates = {one for group in GROUPS for one in (*group.development, *group.test)}
    assert len(templates) > 200


def test_the_files_are_what_the_evaluation_reads(tmp_path: Path) -> None:
    write(tmp_path)
    assert list(read_corpus(tmp_path / "development.jsonl")) == corpus(DEVELOPMENT)
    row = json.loads((tmp_path / "test.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert set(row) == {"text", "spans", "group", "language"}
