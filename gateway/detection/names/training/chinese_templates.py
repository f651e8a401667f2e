"""Sentences with slots, from which training and development text is made.

Owns the reading of the two files of them: news, executives' resumes, microblog, lending, and
sentences that name nobody. The held-out ones were written apart, and half of all drawn names is
kept for them; no model is trained on either. A slot in braces is a method of ``Draw``.
"""

from pathlib import Path
from typing import Final
from zlib import crc32

_FOLDER: Final = Path(__file__).parent
TRAINING: Final = _FOLDER / "chinese_templates.txt"
HELD_OUT: Final = _FOLDER / "chinese_held_out.txt"


def read_templates(path: Path) -> dict[str, list[str]]:
    """Return the sentences by style; a style is named in square brackets above its sentences."""
    styles: dict[str, list[str]] = {}
    name = ""
    for line in path.read_text("utf-8").split("\n"):
        if line.startswith("[") and line.endswith("]") and line[1:-1].isascii():
            name = line[1:-1]
            styles[name] = []
        elif line:
            styles[name].append(line)
    return styles


def held_out(name: str) -> bool:
    """Say whether a name is kept for the development sets: half of them are."""
    # Not by the sum of the characters: that is even for every name that is one character twice.
    return len(name) > 1 and crc32(name.encode()) % 2 == 0
