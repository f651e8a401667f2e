"""What is known of single characters: how much likelier each is in a name than elsewhere.

Owns the table ``data/chinese_characters.tsv`` and the classes of all other characters. Refuses
characters beyond the Basic Multilingual Plane: they count as rare Chinese characters.
"""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.chinese.matching import BEYOND

TABLE: Final = Path(__file__).parent.parent / "data" / "chinese_characters.tsv"
COLUMNS: Final = ("surname", "first", "last", "single", "foreign", "text")

_CLASSES: Final = {
    "。！？!?…": 2,
    "，,": 3,
    "、": 4,
    "；;": 5,
    "：:": 6,
    "“‘「『《〈\"'": 7,
    "”’」』》〉": 8,
    "（([【{": 9,
    "）)]】}": 10,
    "·•‧・": 11,
    "@": 12,
    " \t": 13,
    "\n\r\0": 14,
    "*_-.": 15,
    "/|#=+<>%~&^$￥—": 16,
}
HAN: Final = 1
LOWER: Final = 17
UPPER: Final = 18
DIGIT: Final = 19
OTHER: Final = 20
# A name never goes over one of these.
STOPS: Final = (2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 16)


def classes() -> NDArray[np.uint32]:
    """Return the class of every character up to `BEYOND`, which itself is Chinese."""
    table = np.full(BEYOND + 1, OTHER, np.uint32)
    for first, last in ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)):
        table[first : last + 1] = HAN
    table[BEYOND] = HAN
    for low, high, class_ in (("a", "z", LOWER), ("A", "Z", UPPER), ("0", "9", DIGIT)):
        table[ord(low) : ord(high) + 1] = class_
    for characters, class_ in _CLASSES.items():
        table[[ord(character) for character in characters]] = class_
    return table


def marks_between_names() -> str:
    """Return all characters of the classes in `STOPS`."""
    return "".join(marks for marks, class_ in _CLASSES.items() if class_ in STOPS)


def log_odds() -> dict[str, NDArray[np.float32]]:
    """Return, by column but ``text``, the logarithm of the odds of every character."""
    shares = {column: np.zeros(BEYOND + 1, np.float32) for column in COLUMNS}
    rows = _rows()
    codes = [ord(character) for character, _ in rows]
    numbers = np.fromstring("\t".join([values for _, values in rows]), np.float64, sep="\t")
    for column, values in zip(COLUMNS, numbers.reshape(-1, len(COLUMNS)).T, strict=True):
        shares[column][codes] = values
    text = shares.pop("text") + 10.0
    odds = {column: np.log((share + 1.0) / text) for column, share in shares.items()}
    unseen = text <= 10.0
    for values in odds.values():
        # What the table does not have is neither: names take rare characters more often than text.
        values[unseen] = np.maximum(values[unseen], -1.0)
    return odds


def surnames(least: int) -> tuple[str, ...]:
    """Return the surnames of one character that at least ``least`` in a million bear."""
    rows = (line.split("\t") for line in TABLE.read_text("utf-8").splitlines()[1:])
    return tuple(row[0] for row in rows if int(row[1]) >= least)


def _rows() -> list[tuple[str, str]]:
    """Return each character and its numbers, as they are written."""
    lines = TABLE.read_text("utf-8").splitlines()[1:]
    return [(character, values) for character, _, values in (one.partition("\t") for one in lines)]
