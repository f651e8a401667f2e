"""Names of people in Chinese text, by a small model of our own and a few forms.

Owns the recogniser. Places and organisations are by-products, always below the default
threshold. Refuses nothing: text without a Chinese character costs one look.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import ClassVar, Final

from gateway.application.ports.detection import DEFAULT_THRESHOLD
from gateway.detection.names.chinese.borders import within
from gateway.detection.names.chinese.features import ChineseFeatures
from gateway.detection.names.chinese.lexicon import PERSON, Lexicon
from gateway.detection.names.chinese.rules import (
    account,
    by_form,
    doubtful,
    repeated,
    supported,
)
from gateway.detection.names.chinese.tagger import ChineseTagger
from gateway.detection.names.chinese.vetoes import vetoed
from gateway.detection.names.crf.tagger import LabelledSpan
from gateway.detection.recognisers.base import LIKELY, BatchRecogniser, Finding
from gateway.detection.text.view import View, ViewKind

MODEL: Final = Path(__file__).parent.parent / "data" / "chinese_names.npz"
ENTITIES: Final = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"}
_HAN: Final = re.compile("[〇㐀-鿿豈-﫿\U00020000-\U0003fffd]")
_CERTAIN: Final = 0.9
_DOUBTFUL: Final = 0.45
_BY_PRODUCT: Final = 0.49
_BEYOND_DOUBT: Final = 0.95


@cache
def _model() -> tuple[ChineseTagger, Lexicon]:
    features = ChineseFeatures()
    return ChineseTagger.load(MODEL, features), features.lexicon


_CROWD: Final = 64
_SEEN_BEFORE, _SEEN_BEHIND = 16, 80
"""More than what any rule looks at, from where a span begins: a span has 24 characters at most, the
name of an account 30, a known word 15."""


class ChineseNames(BatchRecogniser):
    """PERSON, and LOCATION and ORGANIZATION as by-products."""

    ENTITIES: ClassVar[tuple[str, ...]] = tuple(ENTITIES.values())
    VIEWS: ClassVar[frozenset[ViewKind]] = frozenset({ViewKind.FOLDED, ViewKind.DECODED})

    def load(self) -> None:
        """Read the model, once for all instances."""
        _model()

    def find_many(self, views: Sequence[View]) -> list[list[Finding]]:
        """Return the findings in each of the views; cheaper than one by one."""
        tagger, lexicon = _model()
        found: list[list[Finding]] = [[] for _ in views]
        asked = [at for at, view in enumerate(views) if not view.text.isascii()]
        if asked:
            spans = tagger.spans([views[at].text for at in asked])
            for at, its in zip(asked, spans, strict=True):
                found[at] = list(_findings(views[at].text, its, lexicon))
        return found


def _findings(text: str, spans: list[LabelledSpan], lexicon: Lexicon) -> Iterator[Finding]:
    forms = list(by_form(text, lexicon.words))
    if not spans and not forms:
        return
    # A form knows where the name ends: what the model finds inside one is left out.
    firm = {at: one for one in forms if one.score >= LIKELY for at in range(one.start, one.end)}
    taken = bytearray(len(text))
    certain: list[tuple[int, int]] = []
    for one in judged(text, sorted(spans), lexicon):
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


def judged(text: str, spans: list[LabelledSpan], lexicon: Lexicon) -> Iterator[Finding]:
    """Yield what is found of each span; in a crowd, what stands alike is judged once."""
    if len(spans) <= _CROWD:
        for span in spans:
            yield _judged(text, span, lexicon)
        return
    known: dict[tuple[str, int, int, str, float], Finding] = {}
    for span in spans:
        start, end, label, score = span
        first = max(0, start - _SEEN_BEFORE)
        key = text[first : start + _SEEN_BEHIND], start - first, end - start, label, score
        one = known.get(key)
        if one is None:
            one = _judged(text, span, lexicon)
            known[key] = one._replace(start=one.start - start, end=one.end - start)
            yield one
        else:
            yield Finding(one.start + start, one.end + start, *one[2:])


def _judged(text: str, span: LabelledSpan, lexicon: Lexicon) -> Finding:
    start, end, label, score = span
    if label != "PER":
        return Finding(
            start, end, ENTITIES[label], min(score, _BY_PRODUCT), "zh name model", "by-product"
        )
    start, end = within(text, start, account(text, start, end))
    if not _HAN.search(text, start, end):
        # Latin letters are the English model's; this one takes labels such as "Tel" for names, and
        # at times a row of what is no letter at all.
        score = min(score, _BY_PRODUCT)
    if score >= DEFAULT_THRESHOLD and (
        (
            (score < _BEYOND_DOUBT or end - start == 1)
            and lexicon.words.get(text[start:end]) != PERSON
            and doubtful(text, start, end)
        )
        or vetoed(text, start, end, lexicon, lambda: supported(text, start, end))
    ):
        score = _DOUBTFUL
    return Finding(start, end, ENTITIES[label], score, "zh name model", "reads as a name here")
