"""Names of people in Chinese text, by a small model of our own and a few forms.

Owns the recogniser. Places and organisations are by-products, always below the default
threshold. Refuses nothing: text without a Chinese character costs one look.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import ClassVar, Final

from gateway.application.ports.detection import DEFAULT_THRESHOLD
from gateway.detection.names.chinese_features import ChineseFeatures
from gateway.detection.names.chinese_lexicon import Lexicon
from gateway.detection.names.chinese_rules import (
    account,
    by_form,
    doubtful,
    repeated,
    supported,
)
from gateway.detection.names.chinese_vetoes import vetoed
from gateway.detection.names.crf import LabelledSpan, Tagger
from gateway.detection.recognisers.base import LIKELY, BatchRecogniser, Finding
from gateway.detection.text.view import View, ViewKind

MODEL: Final = Path(__file__).parent / "data" / "chinese_names.npz"
ENTITIES: Final = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"}
_CERTAIN: Final = 0.9
_FLOOR: Final = 0.1
_MARGINS: Final = {"PER": 2.0, "LOC": 0.0, "ORG": 0.0}
"""Nats by which a character may be less likely of a name than of none, and still be decoded."""
_DOUBTFUL: Final = 0.45
_BY_PRODUCT: Final = 0.49
_BEYOND_DOUBT: Final = 0.95


@cache
def _model() -> tuple[ChineseFeatures, Tagger]:
    return ChineseFeatures(), Tagger.load(MODEL)


_SHORTEST_LONG = 2
_COUNTS = "两二三四五六七八九"


class ChineseNames(BatchRecogniser):
    """PERSON, and LOCATION and ORGANIZATION as by-products."""

    ENTITIES: ClassVar[tuple[str, ...]] = tuple(ENTITIES.values())
    VIEWS: ClassVar[frozenset[ViewKind]] = frozenset({ViewKind.FOLDED, ViewKind.DECODED})

    def load(self) -> None:
        """Read the model, once for all instances."""
        _model()

    def find_many(self, views: Sequence[View]) -> list[list[Finding]]:
        """Return the findings in each of the views; cheaper than one by one."""
        features, tagger = _model()
        asked = [at for at, view in enumerate(views) if not view.text.isascii()]
        spans: list[list[LabelledSpan]] = [[] for _ in views]
        if asked:
            pieces, keys = features.pieces([views[at].text for at in asked])
            if pieces:
                lengths = [end - start for _, start, end in pieces]
                for which, span in tagger.joined_spans(keys, lengths, _FLOOR, _MARGINS):
                    text, offset, _ = pieces[which]
                    start, end, label, score = span
                    spans[asked[text]].append(
                        LabelledSpan(start + offset, end + offset, label, score)
                    )
        lexicon = features.lexicon
        return [
            list(_findings(view.text, ours, lexicon))
            for view, ours in zip(views, spans, strict=True)
        ]


def _findings(text: str, spans: list[LabelledSpan], lexicon: Lexicon) -> Iterator[Finding]:
    if not spans and text.isascii():
        return
    forms = list(by_form(text, lexicon.words))
    # A form knows where the name ends: what the model finds inside one is left out.
    firm = {at: one for one in forms if one.score >= LIKELY for at in range(one.start, one.end)}
    taken = bytearray(len(text))
    certain: list[tuple[int, int]] = []
    for span in sorted(spans):
        one = _judged(text, span, lexicon)
        form = firm.get(one.start)
        if form and one.end <= form.end and one.end - one.start < form.end - form.start:
            continue
        yield one
        if one.entity == "PERSON" and one.score >= DEFAULT_THRESHOLD:
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            if one.score >= _CERTAIN and one.end - one.start > 1:
                certain.append((one.start, one.end))
    for named in (*forms, *repeated(text, certain)):
        if not any(taken[named.start : named.end]):
            taken[named.start : named.end] = b"\1" * (named.end - named.start)
            start, end, score, pattern = named
            yield Finding(start, end, "PERSON", score, pattern, "a form of a name")


def _within(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without a 致 before it and without the count of 三人 behind it."""
    if end - start > _SHORTEST_LONG and text[start] == "致":
        start += 1
    if end - start > _SHORTEST_LONG and text[end - 1] in _COUNTS and text[end : end + 1] == "人":
        end -= 1
    return start, end


def _judged(text: str, span: LabelledSpan, lexicon: Lexicon) -> Finding:
    start, end, label, score = span
    if label != "PER":
        return Finding(
            start, end, ENTITIES[label], min(score, _BY_PRODUCT), "zh name model", "by-product"
        )
    start, end = _within(text, start, account(text, start, end))
    if text[start:end].isascii():
        # Latin letters are the English model's; this one takes labels such as "Tel" for names.
        score = min(score, _BY_PRODUCT)
    if score >= DEFAULT_THRESHOLD and (
        ((score < _BEYOND_DOUBT or end - start == 1) and doubtful(text, start, end))
        or vetoed(text, start, end, lexicon, lambda: supported(text, start, end))
    ):
        score = _DOUBTFUL
    return Finding(start, end, ENTITIES[label], score, "zh name model", "reads as a name here")
