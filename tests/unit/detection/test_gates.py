"""The glance that spares recognisers a text hides nothing that they would find in it."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.application.ports.detection import DEFAULT_THRESHOLD, Detected
from gateway.detection.engine import TextEngine
from gateway.detection.merging import merge
from gateway.detection.recognisers.base import LIKELY, POSSIBLE, PROVED, Finding, Recogniser
from gateway.detection.recognisers.china import RECOGNISERS as CHINA
from gateway.detection.recognisers.gates import any_of, new_forms, news
from gateway.detection.recognisers.international import RECOGNISERS as INTERNATIONAL
from gateway.detection.recognisers.places import RECOGNISERS as PLACES
from gateway.detection.recognisers.registry import GatedRecognisers, context_words
from gateway.detection.text.document import Document
from gateway.detection.text.number_forms import located
from gateway.detection.text.settled import NOWHERE, Settled
from gateway.detection.text.view import View, ViewKind
from support import chinese_numbers, international_numbers
from support.disguises import DISGUISES, Disguise, disguised

_ALL: tuple[Recogniser, ...] = tuple(one() for one in (*CHINA, *INTERNATIONAL, *PLACES))
_GATED = GatedRecognisers(_ALL)
_ENGINE = TextEngine(recognisers=_ALL)
_CARRIERS = (
    "{}",
    "{}.",
    "甲{}乙",
    "客户{}已核实",
    "资料：{}，请尽快回复。",
    "Borrower wrote: {} thanks",
    "note ({}) on file\nnext line",
    "12 {} 3456",
)
_HERE = Path(__file__).parent
_HARMLESS = [
    line
    for file in ("china/harmless.txt", "international/harmless_sentences.txt")
    for line in (_HERE / file).read_text("utf-8").splitlines()
]


def _findings(view: View, asked: tuple[Recogniser, ...]) -> set[tuple[str, int, int, str, float]]:
    return {
        (one.name, found.start, found.end, found.entity, found.score)
        for one in asked
        if view.kind in one.VIEWS
        for found in one.find(view)
        if found.score >= DEFAULT_THRESHOLD
    }


def _hides_nothing(text: str) -> None:
    view = Document(text, context_words()).folded
    assert _findings(view, _GATED.worth_asking(view)) == _findings(view, _ALL)


_CHINESE = sorted(chinese_numbers.GENERATORS)
_INTERNATIONAL = sorted(
    (entity, label)
    for entity in international_numbers.GENERATORS
    for label in ("", *international_numbers.LABELS.get(entity, ()))
)


@pytest.mark.parametrize("entity", _CHINESE)
def test_no_gate_hides_a_chinese_value(entity: str) -> None:
    rng = Random(entity)
    for at in range(40):
        label, value = chinese_numbers.labelled(entity, rng)
        _hides_nothing(_CARRIERS[at % len(_CARRIERS)].format((label if at % 3 else "") + value))


@pytest.mark.parametrize(("entity", "label"), _INTERNATIONAL)
def test_no_gate_hides_an_international_value(entity: str, label: str) -> None:
    rng = Random(f"{entity}{label}")
    for carrier in _CARRIERS:
        _hides_nothing(carrier.format(label + international_numbers.GENERATORS[entity](rng)))


def test_no_gate_hides_a_labelled_value_without_a_digit() -> None:
    for text in (
        "组织机构代码ABCDEFGH-X",
        "微信号：zhangwei",
        "SWIFT code DEUTDEFF",
        "密码：Abc!defgh",
    ):
        _hides_nothing(text)


def test_no_gate_hides_what_is_found_in_harmless_texts() -> None:
    for line in _HARMLESS:
        _hides_nothing(line)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from([*"0123456789", " ", "-", ".", ":", "(", ")", "A", "x", "京", "@", "/"])
        | st.sampled_from(["card ", "电话", "QQ", "passport ", "微信", "SSN ", "1380013", "6222"]),
        max_size=40,
    ).map("".join)
)
def test_no_gate_hides_anything_of_any_text(text: str) -> None:
    _hides_nothing(text)


def _asked_of_every_view(text: str) -> list[tuple[int, int]]:
    """Where anything is found when all recognisers read all views."""
    found: list[Detected] = []
    for view in Document(text, context_words()).views:
        for name, start, end, entity, score in _findings(view, _ALL):
            found.append(Detected(*view.extent(start, end), entity, score, name))
    return [(one.start, one.end) for one in merge(text, found)]


@pytest.mark.parametrize("disguise", DISGUISES, ids=lambda one: one.name)
def test_a_rewritten_view_is_read_wherever_it_says_more(disguise: Disguise) -> None:
    for type_ in disguise.types:
        for text, _, _ in disguised(disguise, type_, 4):
            both = f"{text}，手机13800138000，SSN 219-09-9999"
            for one in (text, both):
                assert [(span.start, span.end) for span in _ENGINE.analyse(one)] == (
                    _asked_of_every_view(one)
                ), one


def test_a_number_has_the_form_of_its_digits_and_what_joins_them() -> None:
    assert located(b"id AB12-3456 and x, 7; no") == [(3, b"AA00-0000"), (20, b"0")]
    assert located(b"+1 (415) 555-2671?") == [(1, b"0 (000) 000-0000")]
    assert located(b"no number at all") == []
    assert located(b"") == []


@given(st.text("01Aa_ .-?(", max_size=40).map(str.encode))
def test_every_digit_stands_in_one_form_and_each_where_it_is_located(text: bytes) -> None:
    plain = re.sub(rb"[1-9]", b"0", text)
    reach = 0
    for start, form in located(text):
        assert plain[start : start + len(form)] == form
        assert b"0" not in plain[reach:start]
        assert plain[start - 1 : start] not in (b"0", b"A", b"a", b"_")
        reach = start + len(form)
    assert b"0" not in plain[reach:]


def test_only_what_is_written_anew_and_not_settled_is_news() -> None:
    text = "SSN 219-09-9999, 手机1 3 8 0 0 1 3 8 0 0 0"
    first, second = Document(text, context_words()).views
    assert [second.text[a:b] for a, b in news(second, first, NOWHERE)][-1] == "13800138000"
    start = text.index("1 3 8")
    assert "13800138000" not in [
        second.text[a:b] for a, b in news(second, first, Settled([(start, len(text))]))
    ]
    assert news(first, first, NOWHERE) == []


@given(st.lists(st.text("ab.[^-", min_size=1, max_size=3), min_size=1), st.text("ab.[^-c"))
def test_one_pattern_tells_whether_any_sign_is_there(signs: list[str], text: str) -> None:
    found = re.search(any_of(signs), text)
    assert (found is not None) == any(sign in text for sign in signs)


def test_the_whole_engine_finds_nothing_in_sentences_without_personal_data() -> None:
    lines = (_HERE / "china/harmless.txt").read_text("utf-8").splitlines()
    found = {(one.type, line[:4]) for line in lines for one in _ENGINE.analyse(line)}
    # A serial number that is called one, and an address of the web.
    assert found == {("IMEI", "IMEI"), ("URL", "http")}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("write to zhang [at] example [dot] com soon", "zhang [at] example [dot] com"),
        ("13800138000，又写作1 3 8 0 0 1 3 8 0 0 0。", "1 3 8 0 0 1 3 8 0 0 0"),
        ("1 3 8 0 0 1 3 8 0 0 0，即13800138000", "1 3 8 0 0 1 3 8 0 0 0"),
    ],
)
def test_what_is_hidden_is_found_without_digits_and_beside_itself(text: str, shown: str) -> None:
    assert shown in [text[one.start : one.end] for one in _ENGINE.analyse(text)]


class _Surer(Recogniser):
    """Finds all of a text: as X with a given score, and as Y where it has been rewritten."""

    ENTITIES = ("X", "Y")

    def __init__(self, score: float) -> None:
        super().__init__()
        self._score = score

    def find(self, view: View) -> Iterator[Finding]:
        joined = view.kind is ViewKind.JOINED
        score = PROVED if joined else self._score
        yield Finding(0, len(view.text), "Y" if joined else "X", score, "all", "all of it")


def test_only_what_is_surely_found_settles_what_is_rewritten() -> None:
    for score, type_ in ((POSSIBLE, "Y"), (LIKELY, "X")):
        (found,) = TextEngine(recognisers=[_Surer(score)]).analyse("1 3 8 0 0 1 3 8 0 0 0")
        assert found.type == type_


@given(
    st.lists(st.sampled_from(["12 34 56 7 ", "QQ 1 2 3 4 5 6 7", "点1", " a1.b2 ", "，", "138"]))
)
@settings(max_examples=60, deadline=None)
def test_which_forms_are_new_is_told_as_if_each_were_compared_with_all(pieces: list[str]) -> None:
    document = Document("".join(pieces), context_words())
    for view in document.further():
        new = news(view, document.folded, NOWHERE)
        assert all(one[1] <= other[0] for one, other in pairwise(new))
        forms = [
            form
            for at, form in view.forms
            if any(start < at + len(form) and at < end for start, end in new)
        ]
        assert forms == new_forms(view, new)
