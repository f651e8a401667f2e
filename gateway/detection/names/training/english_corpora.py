"""Reads labelled corpora into texts with spans, and splits each in a part to train on and a test.

Owns the readers (Universal NER EWT, WNUT-17, Broad Twitter Corpus) and what they are made to agree
on: handles are no names, titles are no part of a name. Refuses to mix the parts: the split is by
document or post, by hash.
"""

import random
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Labelled(NamedTuple):
    """A text and its spans: start, end, PER or LOC or ORG."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


_TYPES = {
    "person": "PER",
    "location": "LOC",
    "corporation": "ORG",
    "group": "ORG",
    "PER": "PER",
    "LOC": "LOC",
    "ORG": "ORG",
}
_TITLES = frozenset(
    [
        "president",
        "prince",
        "princess",
        "duke",
        "duchess",
        "dr",
        "mr",
        "mrs",
        "ms",
        "sir",
        "lord",
        "lady",
        "king",
        "queen",
        "senator",
        "sen",
        "gov",
        "governor",
        "minister",
        "pm",
        "prof",
        "professor",
        "pope",
        "mayor",
        "judge",
        "justice",
        "capt",
        "captain",
        "rev",
        "premier",
        "coach",
        "chancellor",
        "secretary",
        "the",
    ]
)
_CLOSING = frozenset(
    [
        ".",
        ",",
        "!",
        "?",
        ";",
        ":",
        ")",
        "]",
        "}",
        "%",
        "…",
        "'s",
        "'S",
        "’s",
        "n't",
        "'re",
        "'ll",
        "'ve",
        "'m",
        "'d",
        "...",
        "''",
    ]
)
_OPENING = frozenset(["(", "[", "{", "$", "@", "#", "``"])


def corpus(folder: Path, name: str, *, held: bool) -> list[Labelled]:
    """Return one part of ``ewt``, ``wnut`` or ``btc``; ``held`` is the part that is a test."""
    file, word, label = {
        "ewt": ("en_ewt-dev.iob2", 1, 2),
        "wnut": ("wnut17-train.conll", 0, 1),
        "btc": ("btc.conll", 0, 1),
    }[name]
    found = []
    for document, text, rows in _sentences(folder / file, word, label):
        if (zlib.crc32(document.encode()) % 5 == 0) is held:
            one = _aligned(text, rows) if text else joined(rows, zlib.crc32(document.encode()))
            if one is not None:
                found.append(one)
    return found


def _sentences(
    path: Path, word: int, label: int
) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    document = text = ""
    rows: list[tuple[str, str]] = []
    for line in [*path.read_text("utf-8").splitlines(), ""]:
        parts = line.split("\t")
        if line.startswith("# newdoc id = "):
            document = line[14:]
        elif line.startswith("# text = "):
            text = line[9:]
        elif len(parts) > label and parts[word].strip():
            rows.append((parts[word].strip(), parts[label].strip()))
        elif rows and not line.startswith("# "):
            clean = _agreed(rows)
            yield document or " ".join(one for one, _ in rows), text, clean
            rows, text = [], ""


def _agreed(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return words with the labels that all corpora share."""
    agreed: list[tuple[str, str]] = []
    previous = ""
    for word, label in rows:
        prefix, _, type_ = label.partition("-")
        now = f"{prefix}-{_TYPES[type_]}" if type_ in _TYPES else "O"
        if word[0] in "@#" or (agreed and agreed[-1][0] in "@#"):
            now = "O"
        if now.endswith("PER") and word.lower().strip(".") in _TITLES:
            now = "O"
        if now[0] == "I" and previous[2:] != now[2:]:
            now = "B" + now[1:]
        agreed.append((word, now))
        previous = now
    return agreed


def joined(rows: list[tuple[str, str]], seed: int) -> Labelled:
    """Return words as running text; one in four texts keeps a space between all of them."""
    loose = random.Random(seed).random() < 0.25  # noqa: S311 - text, not secrets
    text = ""
    spans: list[tuple[int, int, str]] = []
    glue = True
    for word, label in rows:
        if not (glue or (word in _CLOSING and not loose)):
            text += " "
        start = len(text)
        text += word
        _extend(spans, start, len(text), label)
        glue = word in _OPENING and (word in "@#" or not loose)
    return _trimmed(text, spans)


def _trimmed(text: str, spans: list[tuple[int, int, str]]) -> Labelled:
    kept = []
    for start, end, label in spans:
        while start < end and not text[start].isalnum():
            start += 1
        while start < end and not text[end - 1].isalnum():
            if text[end - 1] == "." and text[end - 3 : end - 2] in (" ", ".", "J", "S"):
                break
            end -= 1
        if start < end:
            kept.append((start, end, label))
    return Labelled(text, tuple(kept))


def _extend(spans: list[tuple[int, int, str]], start: int, end: int, label: str) -> None:
    if label[0] == "B":
        spans.append((start, end, label[2:]))
    elif label[0] == "I" and spans:
        spans[-1] = spans[-1][0], end, spans[-1][2]


def _aligned(text: str, rows: list[tuple[str, str]]) -> Labelled | None:
    spans: list[tuple[int, int, str]] = []
    at = 0
    for word, label in rows:
        start = text.find(word, at)
        if start < 0:
            return None
        at = start + len(word)
        _extend(spans, start, at, label)
    return _trimmed(text, spans)
