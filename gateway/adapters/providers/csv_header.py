"""The first line of a CSV file: its column names, read strictly.

Owns what a header must be. It is read here and not by DuckDB, whose guess of a header skips lines
that do not fit it: subjects would be lost without an error. Refuses a file that ends within a line:
it was torn, or is still being written.
"""

import csv
import os
from pathlib import Path
from typing import Final, NamedTuple

_MAX_HEADER_BYTES: Final = 1 << 18


class BadFile(Exception):
    """The file cannot be taken as it is. The text is the code's own and quotes no line."""


class Header(NamedTuple):
    """The column names, and whether anything follows them."""

    names: tuple[str, ...]
    rows_follow: bool


def read_header(path: Path) -> Header:
    """Return the header, each name once whatever its case; raises ``BadFile`` or OSError."""
    with path.open("rb") as file:
        line = file.readline(_MAX_HEADER_BYTES)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        if file.read(1) not in (b"\n", b"\r"):
            raise BadFile("it ends within a line")
    return Header(_names(line), size > len(line))


def _names(line: bytes) -> tuple[str, ...]:
    try:
        (names,) = csv.reader([line.decode("utf-8-sig")], strict=True)
    except (UnicodeDecodeError, csv.Error, ValueError):
        raise BadFile("its first line is no header") from None
    if not all(names) or len({name.casefold() for name in names}) < len(names):
        raise BadFile("its header has a column without a name or twice")
    return tuple(names)
