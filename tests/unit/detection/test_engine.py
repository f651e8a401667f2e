"""The order of the engine's steps, its bounds, and what it does when a part of it fails."""

import logging
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from gateway.application.ports.detection import (
    DetectionFailed,
    DetectionFailure,
    KnownValue,
    Wanted,
)
from gateway.detection import engine as engine_module
from gateway.detection.engine import TextEngine
from gateway.detection.questions import Question
from gateway.detection.recognisers.base import BatchRecogniser, Finding, Recogniser
from gateway.detection.recognisers.registry import recogniser_classes
from gateway.detection.text.view import View
from support import chinese_numbers, international_numbers
from support.disguises import DISGUISES, disguised


def _found(engine: TextEngine, text: str, known: tuple[KnownValue, ...] = ()) -> dict[str, str]:
    return {text[one.start : one.end]: one.type for one in engine.analyse(text, known)}


def test_known_values_and_identifiers_are_found_together(engine: TextEngine) -> None:
    known = (KnownValue("PERSON", "张伟"), KnownValue("CARD", "6222020200112230004"))
    text = "张伟来电13800138000，卡尾号0004，卡6222 0202 0011 2230 004"
    assert _found(engine, text, known) == {
        "张伟": "PERSON",
        "13800138000": "CN_MOBILE_NUMBER",
        "0004": "CARD",
        "6222 0202 0011 2230 004": "CARD",
    }


@pytest.mark.parametrize("text", ["13812345678²", "①13812345678", "客户①13812345678"])
def test_a_number_is_found_beside_the_digit_of_a_footnote(engine: TextEngine, text: str) -> None:
    assert "13812345678" in _found(engine, text)


def test_every_finding_says_why(engine: TextEngine) -> None:
    text = "身份证11010519491231002X，手机13800138000"
    known = (KnownValue("PERSON", "张伟"),)
    for one in engine.analyse(f"张伟，{text}", known):
        assert one.recogniser
        assert one.why
        assert not any(part in one.why + one.pattern for part in ("张伟", "1101", "138"))


def test_only_what_is_wanted_is_returned_and_known_values_always(engine: TextEngine) -> None:
    text = "张伟 13800138000 a@example.com"
    known = (KnownValue("PERSON", "张伟"),)
    wanted = Wanted(frozenset({"EMAIL_ADDRESS"}))
    assert [one.type for one in engine.analyse(text, known, wanted)] == ["PERSON", "EMAIL_ADDRESS"]
    nothing = Wanted(frozenset())
    assert [one.type for one in engine.analyse(text, known, nothing)] == ["PERSON"]


