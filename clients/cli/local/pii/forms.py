"""The forms of input: how an item becomes texts, and how what was found is written back.

Owns the text, JSON lines and table forms, on the worker's side. Refuses to write a text that was
not looked through: in its place stands an error, or ``<WITHHELD>``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from clients.cli.local.pii.items import WITHHELD, Item
from clients.cli.local.pii.known import KnownError, known_values
from gateway.application.ports.detection import Detected, DetectionFailed, KnownValue

UNREADABLE = "UNREADABLE"
MALFORMED = "MALFORMED_LINE"
OVERSIZE = "OVERSIZE"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a text is not written: a fixed word, and a sentence without any of the text."""

    reason: str
    what: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One text of an item. ``column`` names its cell; ``lead`` is its context, not its text."""

    text: str = field(repr=False)
    known: tuple[KnownValue, ...] = ()
    column: str = ""
    lead: str = ""
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a piece: spans within its text and the masked text, or why there is neither."""

    piece: Piece
    spans: Sequence[Detected] = ()
    masked: str = field(default="", repr=False)
    refused: Refused | None = None


class Form(Protocol):
    """One form of input."""

    def pieces(self, item: Item) -> list[Piece]:
        """Return the texts of an item, in order."""
        ...

    def written(self, item: Item, read: Sequence[Read]) -> bytes:
        """Return the item with its masked texts."""
        ...


@dataclass(frozen=True, slots=True)
class TextForm:
    """Lines or paragraphs of plain text."""

    encoding: str = "utf-8"

    def pieces(self, item: Item) -> list[Piece]:
        """Return the one text."""
        if not isinstance(item.payload, bytes):
            return [Piece("", refused=Refused(OVERSIZE, "the line is too long"))]
        try:
            return [Piece(item.payload.decode(self.encoding))]
        except UnicodeDecodeError:
            return [Piece("", refused=Refused(UNREADABLE, f"is not {self.encoding}"))]

    def written(self, item: Item, read: Sequence[Read]) -> bytes:
        """Return the masked text; a line that is withheld stays a line."""
        (one,) = read
        if one.refused is None:
            return one.masked.encode(self.encoding)
        raw = item.payload if isinstance(item.payload, bytes) else b"\n"
        line = f"{WITHHELD}\n".encode(self.encoding)
        return line * max(1, len(raw.splitlines()))


@dataclass(frozen=True, slots=True)
class JsonForm:
    """JSON lines ``{"text", "language"?, "known"?}``."""

    def pieces(self, item: Item) -> list[Piece]:
        """Return the one text; a blank line has none."""
        if not isinstance(item.payload, bytes):
            return [Piece("", refused=Refused(OVERSIZE, "the line is too long"))]
        line = item.payload.removeprefix(b"\xef\xbb\xbf").strip()
        return [self._piece(line)] if line else []

    def _piece(self, line: bytes) -> Piece:
        try:
            row = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _malformed("is not JSON")
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            return _malformed("is not an object with a `text`")
        if row.get("language") not in (None, "", "auto", "zh", "en"):
            return _malformed("`language` is zh, en or auto")
        try:
            return Piece(row["text"], known_values(row.get("known")))
        except KnownError as error:
            return _malformed(str(error))

    def written(self, item: Item, read: Sequence[Read]) -> bytes:  # noqa: ARG002
        """Return one line for the line."""
        if not read:
            return b"\n"
        (one,) = read
        refused = one.refused
        if refused is not None:
            error = {"reason": refused.reason, "what": refused.what}
            return _json_line({"error": error})
        return _json_line({"entities": list(_entities(one)), "masked": one.masked})


@dataclass(frozen=True, slots=True)
class TableForm:
    """Rows of cells: those of ``columns`` (None: all) are texts, behind their column's name.

    ``names`` may be shorter than a row: a cell without a name is a text.
    """

    names: tuple[str, ...]
    columns: frozenset[int] | None = None

    def pieces(self, item: Item) -> list[Piece]:
        """Return the cells that are looked through; item 0 of a table is its header."""
        return [self._piece(at, str(cell)) for at, cell in self.chosen(item)]

    def chosen(self, item: Item) -> Iterator[tuple[int, str]]:
        """Yield the cells that are looked through, with their places."""
        for at, cell in enumerate(_cells(item)):
            wanted = self.columns is None or at in self.columns or at >= len(self.names)
            # Two characters are the shortest name there is.
            if wanted and cell is not None and len(cell) > 1 and not cell.isspace():
                yield at, cell

    def _piece(self, at: int, cell: str) -> Piece:
        name = self.names[at] if at < len(self.names) else str(at + 1)
        if not cell.isascii() and not _whole(cell):
            return Piece("", column=name, refused=Refused(UNREADABLE, "is not in the encoding"))
        return Piece(cell, column=name, lead=f"{name}: ")

    def masked_cells(self, item: Item, read: Sequence[Read]) -> list[str | None]:
        """Return the row with its masked cells."""
        cells = list(_cells(item))
        for (at, _), one in zip(self.chosen(item), read, strict=True):
            cells[at] = WITHHELD if one.refused else one.masked
        return cells


@dataclass(frozen=True, slots=True)
class CsvForm(TableForm):
    """Rows of a CSV file."""

    delimiter: str = ","
    line_end: str = "\n"
    encoding: str = "utf-8"

    def written(self, item: Item, read: Sequence[Read]) -> bytes:
        """Return the row as CSV."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator=self.line_end)
        writer.writerow(self.masked_cells(item, read))
        # Cells that are not looked through keep their bytes, readable or not.
        return out.getvalue().encode(self.encoding, "surrogateescape")


@dataclass(frozen=True, slots=True)
class ColumnsForm(TableForm):
    """Rows of the text columns of a Parquet file, handed on as JSON lines."""

    def written(self, item: Item, read: Sequence[Read]) -> bytes:
        """Return the row as one JSON object, columns by number."""
        cells = self.masked_cells(item, read)
        return _json_line({f"c{at}": cell for at, cell in enumerate(cells)})


def refusal(error: DetectionFailed) -> Refused:
    """What is told of a text that the detector gave up."""
    return Refused(error.reason.name, str(error))


def _entities(one: Read) -> Iterator[dict[str, Any]]:
    for span in one.spans:
        yield {
            "type": span.type,
            "start": span.start,
            "end": span.end,
            "score": round(span.score, 4),
            "text": one.piece.text[span.start : span.end],
        }


def _malformed(what: str) -> Piece:
    return Piece("", refused=Refused(MALFORMED, what))


def _json_line(document: object) -> bytes:
    return msgspec.json.encode(document) + b"\n"


def _cells(item: Item) -> tuple[str | None, ...]:
    if not isinstance(item.payload, tuple):
        raise TypeError("an item of a table is a row")
    return item.payload


def _whole(cell: str) -> bool:
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True
