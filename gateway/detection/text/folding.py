"""Folds a text into canonical characters, with the offsets of each in the original.

Owns widths, compatibility forms, look-alikes, unusual spaces and dashes, combining marks and what
shows nothing. Most texts come back as they are, or character for character, without an offset
table. Refuses to guess: whether an O is a digit is told by `joining`, from what stands around it.
"""

import unicodedata
from typing import NamedTuple

from gateway.detection.text.characters import COMMON_FOLDS, FOLDS, MARKS, MOVES, RARE


class Folded(NamedTuple):
    """The canonical text; ``starts`` and ``ends`` are None where no character moved."""

    text: str
    starts: list[int] | None
    ends: list[int] | None


def fold(text: str) -> Folded:
    """Return ``text`` in canonical characters; any string will do, a lone surrogate stays one."""
    return fold_plain(text) or fold_rare(text)


def fold_plain(text: str) -> Folded | None:
    """Return ``text`` folded where it is ASCII or plain Chinese, and None where it is more."""
    if text.isascii():
        if text.isprintable() or RARE.search(text) is None:
            return Folded(text, None, None)
    elif RARE.search(text) is None:
        for one, form in COMMON_FOLDS:
            text = text.replace(one, form)
        return Folded(text, None, None)
    return None


def fold_rare(text: str) -> Folded:
    """Return ``text`` folded whatever it is made of."""
    if MOVES.search(text) is None:
        return Folded(text.translate(FOLDS), None, None)
    return _fold_moving(text)


def _fold_moving(text: str) -> Folded:
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    form_of = FOLDS.get
    for at, character in enumerate(text):
        code = ord(character)
        form = form_of(code)
        if form is None:
            form = character
        elif not form:
            if pieces and (code in MARKS or 0xFE00 <= code <= 0xFE0F):
                # What sits on a character is part of it, and goes where it goes. Beside a digit
                # it is no accent: nobody writes a word there.
                behind = text[at + 1 : at + 2]
                if not (behind.isdigit() or (len(pieces) > 1 and pieces[-2].isdigit())):
                    pieces[-1] = _composed(pieces[-1], character)
                ends[-1] = at + 1
            continue
        for one in form:
            pieces.append(one)
            starts.append(at)
            ends.append(at + 1)
    return Folded("".join(pieces), starts, ends)


def _composed(base: str, mark: str) -> str:
    both = unicodedata.normalize("NFC", base + mark)
    return both if len(both) == 1 else base
