"""Draws how a cohort question's time grows: ``python tests/bench/aggregates_plot.py [FILE]``.

Reads what ``make bench`` left in ``build/bench-aggregates.json`` and writes a PNG file, by default
the one that the package's README shows: two panels, both axes logarithmic.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log10
from pathlib import Path

from bench.figures import BUILD
from clients.keyholder.picture.canvas import BLUE, FAINT, GREY, INK, RED, Canvas

TARGET = BUILD.parent / "docs" / "aggregates-cost.png"
GATEWAY = ("charge", "roster", "combine", "release")
KEYHOLDER = ("open",)
GREEN = (47, 133, 82)
LINES = {"whole": INK, "agents": RED, "keyholder": BLUE, "gateway": GREEN}
WIDTH, HEIGHT, TOP, LEFT, GAP = 520, 400, 90, 80, 300
LOW, HIGH = 0.1, 20.0
_SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
_LABEL = 20
Place = tuple[int, int]
Stages = dict[str, float]


def drawn(content: dict[str, dict[str, Stages]], cores: int) -> bytes:
    """Return the picture."""
    canvas = Canvas(LEFT + 2 * (WIDTH + GAP) - 60, TOP + HEIGHT + 90)
    canvas.text(LEFT, 24, f"seconds from question to figures: 960 values, {cores} virtual cores")
    for place, name, title in (
        (LEFT, "rows", "rows of each provider (3 providers)"),
        (LEFT + WIDTH + GAP, "providers", "providers (10,000 rows each)"),
    ):
        _panel(canvas, place, title, content[name])
    return canvas.png()


def parts(stages: Stages) -> Stages:
    """Return whose seconds they are; what overlaps in the agents' stages counts once."""
    gateway = sum(stages[name] for name in GATEWAY)
    keyholder = sum(stages[name] for name in KEYHOLDER)
    agents = stages["total"] - gateway - keyholder
    return {"whole": stages["total"], "agents": agents, "keyholder": keyholder, "gateway": gateway}


def _panel(canvas: Canvas, left: int, title: str, by_size: dict[str, Stages]) -> None:
    sizes = sorted(map(int, by_size))
    found = {size: parts(by_size[str(size)]) for size in sizes}

    def across(size: float) -> int:
        share = log10(size / sizes[0]) / log10(sizes[-1] / sizes[0])
        return left + 20 + round((WIDTH - 40) * share)

    _axes(canvas, left, title, sizes, across)
    labels = _apart({name: _down(found[sizes[-1]][name]) for name in LINES})
    for name, colour in LINES.items():
        _line(canvas, [(across(size), _down(found[size][name])) for size in sizes], colour)
        label = f"{name} {found[sizes[-1]][name]:.1f} s"
        canvas.text(left + WIDTH + 10, labels[name] - 7, label, colour)


def _axes(
    canvas: Canvas, left: int, title: str, sizes: Sequence[int], across: Callable[[float], int]
) -> None:
    bottom = TOP + HEIGHT
    for seconds in _SECONDS:
        canvas.rectangle(left, _down(seconds), WIDTH, 1, FAINT)
        canvas.text_right(left - 8, _down(seconds) - 7, f"{seconds:g}")
    canvas.rectangle(left, TOP, 2, HEIGHT, GREY)
    canvas.rectangle(left, bottom, WIDTH, 2, GREY)
    for size in sizes:
        canvas.rectangle(across(size), bottom, 2, 8, GREY)
        canvas.text_middle(across(size), bottom + 14, f"{size:,}")
    canvas.text_middle(left + WIDTH // 2, bottom + 46, title)


def _line(canvas: Canvas, places: Sequence[Place], colour: tuple[int, int, int]) -> None:
    for start, end in pairwise(places):
        canvas.line(start, end, 3, colour)
    for x, y in places:
        canvas.rectangle(x - 5, y - 5, 10, 10, colour)


def _down(seconds: float) -> int:
    within = min(max(seconds, LOW), HIGH)
    return TOP + round(HEIGHT * (1 - log10(within / LOW) / log10(HIGH / LOW)))


def _apart(places: dict[str, int]) -> dict[str, int]:
    """Move labels down until they do not cover each other."""
    free, moved = 0, dict[str, int]()
    for name, place in sorted(places.items(), key=lambda one: one[1]):
        moved[name] = max(place, free)
        free = moved[name] + _LABEL
    return moved


def main(target: Path) -> None:
    """Draw the last run's figures."""
    content = json.loads((BUILD / "bench-aggregates.json").read_text())
    target.write_bytes(drawn(content, content["cores"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
