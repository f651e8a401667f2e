"""Tagged tokens (CoNLL columns, IOB2) as texts with marks.

Owns how tokens become a text: Chinese ones stand together, others are joined by spaces. Refuses a
tag it cannot read.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from gateway.detection.evaluation.labelled import CorpusError, Labelled, Mark

_HAN = re.compile("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
_NUMBER = re.compile(r"[0-9]+(?:[-.][0-9]+)?")
_TAG = re.compile(r"O|[BIESLU]-(?P<type>\S+)")


class _Token(NamedTuple):
    word: str
    tag: str


def read_iob(path: Path, mapped: Mapping[str, str]) -> Iterator[Labelled]:
    """Yield the sentences of a file; the tag is the last column that has the form of one.

    With ``mapped`` only the types it names count. Raises CorpusError naming the line, and OSError.
    """
    sentence: list[_Token] = []
    with path.open(encoding="utf-8") as lines:
        try:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    sentence += _tokens(line, f"{path.name}:{number}")
                elif sentence:
                    yield _labelled(sentence, mapped, path.stem)
                    sentence = []
        except UnicodeDecodeError:
            raise CorpusError(path.name, "is not UTF-8") from None
    if sentence:
        yield _labelled(sentence, mapped, path.stem)


def _tokens(line: str, where: str) -> Iterator[_Token]:
    if _is_comment(line):
        return
    cells = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
    # Columns of Universal NER begin with the token's number.
    if len(cells) > 2 and _NUMBER.fullmatch(cells[0]) and _TAG.fullmatch(cells[2]):
        cells = cells[1:]
    # The last column that is a tag: chunk tags stand before those of entities.
    tag = next((cell for cell in reversed(cells[1:]) if _TAG.fullmatch(cell)), None)
    if tag is None:
        raise CorpusError(where, "has no tag (O, B-X, I-X)")
    yield _Token(cells[0], tag)


def _is_comment(line: str) -> bool:
    if line.startswith("-DOCSTART-"):
        return True
    # "# O" is a token; "# text = ..." is not.
    return line.startswith("# ") and "\t" not in line and len(line.split()) > 2


def _labelled(tokens: list[_Token], mapped: Mapping[str, str], group: str) -> Labelled:
    text = ""
    marks: list[Mark] = []
    open_: tuple[int, str] | None = None
    end = 0
    for token in tokens:
        if text and not (_HAN.match(text[-1]) or _HAN.match(token.word[:1])):
            text += " "
        kind, _, type_ = token.tag.partition("-")
        if open_ and (kind in "OBSU" or type_ != open_[1]):
            marks.append(Mark(open_[0], end, open_[1]))
            open_ = None
        if kind != "O" and open_ is None:
            open_ = (len(text), type_)
        text += token.word
        end = len(text)
    if open_:
        marks.append(Mark(open_[0], end, open_[1]))
    return Labelled(text, tuple(_renamed(marks, mapped)), group)


def _renamed(marks: list[Mark], mapped: Mapping[str, str]) -> Iterator[Mark]:
    for mark in marks:
        type_ = mapped.get(mark.type, "") if mapped else mark.type
        if type_:
            yield Mark(mark.start, mark.end, type_)
