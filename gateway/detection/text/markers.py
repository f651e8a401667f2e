"""Digits that number an item or a footnote and touch a number: ①13812345678, 13812345678².

Owns telling them from the digits of the number. Folded they are digits like the others, so a text
with such a marker is read a second time without it. Refuses to decide which reading is right.
"""

import re
import unicodedata

from gateway.detection.text.characters import FOLDS

_SIGNS = "".join(
    chr(code)
    for code, form in FOLDS.items()
    if form.isdigit() and unicodedata.category(chr(code)) == "No"
)
_PLAIN = "0-9\uff10-\uff19"
_MARKER = re.compile(
    f"(?<![{_PLAIN}{_SIGNS}])[{_SIGNS}](?=[{_PLAIN}]{{7}})"
    f"|(?<=[{_PLAIN}]{{7}})[{_SIGNS}](?![{_PLAIN}{_SIGNS}])"
)


def without_markers(text: str) -> str | None:
    """Return ``text`` with a space for each marker, or None where there is none."""
    if _MARKER.search(text) is None:
        return None
    return _MARKER.sub(" ", text)
