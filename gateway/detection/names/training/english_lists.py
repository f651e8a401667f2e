"""Reads the lists and templates that lie beside it as text.

Owns their format. Refuses a name that no line has.
"""

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


def listed(name: str) -> tuple[str, ...]:
    """Return the words of one list; raises KeyError where there is none of that name."""
    return _lists()[name]


@cache
def _lists() -> dict[str, tuple[str, ...]]:
    rows = (one.partition(": ") for one in _lines("lists"))
    return {name: tuple(w.replace("_", " ") for w in words.split()) for name, _, words in rows}


@cache
def name_lists() -> dict[str, tuple[str, ...]]:
    """Return the lists of names, the most frequent first."""
    rows = (one.partition(": ") for one in _lines("name_lists"))
    return {name: tuple(words.split()) for name, _, words in rows}


@cache
def templates(name: str) -> tuple[str, ...]:
    """Return the templates of one file; a backslash and n or t stand for what they say."""
    return tuple(one.replace("\\n", "\n").replace("\\t", "\t") for one in _lines(name))


def _lines(name: str) -> list[str]:
    text = (_FOLDER / f"english_{name}.txt").read_text("utf-8")
    return [one for one in text.splitlines() if one and not one.startswith("# ")]
