"""Corpora that were written without a look at the recognisers, by somebody else than the first.

Owns the reading of the files in ``second/``: sentences with fields, addresses, harmless lines, one
a line (``\\n`` and ``\\t`` stand for what they say). Refuses to be a development corpus: whoever
mends what these show writes sentences of his own.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

from gateway.detection.evaluation.labelled import Labelled, Mark
from support.corpora.fields import REAL_TYPES
from support.corpora.filling import filled

_FOLDER = Path(__file__).with_suffix("")
_ADDRESS = {"zh": "CN_ADDRESS", "en": "STREET_ADDRESS"}
_FRAMES = {
    "zh": ("{}", "地址：{}", "住在{}", "收货地址:{},收件人李敏", "外访{}，无人应答", "{} 王建国"),
    "en": ("{}", "Address: {}", "He lives at {}", "{}, phone 212-555-0187", "Mail it to {}."),
}


def sentences(language: str, draws: int, seed: str) -> list[Labelled]:
    """Return each sentence with ``draws`` different values; the same ones for the same seed."""
    rng = Random(seed)
    return [
        _named(filled(line, rng, f"second.{language}", language))
        for line in _lines(f"templates_{language}")
        for _ in range(draws)
    ]


def addresses(language: str) -> list[Labelled]:
    """Return each address by itself and in a sentence."""
    found: list[Labelled] = []
    frames = _FRAMES[language]
    for at, line in enumerate(_lines(f"addresses_{language}")):
        for frame in (frames[0], frames[1 + at % (len(frames) - 1)]):
            start = frame.index("{}")
            mark = Mark(start, start + len(line), _ADDRESS[language])
            found.append(Labelled(frame.format(line), (mark,), f"addresses.{language}", language))
    return found


def harmless(language: str) -> list[Labelled]:
    """Return the lines in which nobody is named."""
    return [
        Labelled(line, (), f"harmless.{language}", language)
        for line in _lines(f"harmless_{language}")
    ]


def _lines(name: str) -> list[str]:
    text = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return [line.replace("\\n", "\n").replace("\\t", "\t") for line in text.splitlines()]


def _named(text: Labelled) -> Labelled:
    marks = (replace(mark, type=REAL_TYPES.get(mark.type, mark.type)) for mark in text.marks)
    return replace(text, marks=tuple(marks))
