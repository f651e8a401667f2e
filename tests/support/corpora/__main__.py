"""``PYTHONPATH=tests python -m support.corpora FOLDER``: both parts as JSON lines."""

import sys
from dataclasses import asdict
from pathlib import Path

import msgspec

from gateway.detection.evaluation.labelled import Labelled
from support.corpora.parts import PARTS, corpus


def line(one: Labelled) -> bytes:
    """One text as the evaluation reads it."""
    spans = [asdict(mark) for mark in one.marks]
    row = {"text": one.text, "spans": spans, "group": one.group, "language": one.language}
    return msgspec.json.encode(row) + b"\n"


def write(folder: Path) -> None:
    """Write a file for each part."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        with (folder / f"{part}.jsonl").open("wb") as file:
            file.writelines(map(line, corpus(part)))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(Path(sys.argv[1]))
