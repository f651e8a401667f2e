"""The options that the commands of ``veilgate pii`` share, and what they mean for the detector."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from clients.cli.local.pii.items import STDIN
from clients.cli.output import UsageError

if TYPE_CHECKING:
    from clients.cli.local.pii.flow import Shape
    from gateway.application.ports.detection import Wanted

Words = list[str] | None
EntitiesOption = Annotated[
    Words, typer.Option("--entities", help="Types to look for, by commas or repeated; all.")
]
ThresholdOption = Annotated[
    float, typer.Option("--threshold", min=0.0, max=1.0, help="The least score that counts.")
]
LanguageOption = Annotated[
    str,
    typer.Option(
        "--language", help="zh, en or auto, as a hint: what is found does not depend on it."
    ),
]

DEFAULT_THRESHOLD: Final = 0.5
LANGUAGES: Final = ("auto", "zh", "en")
_TYPE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


def wanted(entities: Words, threshold: float) -> Wanted:
    """What the detector is asked for.

    Raises:
        UsageError: a type is not written as types are.
    """
    from gateway.application.ports.detection import Wanted

    types = frozenset(by_commas(entities))
    for type_ in types:
        require_type(type_)
    return Wanted(types or None, threshold)


def require_type(type_: str) -> None:
    """Raise UsageError for what is no type name."""
    if not _TYPE.fullmatch(type_):
        raise UsageError(
            "a type is written in capitals, digits and _",
            "Name types such as CN_MOBILE_NUMBER; `veilgate pii explain` shows them.",
        )


def require_language(language: str) -> None:
    """Raise UsageError for a language that is not served."""
    if language not in LANGUAGES:
        raise UsageError("the language is not known", f"Give one of {', '.join(LANGUAGES)}.")


def by_commas(words: Iterable[str] | None) -> list[str]:
    """The words of an option that may be repeated and may hold several by commas."""
    return [part.strip() for word in words or () for part in word.split(",") if part.strip()]


def pairs(words: Words, option: str) -> list[tuple[str, str]]:
    """The pairs of an option ``A=B``.

    Raises:
        UsageError: one has no ``=``, or nothing before it.
    """
    found = [word.partition("=") for word in by_commas(words)]
    if any(not name or not sign for name, sign, _ in found):
        raise UsageError(f"{option} takes pairs", f"Write {option} PER=PERSON.")
    return [(name, value) for name, _, value in found]


FilesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[FILE]...", help="Files; standard input if none.")
]
TextOption = Annotated[str | None, typer.Option("--text", help="A text in place of files.")]
FormatOption = Annotated[
    str, typer.Option("--format", help="text, jsonl, csv or parquet; by the suffix if left out.")
]
ColumnsOption = Annotated[
    Words, typer.Option("--columns", help="Columns to look through, by commas; all of text.")
]
EncodingOption = Annotated[
    str, typer.Option("--encoding", help="Of text and CSV: utf-8, gb18030, ...")
]
DelimiterOption = Annotated[str, typer.Option("--delimiter", help="Of CSV; a comma, tab for .tsv.")]
HeaderOption = Annotated[
    bool, typer.Option("--header/--no-header", help="The first row of CSV names the columns.")
]
ByLineOption = Annotated[
    bool, typer.Option("--by-line", help="Each line of text by itself, not whole paragraphs.")
]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", min=1, max=256, help="Processes; one a core if left out.")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Write here, in the input's form; a new file, 0600.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress, no summary.")]


def shape(
    format_: str,
    columns: Words,
    encoding: str,
    delimiter: str,
    header: bool,
    by_line: bool,
) -> Shape:
    """How the inputs are to be read.

    Raises:
        UsageError: a word of it is not known.
    """
    from clients.cli.local.pii.flow import FORMATS, Shape

    if format_ and format_ not in FORMATS:
        raise UsageError("the format is not known", f"Give one of {', '.join(FORMATS)}.")
    try:
        "".encode(encoding)
    except LookupError as error:
        raise UsageError(f"no encoding is called {encoding}", "Give utf-8 or gb18030.") from error
    if len(delimiter) > 1:
        raise UsageError("a delimiter is one character", "Give --delimiter ';' or the like.")
    return Shape(format_, tuple(by_commas(columns)), encoding, delimiter, header, by_line)


def inputs(files: list[str] | None, text: str | None) -> list[str]:
    """The names of the inputs: those given, or standard input.

    Raises:
        UsageError: files and a text are both given, or nothing is on standard input.
    """
    if text is not None:
        if files:
            raise UsageError("files and a text are given", "Give one of them.")
        return [STDIN]
    if not files and sys.stdin.isatty():
        raise UsageError("nothing is given to read", "Name a file, or pipe a text in.")
    return files or [STDIN]
