"""From an input to an output: what is read, how it is told, and where it goes.

Owns inputs by suffix or ``--format``, the output file (whole or not there), the progress and the
counts. Refuses to go on quietly: every text that was withheld is told on standard error, by line.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from clients.cli.local.pii.forms import ColumnsForm, CsvForm, Form, JsonForm, TextForm
from clients.cli.local.pii.items import STDIN, Done, Item, Tally, in_chunks
from clients.cli.local.pii.lines import lines, paragraphs
from clients.cli.local.pii.order import Order
from clients.cli.local.pii.pool import WorkerDied, worked
from clients.cli.local.pii.tables import ParquetFile, chosen, open_csv
from clients.cli.output import UsageError, note
from clients.sdk.failure import SdkError

FORMATS: Final = ("text", "jsonl", "csv", "parquet")
_SUFFIXES: Final = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet",
}  # fmt: skip
_TOLD: Final = 20
"""So many failures are told by line; the others are counted."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How inputs are to be read."""

    format: str = ""
    columns: tuple[str, ...] = ()
    encoding: str = "utf-8"
    delimiter: str = ""
    header: bool = True
    by_line: bool = False

    def format_of(self, name: str) -> str:
        """The form of an input: as was said, or by its suffix; text otherwise."""
        return self.format or _SUFFIXES.get(Path(name).suffix.lower(), "text")


@dataclass(frozen=True, slots=True)
class Opened:
    """An input that is open: its form, its items, its size if known; ``mark`` begins its output."""

    name: str
    form: Form
    items: Iterator[Item]
    total: int | None = None
    mark: bytes = b""
    parquet: ParquetFile | None = None


@dataclass(slots=True)
class Summary:
    """What a run came to."""

    tally: Tally = field(default_factory=Tally)
    seconds: float = 0.0
    _began: float = field(default_factory=time.monotonic)
    _told: int = 0

    def add(self, name: str, done: Done) -> None:
        """Count a chunk, and tell what of it was withheld."""
        self.tally.add(done.tally)
        self.seconds = time.monotonic() - self._began
        for line, what in done.failures:
            self._told += 1
            if self._told <= _TOLD:
                note(f"withheld: {name}:{line}: {what}")


@contextmanager
def opened(name: str, shape: Shape, text: str | None = None) -> Iterator[Opened]:
    """Open an input: a file, ``-`` for standard input, or a text.

    Raises:
        UsageError: it cannot be read, or not in that form.
    """
    kind = shape.format_of(name)
    if kind == "parquet":
        if name == STDIN:
            raise UsageError("Parquet is read from a file", "Give a file's name.")
        _require_readable(name)
        table = ParquetFile(Path(name), shape.columns)
        form = ColumnsForm(table.names)
        yield Opened(name, form, table.rows(), table.total, parquet=table)
        return
    with _stream(name, text) as (stream, size):
        yield replace(_read(name, kind, shape, stream), total=size)


def _read(name: str, kind: str, shape: Shape, stream: BinaryIO) -> Opened:
    if kind == "csv":
        tab = Path(name).suffix.lower() == ".tsv"
        delimiter = shape.delimiter or ("\t" if tab else ",")
        file = open_csv(stream, shape.encoding, delimiter, shape.header)
        columns = chosen(file.names, shape.columns)
        form = CsvForm(file.names, columns, delimiter, file.line_end, shape.encoding)
        return Opened(name, form, file.rows, mark=file.mark)
    if kind == "jsonl":
        return Opened(name, JsonForm(), lines(stream))
    cut = lines if shape.by_line else paragraphs
    return Opened(name, TextForm(shape.encoding), cut(stream))


@contextmanager
def _stream(name: str, text: str | None) -> Iterator[tuple[BinaryIO, int | None]]:
    if text is not None:
        raw = text.encode("utf-8", "surrogateescape")
        yield io.BytesIO(raw), len(raw)
    elif name == STDIN:
        yield sys.stdin.buffer, None
    else:
        _require_readable(name)
        with Path(name).open("rb") as stream:
            yield stream, os.fstat(stream.fileno()).st_size or None


def _require_readable(name: str) -> None:
    try:
        with Path(name).open("rb"):
            pass
    except OSError as error:
        raise UsageError(
            f"{name} cannot be read: {error.strerror}", "Give a file that you may read."
        ) from error


def run(source: Opened, order: Order, jobs: int, summary: Summary, quiet: bool) -> Iterator[bytes]:
    """Yield the output of an input, in its order; ``summary`` counts along.

    Raises:
        SdkError: a process of the pool died.
    """
    with _bar(quiet) as bar:
        task = bar.add_task(source.name, total=source.total)
        try:
            for done in worked(order, in_chunks(source.items), jobs):
                summary.add(source.name, done)
                bar.advance(task, done.size)
                yield done.output
        except WorkerDied as error:
            raise SdkError(
                f"{source.name}: {error}",
                "Run it again with --jobs 1; what was begun is no result.",
            ) from error


def _bar(quiet: bool) -> Progress:
    console = Console(stderr=True)
    parts = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    hidden = quiet or not console.is_terminal
    return Progress(*parts, TimeRemainingColumn(), console=console, disable=hidden, transient=True)


def require_other(out: Path | None, names: Iterable[str]) -> None:
    """Raise UsageError where the output is an input."""
    if out is not None and out.exists():
        for name in names:
            if name != STDIN and Path(name).exists() and out.samefile(name):
                raise UsageError("the output is the input", "Name another file with --out.")


@contextmanager
def target(out: Path | None) -> Iterator[BinaryIO]:
    """Open the output: standard output, or a file that is there only when it is whole.

    Raises:
        UsageError: it cannot be written.
    """
    if out is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with parted(out) as part, part.open("wb") as stream:
        yield stream


@contextmanager
def parted(out: Path) -> Iterator[Path]:
    """Give a name beside ``out``; what is written there becomes ``out``, unless this fails.

    Raises:
        UsageError: it cannot be written.
    """
    with scratch(out, "part") as part:
        yield part
        part.replace(out)


@contextmanager
def scratch(out: Path, suffix: str) -> Iterator[Path]:
    """Give an empty file beside ``out`` that nobody else can read, and remove it at the end.

    Raises:
        UsageError: it cannot be written.
    """
    path = out.with_name(f".{out.name}.{suffix}")
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    except OSError as error:
        raise UsageError(
            f"{out} cannot be written: {error.strerror}", "Name another file with --out."
        ) from error
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
