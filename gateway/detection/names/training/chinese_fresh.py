"""Sentences written by hand, apart from all templates, to see how good the model is.

Owns their reading. In ``chinese_*_named.txt`` names stand between < and >; ``chinese_*_nobody.txt``
has a sentence a line that names nobody. The *fresh* sets were scored once before the second model
and then looked at; the *blind* ones were written after it; those of the *second blind* set, in
brackets, by another hand for the third model, and nobody who made it has read them. No model is
trained on any of them.
"""

import re
from pathlib import Path
from typing import Final

from gateway.detection.names.training.chinese_templates import read_templates
from gateway.detection.names.training.chinese_written import STYLES, written
from gateway.detection.names.training.labelled import Extent, Labelled

_FOLDER: Final = Path(__file__).parent
_FILES: Final = ("fresh", "blind")
_SECOND: Final = ("news", "microblog", "resumes", "nobody")
_NAME: Final = re.compile("<([^<>]+)>")


def fresh_sets() -> dict[str, list[Labelled]]:
    """Return the sentences of both sets by style, and those that name nobody."""
    sets: dict[str, list[Labelled]] = {}
    for name in _FILES:
        for style, lines in read_templates(_FOLDER / f"chinese_{name}_named.txt").items():
            sets[f"{name} {style}"] = [marked(line) for line in lines]
        nobody = (_FOLDER / f"chinese_{name}_nobody.txt").read_text("utf-8").splitlines()
        sets[f"{name} nobody"] = [Labelled(line, ()) for line in nobody]
    return sets


def second_blind_sets() -> dict[str, list[Labelled]]:
    """Return the sentences of the second blind set by style.

    One that another hand wrote for training as well is left out.
    """
    trained = {one.text for style in STYLES for one in written(f"written_{style}")}
    return {
        f"second blind {style}": [
            one for one in written(f"blind2_{style}") if one.text not in trained
        ]
        for style in _SECOND
    }


def marked(line: str) -> Labelled:
    """Return the sentence without its marks, and the names that stood between them."""
    text, extents = "", []
    for number, piece in enumerate(_NAME.split(line)):
        if number % 2:
            extents.append(Extent(len(text), len(text) + len(piece), "PER"))
        text += piece
    return Labelled(text, tuple(extents))
