"""Findings as ``pii scan`` prints them: file, line, column, type, score, and a masked form.

Owns where a finding is said to stand. Refuses to print a value unless that was asked for: its
masked form keeps a character at each end, and of a short value none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from clients.cli.local.pii.forms import Form, Read
from clients.cli.local.pii.items import Item
from gateway.application.ports.detection import Detected

_SHORT = 6


@dataclass(frozen=True, slots=True)
class FindingsView:
    """One line a finding; as JSON where a program reads them."""

    file: str
    show: bool = False
    as_json: bool = False

    def written(self, form: Form, item: Item, read: Sequence[Read]) -> bytes:  # noqa: ARG002
        """Return the findings of one item."""
        rows = [row for one in read for row in self._rows(item, one)]
        if self.as_json:
            return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
        return "".join(_line(row) for row in rows).encode("utf-8", "backslashreplace")

    def _rows(self, item: Item, one: Read) -> Iterator[dict[str, object]]:
        text = one.piece.text
        for span in one.spans:
            line, column = _place(item, one, span)
            value = text[span.start : span.end]
            yield {
                "file": self.file,
                "line": line,
                "column": column,
                **({"field": one.piece.column} if one.piece.column else {}),
                "type": span.type,
                "score": round(span.score, 4),
                "recogniser": span.recogniser,
                "value": value if self.show else hidden(value),
            }


def hidden(value: str) -> str:
    """Return a form of a value that does not give it away."""
    return f"{value[0]}***{value[-1]}" if len(value) >= _SHORT else "***"


def _place(item: Item, one: Read, span: Detected) -> tuple[int, int]:
    if one.piece.column:
        return item.line, span.start + 1
    before = one.piece.text[: span.start]
    return item.line + before.count("\n"), span.start - before.rfind("\n")


def _line(row: dict[str, object]) -> str:
    place = ":".join(str(row[part]) for part in ("file", "line", "column"))
    field = f" [{row['field']}]" if "field" in row else ""
    shown = f"{place}:{field} {row['type']} {row['score']:.2f} {row['value']}"
    return _printable(shown) + "\n"


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
