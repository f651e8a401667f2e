"""Charts of figures with their errors: bars one below the other, and lines over ordered bins.

Owns axes, ticks and whiskers; a whisker is one standard error to either side. A chart has one or
several panels below each other. Refuses more rows than can be read: the rest is named in a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final

from clients.keyholder.figure_text import figure_text
from clients.keyholder.picture.canvas import BLUE, FAINT, GREY, INK, RED, Canvas
from clients.keyholder.picture.font import text_width

WIDTH: Final = 1200
MAX_ROWS: Final = 60
MAX_PANELS: Final = 40
_MARGIN: Final = 40
_ROW: Final = 30
_TITLE: Final = 44
_AXIS: Final = 44
_MAX_LABEL: Final = 26
_LINE_HEIGHT: Final = 260


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. ``value`` is None where there is none to show, and ``note`` says why."""

    label: str
    value: float | None
    error: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A titled set of rows. ``line`` joins the values, as of a weight of evidence by bin."""

    title: str
    rows: tuple[Row, ...]
    line: bool = False


def chart(title: str, subtitle: str, panels: Sequence[Panel]) -> bytes:
    """Return a PNG of the panels, the first forty of them."""
    left = len(panels) - MAX_PANELS
    panels = panels[:MAX_PANELS]
    heights = [_height(panel) for panel in panels]
    canvas = Canvas(WIDTH, 2 * _MARGIN + 60 + sum(heights))
    canvas.text(_MARGIN, _MARGIN, _ascii(title)[:64], scale=3)
    canvas.text(_MARGIN, _MARGIN + 34, _ascii(subtitle)[:92], GREY)
    top = _MARGIN + 70
    for panel, height in zip(panels, heights, strict=True):
        canvas.text(_MARGIN, top + 8, _ascii(panel.title)[:92])
        (_lines if panel.line else _bars)(canvas, panel.rows[:MAX_ROWS], top + _TITLE)
        if len(panel.rows) > MAX_ROWS:
            more = f"{len(panel.rows) - MAX_ROWS} more are not drawn"
            canvas.text_right(WIDTH - _MARGIN, top + 8, more, GREY)
        top += height
    if left > 0:
        canvas.text(_MARGIN, top, f"{left} more are not drawn", GREY)
    return canvas.png()


def _height(panel: Panel) -> int:
    rows = min(len(panel.rows), MAX_ROWS)
    return _TITLE + _AXIS + (_LINE_HEIGHT + _ROW if panel.line else rows * _ROW)


class _Scale:
    """From values to points along one direction, with zero in it and round ticks."""

    def __init__(self, rows: Sequence[Row], first: int, last: int) -> None:
        shown = [(row.value, row.error) for row in rows if row.value is not None]
        low = min([0.0, *(value - error for value, error in shown)])
        high = max([0.0, *(value + error for value, error in shown)])
        self._step = _round_step((high - low) or 1.0)
        self._low = floor(low / self._step) * self._step
        self._high = max(ceil(high / self._step) * self._step, self._low + self._step)
        self._first, self._last = first, last

    def at(self, value: float) -> int:
        part = (value - self._low) / (self._high - self._low)
        return round(self._first + part * (self._last - self._first))

    def ticks(self) -> list[float]:
        count = round((self._high - self._low) / self._step)
        return [self._low + self._step * number for number in range(count + 1)]

    def name(self, tick: float) -> str:
        places = max(0, -floor(log10(self._step)))
        return f"{0.0 if abs(tick) < self._step / 2 else tick:,.{places}f}"


def _bars(canvas: Canvas, rows: Sequence[Row], top: int) -> None:
    labels = [_label(row) for row in rows]
    left = _MARGIN + max((text_width(one, 2) for one in labels), default=0) + 16
    scale = _Scale(rows, left, WIDTH - _MARGIN - 150)
    bottom = top + len(rows) * _ROW
    for tick in scale.ticks():
        canvas.rectangle(scale.at(tick), top, 1, bottom - top, FAINT)
        canvas.text_middle(scale.at(tick), bottom + 8, scale.name(tick), GREY)
    for place, (row, label) in enumerate(zip(rows, labels, strict=True)):
        _bar(canvas, row, label, scale, (left, top + place * _ROW))
    canvas.rectangle(scale.at(0.0), top, 2, bottom - top, INK)


def _bar(canvas: Canvas, row: Row, label: str, scale: _Scale, corner: tuple[int, int]) -> None:
    left, y = corner
    canvas.text_right(left - 12, y + 8, label)
    if row.value is None:
        canvas.text(scale.at(0.0) + 10, y + 8, _ascii(row.note), GREY)
        return
    zero, end = scale.at(0.0), scale.at(row.value)
    canvas.rectangle(min(zero, end), y + 5, abs(end - zero), _ROW - 10, BLUE)
    low, high = scale.at(row.value - row.error), scale.at(row.value + row.error)
    canvas.rectangle(low, y + _ROW // 2 - 1, high - low, 2, INK)
    for edge in (low, high):
        canvas.rectangle(edge - 1, y + 9, 2, _ROW - 18, INK)
    canvas.text(max(high, zero) + 10, y + 8, figure_text(row.value, row.error))


def _lines(canvas: Canvas, rows: Sequence[Row], top: int) -> None:
    bottom = top + _LINE_HEIGHT
    scale = _Scale(rows, bottom, top)
    left = _MARGIN + max(text_width(scale.name(tick), 2) for tick in scale.ticks()) + 16
    for tick in scale.ticks():
        canvas.rectangle(left, scale.at(tick), WIDTH - _MARGIN - left, 1, FAINT)
        canvas.text_right(left - 10, scale.at(tick) - 7, scale.name(tick), GREY)
    canvas.rectangle(left, scale.at(0.0), WIDTH - _MARGIN - left, 2, INK)
    width = (WIDTH - _MARGIN - left) / max(len(rows), 1)
    before: tuple[int, int] | None = None
    for place, row in enumerate(rows):
        x = round(left + (place + 0.5) * width)
        canvas.text_middle(x, bottom + 10, _label(row)[: max(3, int(width / 12))], GREY)
        before = _point(canvas, row, scale, x, before)


def _point(
    canvas: Canvas, row: Row, scale: _Scale, x: int, before: tuple[int, int] | None
) -> tuple[int, int] | None:
    if row.value is None:
        return None
    y = scale.at(row.value)
    if before is not None:
        canvas.line(before, (x, y), 3, BLUE)
    high, low = scale.at(row.value + row.error), scale.at(row.value - row.error)
    canvas.rectangle(x, high, 2, low - high, INK)
    canvas.rectangle(x - 4, y - 4, 9, 9, RED)
    return x, y


def _round_step(span: float) -> float:
    """About six ticks, a step of 1, 2 or 5 times a power of ten."""
    rough = span / 6
    power = 10.0 ** floor(log10(rough))
    return float(next(one * power for one in (1, 2, 5, 10) if one * power >= rough))


def _label(row: Row) -> str:
    text = _ascii(row.label)
    return text if len(text) <= _MAX_LABEL else f"{text[: _MAX_LABEL - 2]}.."


def _ascii(text: str) -> str:
    return text.replace("–", "-")
