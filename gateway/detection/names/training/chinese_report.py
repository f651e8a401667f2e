"""``python -m gateway.detection.names.training.chinese_report CORPORA``: how good the model is.

Owns the printing. Scores the recogniser as it ships, forms and second look included, on the
development, fresh and blind sets, at the default threshold and around it; the second blind set
only when asked with ``--second-blind``: who looks often is no longer blind.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from gateway.detection.context import ContextWords
from gateway.detection.names.chinese.recogniser import ChineseNames
from gateway.detection.names.training.chinese import development_sets
from gateway.detection.names.training.chinese_fresh import fresh_sets, second_blind_sets
from gateway.detection.names.training.chinese_written import nameless
from gateway.detection.names.training.labelled import Extent
from gateway.detection.names.training.scoring import score
from gateway.detection.text.document import Document

_THRESHOLDS = (0.3, 0.5, 0.7)


def main() -> None:
    """Print a line for each set and threshold."""
    recogniser, words = ChineseNames(), ContextWords([])
    blind = second_blind_sets() if "--second-blind" in sys.argv else {}
    held_out = {"written, nobody": nameless(held_out=True)}
    sets = {**development_sets(Path(sys.argv[1])), **held_out, **fresh_sets(), **blind}
    for name, texts in sets.items():
        found = recogniser.find_many([Document(one.text, words).folded for one in texts])
        for threshold in _THRESHOLDS:

            def find(_: Sequence[str], least: float = threshold) -> list[list[Extent]]:
                return [
                    [
                        Extent(a, b, "PER")
                        for a, b, type_, s, *_ in one
                        if type_ == "PERSON" and s >= least
                    ]
                    for one in found  # noqa: B023 - called at once
                ]

            sys.stdout.write(f"{name:22} from {threshold}: {score(texts, find)}\n")


if __name__ == "__main__":
    main()
