"""Labelled corpora as they come: JSON lines in two forms, and tagged tokens (CoNLL, IOB2).

Owns the choice of the reader and the JSON forms: ours, and the one of Presidio's research set.
Refuses a line it does not understand: a corpus that is half read gives figures that are half true.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from gateway.detection.evaluation.iob import read_iob
from gateway.detection.evaluation.labelled import UNGROUPED, CorpusError, Labelled, Mark

IOB_SUFFIXES = frozenset({".iob2", ".iob", ".conll"})
_TEXTS = ("text", "full_text")
_SPANS = ("spans", "entities")
_STARTS = ("start", "start_position")
_ENDS = ("end", "end_position")
_TYPES = ("type", "entity_type", "label")


def read_corpus(path: Path, mapped: Mapping[str, str] | None = None) -> Iterator[Labelled]:
    """Yield the texts of a corpus in order; ``mapped`` renames its types (PER to PERSON).

    A type that is mapped to nothing ("") is left out. Of tagged tokens only types that are mapped
    count, where any is. Raises CorpusError naming the line, and OSError.
    """
    names = mapped or {}
    if path.suffix.lower() in IOB_SUFFIXES:
        yield from read_iob(path, names)
    elif path.suffix.lower() == ".json":
        yield from _read_array(path, names)
    else:
        yield from _read_lines(path, names)


def _read_lines(path: Path, mapped: Mapping[str, str]) -> Iterator[Labelled]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                where = f"{path.name}:{number}"
                yield _labelled(_decoded(line, where), mapped, where)


def _read_array(path: Path, mapped: Mapping[str, str]) -> Iterator[Labelled]:
    rows = _decoded(path.read_bytes(), path.name)
    if not isinstance(rows, list):
        raise CorpusError(path.name, "a .json corpus is a list of objects")
    for number, row in enumerate(rows, start=1):
        where = f"{path.name}: element {number}"
        yield _labelled(row, mapped, where)


def _decoded(line: bytes, where: str) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise CorpusError(where, "is not JSON") from None


def _labelled(row: Any, mapped: Mapping[str, str], where: str) -> Labelled:
    if not isinstance(row, dict):
        raise CorpusError(where, "is not an object")
    text = _first(row, _TEXTS, str, where)
    spans = _first(row, _SPANS, list, where)
    try:
        marks = tuple(one for span in spans if (one := _mark(span, mapped, where)))
        return Labelled(text, marks, str(row.get("group") or UNGROUPED), _language(row))
    except ValueError as error:
        if isinstance(error, CorpusError):
            raise
        raise CorpusError(where, str(error)) from None


def _mark(span: Any, mapped: Mapping[str, str], where: str) -> Mark | None:
    if not isinstance(span, dict):
        raise CorpusError(where, "a span is not an object")
    type_ = _first(span, _TYPES, str, where)
    type_ = mapped.get(type_, type_)
    if not type_:
        return None
    return Mark(_first(span, _STARTS, int, where), _first(span, _ENDS, int, where), type_)


def _language(row: Mapping[str, Any]) -> str:
    language = row.get("language")
    return language if isinstance(language, str) else ""


def _first(row: Mapping[str, Any], names: tuple[str, ...], kind: type, where: str) -> Any:
    for name in names:
        if isinstance(row.get(name), kind):
            return row[name]
    raise CorpusError(where, f"has no `{names[0]}`")
