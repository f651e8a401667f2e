"""``pii eval``: how good the detection is on a labelled corpus, and peers beside it.

Owns which corpora are read, what is scored and which detectors run. Refuses to print any of a
text: figures only, unless a file for errors is named. What the figures mean is defined in
`gateway.detection.evaluation.scoring`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from clients.cli.local.pii.options import (
    DEFAULT_THRESHOLD,
    EntitiesOption,
    ThresholdOption,
    Words,
    by_commas,
    pairs,
    require_type,
    wanted,
)
from clients.cli.output import JsonOption, UsageError, failures_reported, print_json, progress_bar

if TYPE_CHECKING:
    from gateway.application.ports.detection import Detected, Span
    from gateway.detection.evaluation.evaluate import Corpus, Outcome, Watch
    from gateway.detection.evaluation.labelled import Labelled

CURVE: Final = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)

CorporaArgument = Annotated[
    list[Path],
    typer.Argument(metavar="CORPUS...", help="JSON lines with spans, .iob2 or .conll."),
]
MapOption = Annotated[
    Words, typer.Option("--map", help="Rename a type of the corpus: PER=PERSON; LOC= leaves out.")
]
SameOption = Annotated[
    Words, typer.Option("--same", help="Two types that say the same, A=B; adds to the table.")
]
LabelledOption = Annotated[
    bool, typer.Option("--labelled-only", help="Score only types that the corpus marks.")
]
SweepOption = Annotated[bool, typer.Option("--sweep", help="Recall and precision by threshold.")]
BesideOption = Annotated[
    Words, typer.Option("--beside", help="Score others too: presidio, argus, where installed.")
]
ErrorsOption = Annotated[
    Path | None, typer.Option("--errors", help="Write what went wrong here, with its text.")
]
GroupsOption = Annotated[bool, typer.Option("--groups", help="Every entity of every group.")]


def evaluate(
    corpora: CorporaArgument,
    entities: EntitiesOption = None,
    threshold: ThresholdOption = DEFAULT_THRESHOLD,
    mapped: MapOption = None,
    same: SameOption = None,
    labelled_only: LabelledOption = False,
    sweep: SweepOption = False,
    beside: BesideOption = None,
    groups: GroupsOption = False,
    errors: ErrorsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score the detection on labelled text: recall, precision, F2, and what each part adds."""
    with failures_reported(as_json):
        from clients.cli.local.pii.eval_view import evaluation_document, print_evaluation
        from gateway.detection.evaluation.candidates import CandidateEngine
        from gateway.detection.evaluation.evaluate import evaluate_own, evaluate_peer

        sought = wanted(entities, threshold)
        corpus = _corpus(corpora, by_commas(entities), mapped, same, labelled_only)
        peers = _peers(by_commas(beside))
        with _progress(len(corpus.texts) * (1 + len(peers)), as_json) as advance:
            steps = CURVE if sweep else ()
            with _watching(errors, corpus) as watch:
                own = evaluate_own(CandidateEngine(), corpus, sought, steps, advance, watch)
            others: list[Outcome] = [
                evaluate_peer(name, find, corpus, advance) for name, find in peers
            ]
        if as_json:
            print_json(evaluation_document(own, others, threshold))
        else:
            print_evaluation(own, others, threshold, groups)


def _corpus(
    paths: list[Path], entities: list[str], mapped: Words, same: Words, labelled_only: bool
) -> Corpus:
    from gateway.detection.evaluation.equivalence import Equivalences
    from gateway.detection.evaluation.evaluate import Corpus
    from gateway.detection.evaluation.labelled import CorpusError
    from gateway.detection.evaluation.reading import IOB_SUFFIXES, read_corpus

    names = dict(pairs(mapped, "--map"))
    for type_ in filter(None, names.values()):
        require_type(type_)
    texts: list[Labelled] = []
    try:
        for path in paths:
            texts += read_corpus(path, names)
    except CorpusError as error:
        raise UsageError(str(error), "Correct the corpus; nothing was scored.") from error
    except OSError as error:
        raise UsageError(
            f"{error.filename} cannot be read: {error.strerror}", "Give a file that you may read."
        ) from error
    read = Corpus(tuple(texts), None, Equivalences(pairs(same, "--same")))
    tagged = any(path.suffix.lower() in IOB_SUFFIXES for path in paths)
    if entities:
        return Corpus(read.texts, frozenset(entities), read.same)
    return Corpus(read.texts, read.types, read.same) if labelled_only or tagged else read


def _peers(names: list[str]) -> list[tuple[str, Callable[[str], Sequence[Span]]]]:
    from gateway.detection.evaluation.peers import PEERS, PeerMissing, peer

    found = []
    for name in names:
        try:
            found.append((name, peer(name)))
        except PeerMissing as error:
            raise UsageError(
                f"{name} is not installed", f"Install it with `pip install {PEERS[name]}`."
            ) from error
        except ValueError as error:
            raise UsageError(str(error), f"Name {' or '.join(PEERS)}.") from error
    return found


@contextmanager
def _progress(total: int, as_json: bool) -> Iterator[Callable[[], None]]:
    bar = progress_bar("texts", as_json)
    with bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


@contextmanager
def _watching(file: Path | None, corpus: Corpus) -> Iterator[Watch]:
    """Give what writes each wrong span as a line of JSON; nothing, without a file."""
    if file is None:
        yield lambda _text, _found: None
        return
    from clients.cli.local.pii.flow import target

    with target(file) as output:
        yield lambda text, found: output.writelines(_lines(text, found, corpus))


def _lines(text: Labelled, found: Sequence[Detected], corpus: Corpus) -> Iterator[bytes]:
    from gateway.detection.evaluation.errors import span_errors

    for one in span_errors(text, found, corpus.same):
        row = {**asdict(one), "value": text.text[one.start : one.end], "text": text.text}
        yield json.dumps({**row, "group": text.group}, ensure_ascii=False).encode() + b"\n"
