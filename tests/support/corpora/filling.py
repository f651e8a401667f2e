"""Templates into labelled texts: ``{TYPE}`` becomes a marked value, ``{word}`` a harmless one.

``{TYPE}`` stands for a value of the entity; ``{TYPE!}`` for a word that names it and the value;
``{zh!}`` and ``{en!}`` for such a pair of any formatted entity of the language. Lower-case names
are harmless fillings. Marks are of values only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random

from gateway.detection.evaluation.labelled import Labelled, Mark
from support.corpora.fields import FILLINGS, LABELLED_EN, LABELLED_ZH, label, value

_SLOT = re.compile(r"\{([A-Za-z_0-9.]+)(!?)\}")
_ANY = {"zh": LABELLED_ZH, "en": LABELLED_EN}


def filled(template: str, rng: Random, group: str, language: str) -> Labelled:
    """Return one text of a template."""
    text = ""
    marks: list[Mark] = []
    at = 0
    for slot in _SLOT.finditer(template):
        text += template[at : slot.start()]
        at = slot.end()
        for piece, type_ in _pieces(slot[1], bool(slot[2]), rng):
            if type_:
                marks.append(Mark(len(text), len(text) + len(piece), type_))
            text += piece
    return Labelled(text + template[at:], tuple(marks), group, language)


def _pieces(name: str, named: bool, rng: Random) -> Iterator[tuple[str, str]]:
    if name in _ANY:
        name = rng.choice(_ANY[name])
        named = True
    if not name.isupper():
        yield FILLINGS[name](rng), ""
        return
    if named:
        yield label(name, rng), ""
    yield value(name, rng), name


def texts(
    templates: Sequence[str], count: int, seed: str, group: str, language: str
) -> list[Labelled]:
    """Return ``count`` texts, the templates in turn; the same ones for the same seed."""
    rng = Random(seed)
    return [filled(templates[at % len(templates)], rng, group, language) for at in range(count)]
