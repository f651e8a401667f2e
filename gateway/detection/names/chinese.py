"""Names of people in Chinese text, by a small model of our own and a few forms.

Owns the recogniser. Places and organisations are by-products, below the default threshold unless
very sure. Refuses nothing: text without a Chinese character costs one look.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import ClassVar, Final

from gateway.application.ports.detection import DEFAULT_THRESHOLD
from gateway.detection.names.chinese_features import ChineseFeatures
from gateway.detection.names.chinese_rules import account, by_form, doubtful, repeated
from gateway.detection.names.crf import LabelledSpan, Tagger
from gateway.detection.recognisers.base import Finding, Recogniser
from gateway.detection.text.view import View, ViewKind

MODEL: Final = Path(__file__).parent / "data" / "chinese_names.npz"
ENTITIES: Final = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"}
_CERTAIN: Final = 0.9
_DOUBTFUL: Final = 0.45
_BEYOND_DOUBT: Final = 0.95


@cache
def _model() -> tuple[ChineseFeatures, Tagger]:
    return ChineseFeatures(), Tagger.load(MODEL)


class ChineseNames(Recogniser):
    """PERSON, and LOCATION and ORGANIZATION as by-products."""

    ENTITIES: ClassVar[tuple[str, ...]] = tuple(ENTITIES.values())
    # Every character beyond ASCII is a question mark there.
    GATES: ClassVar[tuple[str, ...]] = (r"\?",)
    VIEWS: ClassVar[frozenset[ViewKind]] = frozenset({ViewKind.FOLDED, ViewKind.DECODED})

    def load(self) -> None:
        """Read the model, once for all instances."""
        _model()

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the findings in one view."""
        yield from self.find_many([view])[0]

    def find_many(self, views: Sequence[View]) -> list[list[Finding]]:
        """Return the findings in each of the views; cheaper than one by one."""
        features, tagger = _model()
        asked = [at for at, view in enumerate(views) if not view.text.isascii()]
        spans: list[list[LabelledSpan]] = [[] for _ in views]
        if asked:
            pieces = features.pieces([views[at].text for at in asked])
            for piece, found in zip(
                pieces, tagger.spans([piece.keys for piece in pieces]), strict=True
            ):
                spans[asked[piece.text]] += [
                    span._replace(start=span.start + piece.start, end=span.end + piece.start)
                    for span in found
                ]
        return [list(_findings(view.text, ours)) for view, ours in zip(views, spans, strict=True)]


def _findings(text: str, spans: list[LabelledSpan]) -> Iterator[Finding]:
    if not spans and text.isascii():
        return
    taken = bytearray(len(text))
    certain: list[tuple[int, int]] = []
    for span in spans:
        one = _judged(text, span)
        yield one
        if one.entity == "PERSON" and one.score >= DEFAULT_THRESHOLD:
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            if one.score >= _CERTAIN and one.end - one.start > 1:
                certain.append((one.start, one.end))
    for named in (*by_form(text), *repeated(text, certain)):
        if not any(taken[named.start : named.end]):
            taken[named.start : named.end] = b"\1" * (named.end - named.start)
            start, end, score, pattern = named
            yield Finding(start, end, "PERSON", score, pattern, "a form of a name")


def _judged(text: str, span: LabelledSpan) -> Finding:
    start, end, label, score = span
    if label == "PER":
        if (score < _BEYOND_DOUBT or end - start == 1) and doubtful(text, start, end):
            score = min(score, _DOUBTFUL)
        end = account(text, start, end)
    return Finding(start, end, ENTITIES[label], score, "zh name model", "reads as a name here")
