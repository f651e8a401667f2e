"""``pii explain``: every candidate in one text, what it scored and why.

Owns the table. Refuses to print values unless ``--show`` asks for them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from clients.cli.local.pii.options import (
    DEFAULT_THRESHOLD,
    EntitiesOption,
    LanguageOption,
    ThresholdOption,
    require_language,
    wanted,
)
from clients.cli.output import (
    JsonOption,
    UsageError,
    failures_reported,
    print_json,
    print_line,
    print_table,
)
from clients.sdk.failure import SdkError

if TYPE_CHECKING:
    from gateway.application.ports.detection import Detected, Wanted

TextArgument = Annotated[
    str | None, typer.Argument(metavar="[TEXT]", help="The text; standard input if left out.")
]
ShowOption = Annotated[bool, typer.Option("--show", help="Print values as they are.")]
_COLUMNS = (
    *("at", "entity", "score", "value", "kept"),
    *("recogniser", "form", "why", "check"),
)
_CHECK = {True: "holds", False: "fails", None: ""}


def explain(
    argument: TextArgument = None,
    text: Annotated[str | None, typer.Option("--text", help="The text.")] = None,
    language: LanguageOption = "auto",
    entities: EntitiesOption = None,
    threshold: ThresholdOption = DEFAULT_THRESHOLD,
    show: ShowOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show every candidate in a text, at any score, and which are kept at the threshold."""
    with failures_reported(as_json):
        require_language(language)
        read = _text(argument, text)
        found, kept = _candidates(read, wanted(entities, threshold))
        rows = [_row(read, one, kept, show) for one in found]
        if as_json:
            print_json({"threshold": threshold, "candidates": rows})
        elif rows:
            print_table(_COLUMNS, [_cells(row) for row in rows])
        else:
            print_line("nothing in it resembles personal data")


def _text(argument: str | None, text: str | None) -> str:
    if argument is not None and text is not None:
        raise UsageError("two texts are given", "Give one.")
    given = text if argument is None else argument
    if given is not None:
        return given
    if sys.stdin.isatty():
        raise UsageError("no text is given", "Give one, or pipe it in.")
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise UsageError("the text is not UTF-8", "Convert it first.") from error


def _candidates(text: str, sought: Wanted) -> tuple[list[Detected], Sequence[Detected]]:
    from gateway.application.ports.detection import DetectionFailed
    from gateway.detection.evaluation.candidates import CandidateEngine, kept

    try:
        found = CandidateEngine().candidates(text)
    except DetectionFailed as error:
        raise SdkError(str(error), "Give a shorter text, or report the part named.") from error
    types = sought.entities
    found = [one for one in found if types is None or one.type in types]
    return found, kept(text, found, sought)


def _row(text: str, one: Detected, kept: Sequence[Detected], show: bool) -> dict[str, object]:
    from clients.cli.local.pii.findings import hidden

    value = text[one.start : one.end]
    return {
        "start": one.start,
        "end": one.end,
        "type": one.type,
        "score": round(one.score, 4),
        "value": value if show else hidden(value),
        "kept": _fate(one, kept),
        "recogniser": one.recogniser,
        "form": one.pattern,
        "why": one.why,
        "checked": one.checked,
    }


def _fate(one: Detected, kept: Sequence[Detected]) -> str:
    """Say what became of a candidate: kept, part of another, or dropped."""
    within = [span for span in kept if span.start < one.end and one.start < span.end]
    if not within:
        return "no"
    if any(span.type == one.type and span.recogniser == one.recogniser for span in within):
        return "yes"
    return f"in {within[0].type}"


def _cells(row: dict[str, object]) -> tuple[object, ...]:
    checked = row["checked"]
    return (
        *(f"{row['start']}-{row['end']}", row["type"], f"{row['score']:.2f}", row["value"]),
        *(row["kept"], row["recogniser"], row["form"], row["why"]),
        _CHECK[checked if isinstance(checked, bool) else None],
    )
