"""Sentences written by hand for training: news, microblog, an office's, and some that name nobody.

Owns their reading, and which of those that name nobody are kept for measuring alarms. Names stand
between square brackets, a line that begins with ``# `` is a title. Places and organisations are not
marked. A surname before 某 is marked with it, as the recogniser's forms have it, however it was
written. Refuses lines with a bracket out of place.
"""

import re
from pathlib import Path
from typing import Final

from gateway.detection.names.training.labelled import Extent, Labelled

STYLES: Final = ("news", "microblog", "office")
NAMELESS: Final = ("nobody_news", "nobody_reference", "nobody_chat")
"""Full of traps; one line in five is not trained on."""
_HELD_OUT_OF: Final = 5
_FOLDER: Final = Path(__file__).parent
_SURNAME_AND_SOME: Final = re.compile(r"\[(.)\](某[某甲乙丙丁]?)")
_NAME: Final = re.compile(r"\[([^\[\]]+)\]")


def written(name: str) -> list[Labelled]:
    """Return the sentences of ``chinese_<name>.txt``; raises ValueError for a stray bracket."""
    lines = (_FOLDER / f"chinese_{name}.txt").read_text("utf-8").splitlines()
    return [bracketed(line) for line in lines if line and not line.startswith("# ")]


def nameless(held_out: bool) -> list[Labelled]:
    """Return the sentences that name nobody and are held out, or those to train on."""
    return [
        one
        for style in NAMELESS
        for number, one in enumerate(written(f"written_{style}"))
        if (number % _HELD_OUT_OF == 0) is held_out
    ]


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
