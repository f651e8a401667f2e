"""Sentences written by hand for training: news, microblog, and the writing of an office.

Owns their reading: names stand between square brackets, a line that begins with ``# `` is a title.
Places and organisations are not marked in them. A surname before 某 is marked with it, as the
recogniser's forms have it, however it was written. Refuses lines with a bracket out of place.
"""

import re
from pathlib import Path
from typing import Final

from gateway.detection.names.training.labelled import Extent, Labelled

STYLES: Final = ("news", "microblog", "office")
_FOLDER: Final = Path(__file__).parent
_SURNAME_AND_SOME: Final = re.compile(r"\[(.)\](某[某甲乙丙丁]?)")
_NAME: Final = re.compile(r"\[([^\[\]]+)\]")


def written(name: str) -> list[Labelled]:
    """Return the sentences of ``chinese_<name>.txt``; raises ValueError for a stray bracket."""
    lines = (_FOLDER / f"chinese_{name}.txt").read_text("utf-8").splitlines()
    return [bracketed(line) for line in lines if line and not line.startswith("# ")]


def bracketed(line: str) -> Labelled:
    """Return the sentence without its brackets, and the names that stood between them."""
    text, extents = "", []
    whole = _SURNAME_AND_SOME.sub(r"[\1\2]", line)
    for number, piece in enumerate(_NAME.split(whole)):
        if number % 2:
            extents.append(Extent(len(text), len(text) + len(piece), "PER"))
        text += piece
    if "[" in text or "]" in text:
        raise ValueError("a bracket is out of place")
    return Labelled(text, tuple(extents))
