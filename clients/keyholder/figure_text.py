"""How a noisy figure is written: no more digits than its error leaves.

Owns the rounding. Refuses to suggest an exactness that is not there.
"""

from __future__ import annotations

from math import floor, log10


def figure_text(value: float, error: float | None) -> str:
    """Return a figure and its standard error, both to two significant digits of the error."""
    if error is None:
        return f"{value:,.4g}"
    places = 1 - floor(log10(error)) if error > 0 else 0
    shown = max(places, 0)
    return f"{round(value, places) + 0.0:,.{shown}f} ± {round(error, places):,.{shown}f}"
