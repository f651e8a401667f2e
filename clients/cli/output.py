"""What commands print, and how they end.

Owns the two forms of every answer (tables for people, one JSON document for programs), the form of
errors, and the exit status: 0 done, 1 refused or failed, 2 called wrongly. Refuses to pass on
control characters: a value from elsewhere never steers the terminal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from clients.sdk.errors import VeilgateError
from clients.sdk.failure import RequestError, SdkError
from gateway.crypto.errors import CryptoError

if TYPE_CHECKING:
    from rich.progress import Progress

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, nothing else.")]

PIPE_WIDTH = 240
FAILED = 1
MISUSED = 2
_FOR_A_PROGRAM: ContextVar[bool] = ContextVar("for_a_program", default=False)
CHECK_INPUT = "Check the key or file that it speaks of; nothing was changed."


class UsageError(SdkError):
    """The command was called wrongly; it ends with status 2."""


def visible(value: object) -> str:
    """A value as one printable text: control characters and line ends become U+FFFD."""
    text = "" if value is None else str(value)
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def print_json(document: object) -> None:
    """Print one JSON document, in ASCII, so that no terminal or locale changes it."""
    typer.echo(json.dumps(msgspec.to_builtins(document, enc_hook=_plain), indent=2))


def print_json_line(document: object) -> None:
    """Print one JSON document on a line of its own, for streams."""
    typer.echo(json.dumps(msgspec.to_builtins(document, enc_hook=_plain)))


def _plain(value: object) -> dict[Any, Any] | str:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _console() -> Console:
    # A file or a pipe has no width: there, names are not broken.
    console = Console()
    return console if console.is_terminal else Console(width=PIPE_WIDTH)


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], dim_from: int | None = None
) -> None:
    """Print rows under columns; those from ``dim_from`` on are dimmed."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for number, row in enumerate(rows):
        dim = dim_from is not None and number >= dim_from
        table.add_row(*(Text(visible(cell)) for cell in row), style="dim" if dim else None)
    _console().print(table)


def print_pairs(pairs: Sequence[tuple[str, object]]) -> None:
    """Print names and values, those without a value left out."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        if value not in (None, "", ()):
            table.add_row(Text(name), Text(visible(value)))
    _console().print(table)


def print_line(text: str, style: str = "") -> None:
    """Print one line for people."""
    _console().print(Text(visible(text), style=style), soft_wrap=True)


def note(text: str) -> None:
    """Tell people something on standard error, beside the answer."""
    typer.echo(visible(text), err=True)


def warn(text: str) -> None:
    """Warn people on standard error; a program that reads ``--json`` is left alone."""
    if not _FOR_A_PROGRAM.get():
        note(f"warning: {text}")


def print_failure(error: Exception) -> None:
    """Say on standard error what failed and what to do next."""
    note(f"error: {error}")
    if isinstance(error, VeilgateError):
        note(f"       {error.text('zh')}")
    next_step = error.next_step if isinstance(error, SdkError) else ""
    note(
        f"next: {next_step or 'Check the file or key that is named; the command changed nothing.'}"
    )


def failure_document(error: Exception) -> dict[str, object]:
    """What ``--json`` prints of a failure."""
    document: dict[str, object] = {"what": str(error)}
    if isinstance(error, SdkError):
        document["next"] = error.next_step
    if isinstance(error, VeilgateError):
        document |= {
            "reason": error.reason,
            "code": error.code.name,
            "text_en": error.text("en"),
            "text_zh": error.text("zh"),
            "request_id": error.request_id,
            "event_id": error.event_id,
            "fields": list(error.fields),
            "retry_after": error.retry_after,
            "decision": asdict(error.decision) if error.decision else None,
        }
    return {"error": document}


@contextmanager
def failures_reported(as_json: bool) -> Iterator[None]:
    """Turn a typed failure into its texts and the exit status."""
    before = _FOR_A_PROGRAM.set(as_json)
    try:
        yield
    except (UsageError, RequestError) as error:
        print_failure(error)
        raise typer.Exit(MISUSED) from error
    except (SdkError, CryptoError) as error:
        print_failure(error)
        if as_json:
            print_json(failure_document(error))
        raise typer.Exit(FAILED) from error
    finally:
        _FOR_A_PROGRAM.reset(before)


def progress_bar(what: str, as_json: bool) -> Progress:
    """A progress bar on standard error, shown where a person looks at it."""
    # Few commands need it, and it costs every other one its import.
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn())
    hidden = as_json or not console.is_terminal
    return Progress(*columns, console=console, disable=hidden, transient=True)