def test_no_network_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("the network was asked")

    for name in ("connect", "connect_ex", "sendto", "bind"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    text = "mail a@example.co.uk, see https://example.co.uk/a?b=c or 联系人张伟 13800138000"
    assert "EMAIL_ADDRESS" in _found(TextEngine(), text).values()


class _Fixed(Recogniser):
    """Finds the first two characters of a text, or raises; for each text of its own."""

    ENTITIES = ("X",)

    def __init__(self, end: int = 2, error: Exception | None = None) -> None:
        super().__init__()
        self._end = end
        self._error = error

    def find(self, view: View) -> Iterator[Finding]:
        if self._error is not None and "raise" in view.text:
            raise self._error
        yield Finding(0, self._end, "X", 0.9, "two", "it begins")


class _FixedBatch(BatchRecogniser):
    ENTITIES = ("Y",)

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.calls: list[int] = []
        self._error = error

    def find_many(self, views: Sequence[View]) -> list[list[Finding]]:
        self.calls.append(len(views))
        if self._error is not None and any("raise" in view.text for view in views):
            raise self._error
        return [[Finding(2, 4, "Y", 0.9, "two", "it goes on")] for _ in views]


@pytest.mark.parametrize("error", [ValueError("saw 13800138000"), TimeoutError("saw 13800138000")])
@pytest.mark.parametrize("kind", [_Fixed, _FixedBatch])
def test_an_error_of_a_recogniser_fails_its_text_only_and_quotes_nothing(
    kind: type[Recogniser], error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    engine = TextEngine(recognisers=[kind(error=error)])  # type: ignore[call-arg]
    answers = engine.analyse_many([Question("text"), Question("raise"), Question("text")])
    assert [isinstance(answer, DetectionFailed) for answer in answers] == [False, True, False]
    with pytest.raises(DetectionFailed) as failed:
        engine.analyse("raise")
    assert failed.value.reason is DetectionFailure.RECOGNISER_ERROR
    assert failed.value.component == type(error).__name__
    assert "138" not in f"{failed.value!s}{failed.value!r}{caplog.text}"


def test_batches_reach_a_model_as_batches_and_answers_keep_their_order() -> None:
    model = _FixedBatch()
    engine = TextEngine(recognisers=[_Fixed(), model])
    answers = engine.analyse_many([Question("abcd"), Question("efgh")])
    assert [[(one.start, one.type) for one in answer] for answer in answers] == [  # type: ignore[union-attr]
        [(0, "X"), (2, "Y")]
    ] * 2
    assert model.calls == [2]


def test_a_finding_outside_the_text_fails_the_call() -> None:
    with pytest.raises(DetectionFailed):
        TextEngine(recognisers=[_Fixed(end=99)]).analyse("short")


def test_a_known_value_that_would_stay_fails_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    # Merging is broken on purpose: the known value's own span is lost on the way out.
    monkeypatch.setattr(
        engine_module, "merge", lambda text, spans: [s for s in spans if s.type == "X"]
    )
    with pytest.raises(DetectionFailed) as failed:
        TextEngine(recognisers=[_Fixed()]).analyse("ab 张伟", (KnownValue("PERSON", "张伟"),))
    assert failed.value.reason is DetectionFailure.RESIDUE
    assert "张伟" not in str(failed.value)


def _rules() -> TextEngine:
    return TextEngine(
        recognisers=[one() for one in recogniser_classes() if not issubclass(one, BatchRecogniser)]
    )


def _texts_of_every_kind() -> list[str]:
    rng = Random("beside each other")
    values = [
        (label if at else "") + value
        for entity in sorted(chinese_numbers.GENERATORS)
        for at, (label, value) in enumerate([chinese_numbers.labelled(entity, rng)] * 2)
    ]
    values += [
        label + international_numbers.GENERATORS[entity](rng)
        for entity in sorted(international_numbers.GENERATORS)
        for label in ("", *international_numbers.LABELS.get(entity, ()))[:2]
    ]
    hidden = [text for one in DISGUISES for text, _, _ in disguised(one, one.types[0], 1)]
    harmless = Path(__file__).parent / "china" / "harmless.txt"
    return [
        *values,
        *hidden,
        *harmless.read_text("utf-8").splitlines(),
        *("", "\x00", "\n", "手机", "13800138000", "\ud800", "SSN", "219-09-9999"),
    ]


def test_what_is_found_in_a_text_does_not_depend_on_those_beside_it() -> None:
    engine, texts = _rules(), _texts_of_every_kind()
    alone = [engine.analyse(text) for text in texts]
    assert any(alone)
    rng = Random(7)
    for size in (2, 64, len(texts)):
        order = rng.sample(range(len(texts)), len(texts))
        for first in range(0, len(order), size):
            batch = order[first : first + size]
            answers = engine.analyse_many([Question(texts[at]) for at in batch])
            assert answers == [alone[at] for at in batch]


def test_a_text_of_the_largest_size_changes_nothing_beside_it() -> None:
    engine = _rules()
    large = "手机1 3 8 0 0 1 3 8 0 0 0," * (LIMIT // 40)
    few = ["13800138000", large, "卡号6222020200112230004", "", large + "x" * LIMIT]
    answers = engine.analyse_many([Question(one) for one in few])
    assert isinstance(answers[-1], DetectionFailed)
    assert answers[:-1] == [engine.analyse(one) for one in few[:-1]]


LIMIT = 64 * 1024


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("a" * (LIMIT + 1), ()),
        ("张" * (LIMIT // 3 + 1), ()),
        ("😀" * (LIMIT // 4 + 1), ()),
        ("a", (KnownValue("PERSON", "b"),) * 257),
    ],
)
def test_an_oversize_call_fails(
    engine: TextEngine, text: str, known: tuple[KnownValue, ...]
) -> None:
    with pytest.raises(DetectionFailed) as failed:
        engine.analyse(text, known)
    assert failed.value.reason is DetectionFailure.OVERSIZE


def test_a_text_at_the_limit_is_read_to_its_end(engine: TextEngine) -> None:
    text = "a" * (LIMIT - 12) + " 13800138000"
    (one,) = engine.analyse(text)
    assert (one.type, text[one.start : one.end]) == ("CN_MOBILE_NUMBER", "13800138000")


@pytest.mark.parametrize("text", ["", "x", "\ud800", "\x00\x00", "\u202e\u200b", "\U0010ffff" * 9])
def test_any_string_has_an_answer(engine: TextEngine, text: str) -> None:
    assert engine.analyse(text) == ()
