"""Which groups of digits are one number, and where a row of groups is cut into several.

Owns the judgement: by the sizes of the groups and by what stands between them. Refuses rows that
dates, amounts, addresses of computers and tables make; a number in such a row is still in the
folded view as it was written.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from gateway.detection.text.numerals import FILL


class Group(NamedTuple):
    """Digits without anything between them; ``kind`` is what stands before them, "" for nothing."""

    start: int
    end: int
    digits: str
    kind: str


Row = Sequence[Group]
NEWLINE, TAB, SPACE = "\n", "\t", " "
_COMMAS = ",;、:"
_LOOSE = frozenset(",;、:+=#^!?")
_MARKS = frozenset("._*~|·/-\\")
_LEAST, _MOST, _MOST_SPELLED, _SMALL, _A_DATE = 7, 24, 19, 6, 3
_COUNTRY = frozenset(("1", "86", "0086", "852", "853", "886", "44", "001"))


@lru_cache(maxsize=512)
def kind_of(separator: str) -> str:
    """Return what characterises a separator: its line break, its first sign, or its space."""
    separator = separator.replace(FILL, "")
    if "\n" in separator or "\r" in separator:
        return NEWLINE
    if TAB in separator:
        return TAB
    return separator.strip()[:1] or separator[:2]


Named = Callable[[Row], bool]
"""Whether a word that names a number stands right before a row."""


def numbers(row: Row, named: Named) -> Iterator[Row]:
    """Yield the parts of a row that are one number each, in order."""
    none = True
    for part in _judged(row, _CUTS, in_table=False):
        none = False
        yield part
    if none and len(row) > 1 and _is_nameable(row) and named(row):
        yield row


def _judged(row: Row, cuts: "Sequence[Cut]", *, in_table: bool) -> Iterator[Row]:
    total = len("".join([group.digits for group in row]))
    if total < _LEAST:
        return
    if total <= _MOST and _is_one(row, total, in_table=in_table):
        yield row
        return
    for at, cut in enumerate(cuts):
        parts = list(cut(row))
        if len(parts) > 1:
            # What stands beside other numbers is one of them: only even groups make it more.
            in_table |= cut is _by_size or (
                cut is _by_line and sum(len(part) > 2 for part in parts) > 1
            )
            for part in parts:
                yield from _judged(part, cuts[at + 1 :], in_table=in_table)
            return


def _is_one(row: Row, total: int, *, in_table: bool) -> bool:
    if len(row) == 1:
        return True
    kinds = {group.kind for group in row[1:]}
    if total == len(row):
        return is_spelled("".join([group.digits for group in row]), kinds)
    if TAB in kinds or kinds & _LOOSE or _has_date(row) or _is_dotted(row, kinds):
        return False
    sizes = [len(group.digits) for group in row]
    if NEWLINE in kinds and not _is_wrapped(row, kinds, sizes):
        return False
    if _is_grouped(row, sizes, total):
        return True
    # Rows below each other are a table; one number of a person rarely is set in two of them.
    return not in_table and _is_irregular(row, kinds, total)


def is_spelled(digits: str, kinds: set[str]) -> bool:
    """Say whether single digits with such separators are one number.

    Line breaks, tabs and commas stand within a number only where nothing else does.
    """
    if not _LEAST <= len(digits) <= _MOST_SPELLED or digits in "0123456789":
        return False
    if len(kinds) == 1:
        return not (kinds & _LOOSE) or digits[:7] not in "0123456789"
    return not (kinds & _LOOSE or NEWLINE in kinds or TAB in kinds)


def _is_wrapped(row: Row, kinds: set[str], sizes: list[int]) -> bool:
    """Say whether line breaks stand within a number: all that separates, or one in even groups."""
    if kinds == {NEWLINE}:
        return len(row) == 2 or min(sizes[:-1]) >= 3
    breaks = sum(group.kind == NEWLINE for group in row[1:])
    even = set(sizes[:-1]) == {4} and sizes[-1] <= 4 and len(row) <= 5
    return breaks == 1 and (even or sizes == [3, 4, 4])


def _is_grouped(row: Row, sizes: list[int], total: int) -> bool:
    body = sizes
    if row[0].digits in _COUNTRY and len(row) > 2:
        body, total = sizes[1:], total - sizes[0]
    if len(body) > 7 or min(body[:-1], default=0) < 3:
        return body == [3, 2, 4] or _is_paired(row, sizes)
    if len(body) == 2:
        return total == 11 or 15 <= total <= 19
    return total > 10 or body == [3, 3, 4]


def _is_paired(row: Row, sizes: list[int]) -> bool:
    steady = len({group.kind for group in row[1:]}) == 1
    return steady and len(sizes) >= 5 and set(sizes[:-1]) == {2} and sizes[-1] <= 2


def _is_irregular(row: Row, kinds: set[str], total: int) -> bool:
    """Say whether groups of any size are one number, by what separates them and its length."""
    digits = "".join([group.digits for group in row])
    if len(kinds) > 1 or NEWLINE in kinds:
        return "." not in kinds and total in (11, 18) and len(row) <= 4 and _begins_well(digits)
    if kinds <= _MARKS:
        return total == 11 or 15 <= total <= 19
    return kinds == {SPACE} and len(row) <= total // 2 and _begins_well(digits)


def _is_nameable(row: Row) -> bool:
    """Say whether small groups of any size may be one number, where a word says that there is one.

    A date is none, and one line of digits below another only where nothing else divides them.
    """
    sizes = [len(group.digits) for group in row]
    if max(sizes) > _SMALL or not _LEAST <= sum(sizes) <= _MOST_SPELLED:
        return False
    kinds = {group.kind for group in row[1:]}
    if TAB in kinds or kinds & _LOOSE or _has_date(row) or _is_dotted(row, kinds):
        return False
    if len(row) == _A_DATE and max(sizes[:2]) <= 2 and sizes[2] == 4:
        return False
    return NEWLINE not in kinds or (len(kinds) == 1 and max(sizes) < _SMALL)


def _begins_well(digits: str) -> bool:
    """Say whether the digits begin as a mobile, identity or card number of their length does."""
    if len(digits) == 11:
        return digits[0] == "1" and digits[1] in "3456789"
    if len(digits) in (17, 18):
        return digits[6:8] in ("19", "20") and digits[10:12] <= "12" and digits[12:14] <= "31"
    return 16 <= len(digits) <= 19 and digits[0] in "456" and digits[:2] not in ("46", "61")


def _is_dotted(row: Row, kinds: set[str]) -> bool:
    """Say whether it is an IPv4 address."""
    return (
        kinds == {"."}
        and len(row) == 4
        and all(len(group.digits) <= 3 and int(group.digits) <= 255 for group in row)
    )


def _dates(row: Row) -> Iterator[int]:
    """Yield where a year, a month and a day begin."""
    for at in range(len(row) - 2):
        year, month, day = row[at : at + 3]
        if (
            len(year.digits) == 4
            and year.digits[:2] in ("19", "20")
            and len(month.digits) <= 2 >= len(day.digits)
            and month.kind == day.kind
            and month.kind in "-/."
        ):
            yield at


def _has_date(row: Row) -> bool:
    return next(_dates(row), None) is not None


Cut = Callable[[Row], Iterator[Row]]


def _at(row: Row, starts: Sequence[int]) -> Iterator[Row]:
    bounds = [0, *starts, len(row)]
    return (row[a:b] for a, b in pairwise(bounds) if a < b)


def _by_line(row: Row) -> Iterator[Row]:
    return _at(row, [i for i in range(1, len(row)) if row[i].kind == NEWLINE])


def _by_tab_or_comma(row: Row) -> Iterator[Row]:
    return _at(row, [i for i in range(1, len(row)) if row[i].kind in (TAB, *_COMMAS)])


def _by_date(row: Row) -> Iterator[Row]:
    return _at(row, [edge for at in _dates(row) for edge in (at, at + 3)])


def _by_size(row: Row) -> Iterator[Row]:
    """Cut where single digits begin or end."""
    single = [len(group.digits) == 1 for group in row]
    return _at(row, [i for i in range(1, len(row)) if single[i] != single[i - 1]])


def _by_kind(row: Row) -> Iterator[Row]:
    cuts: list[int] = []
    kind: str | None = None
    for at in range(1, len(row)):
        if kind is None:
            kind = row[at].kind
        elif row[at].kind != kind:
            cuts.append(at)
            kind = None
    return _at(row, cuts)


_CUTS: Sequence[Cut] = (_by_line, _by_tab_or_comma, _by_date, _by_size, _by_kind)
