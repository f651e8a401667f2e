"""What a scene shows: drawn for people as it comes, kept for ``--json``.

Owns the two forms of a scene's content, and the checks. Refuses to say that something holds before
it was checked: a claim is shown only by ``require``, which ends the scene where it does not hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from clients.cli.output import visible

ABSENT = "-"
_WIDEST = 46
"""Characters of a cell before it is folded."""


class CheckFailed(Exception):
    """A claim of a scene does not hold; the text is the claim, without a value of a record."""


class Shown:
    """One scene's content. Without a console it is only kept."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console
        self._calls: list[str] = []
        self._checked: list[str] = []
        self._parts: dict[str, Any] = {}

    @property
    def document(self) -> dict[str, Any]:
        """Everything shown so far, as JSON can hold it."""
        return {"calls": self._calls, **self._parts, "checked": self._checked}

    def say(self, text: str) -> None:
        """Draw a sentence that leads on to what follows; it is no part of the document."""
        if self._console:
            self._console.print(Text(text))

    def call(self, line: str) -> None:
        """Show a call as it was made: a command line, or the source of a function."""
        self._calls.append(line)
        if self._console:
            self._console.print(Panel(Text(line, style="cyan"), title="call", title_align="left"))

    def table(
        self,
        name: str,
        columns: Sequence[str],
        rows: Sequence[Sequence[object]],
        only: frozenset[int] | None = None,
    ) -> None:
        """Show rows; ``only`` names those to draw, where people need not see all of them."""
        self._parts[name] = [dict(zip(columns, row, strict=True)) for row in rows]
        if not self._console:
            return
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for column in columns:
            table.add_column(column, overflow="fold", max_width=_WIDEST)
        for number, row in enumerate(rows):
            if only is None or number in only:
                dim = "dim" if ABSENT in row else None
                table.add_row(*(Text(visible(cell)) for cell in row), style=dim)
        self._console.print(table)

    def pairs(self, name: str, pairs: dict[str, Any]) -> None:
        """Show names and values."""
        self._parts[name] = pairs
        if not self._console:
            return
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(overflow="fold")
        for key, value in pairs.items():
            if value in (None, ""):
                continue
            text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
            grid.add_row(Text(key), Text(visible(text)))
        self._console.print(Padding(grid, (1, 2)))

    def require(self, claim: str, holds: bool) -> None:
        """Show a claim that holds.

        Raises:
            CheckFailed: it does not.
        """
        if not holds:
            raise CheckFailed(claim)
        self._checked.append(claim)
        if self._console:
            self._console.print(Text(f"  ✓ {claim}", style="green"))
