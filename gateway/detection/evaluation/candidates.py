"""Every candidate of the detector, before merging and below every threshold.

Owns the look behind the engine that explanations and evaluations need. Refuses to decide: what is
kept of candidates, ``kept`` says as the engine does.
"""

from collections.abc import Iterable, Sequence

from gateway.application.ports.detection import Detected, DetectionFailed, KnownValue, Wanted
from gateway.detection.engine import TextEngine, _Work
from gateway.detection.merging import merge
from gateway.detection.questions import Question
from gateway.detection.subject_values.search import RECOGNISER as SUBJECT
from gateway.detection.text.document import Document

_ALL = Wanted(threshold=0.0)

Candidates = list[Detected] | DetectionFailed


class CandidateEngine(TextEngine):
    """The detector, and what it weighs."""

    def candidates(self, text: str, known: tuple[KnownValue, ...] = ()) -> list[Detected]:
        """Return all candidates in order of their start, known values among them.

        Raises DetectionFailed as ``analyse`` does.
        """
        (found,) = self.candidates_many([text], known)
        if isinstance(found, DetectionFailed):
            raise found
        return found

    def candidates_many(
        self, texts: Sequence[str], known: tuple[KnownValue, ...] = ()
    ) -> list[Candidates]:
        """Return the candidates of each text, or why there are none."""
        work = [_Work(Question(text, known, _ALL), Document(text, self._words)) for text in texts]
        for one in work:
            one.run(self._by_rules)
        self._by_models([one for one in work if one.failed is None])
        return [one.failed or _in_order([*one.known, *one.found]) for one in work]


def kept(text: str, candidates: Iterable[Detected], wanted: Wanted) -> list[Detected]:
    """Return what the engine returns for ``wanted``: disjoint spans in order.

    The subject's own values are kept whatever is wanted.
    """
    return merge(
        text,
        (
            one
            for one in candidates
            if one.recogniser == SUBJECT or wanted.takes(one.type, one.score)
        ),
    )


def _in_order(found: Iterable[Detected]) -> list[Detected]:
    return sorted(set(found), key=lambda one: (one.start, one.end, -one.score, one.recogniser))
