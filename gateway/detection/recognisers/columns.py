"""The heading of the column that a value stands in, in a table that is written as text.

Owns tables whose first line names their columns, parted by commas, semicolons, tabs or bars, as in
``name,ssn,dob`` and ``| Name | SSN |``. Refuses lines of more than 400 characters (no table is
written so, and each value would read its line again) and a heading that holds digits.
"""

from gateway.detection.text.view import View

_MOST = 400
_SIGNS = "\t|;,"


def heading(view: View, start: int) -> tuple[int, int] | None:
    """Return where the heading of the value at ``start`` stands in ``view.text``, or None."""
    text = view.text
    first = text.find("\n", 0, _MOST)
    if not 0 < first < start:
        return None
    sign = next((sign for sign in _SIGNS if sign in text[:first]), None)
    line = text.rfind("\n", max(0, start - _MOST), start) + 1
    if sign is None or not line or any(map(str.isdigit, text[:first])):
        return None
    at = 0
    for _ in range(text.count(sign, line, start)):
        at = text.find(sign, at, first) + 1
        if not at:
            return None
    end = text.find(sign, at, first)
    end = first if end < 0 else end
    return (at, end) if at < end else None
