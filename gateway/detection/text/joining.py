"""The joined view: numbers whose digits were spelled, disguised or set apart, as plain digits.

Owns where such numbers are looked for; `numerals` knows the signs and `shapes` what is one number.
What surrounds a number stays. Refuses a run of more than 400 characters that neither lines nor
commas divide: no number is written so, and its cost would be the attacker's choice.
"""

import re
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from gateway.detection.context import EVERY, NO_WORDS, ContextIndex, ended
from gateway.detection.text.folding import Folded
from gateway.detection.text.gates import Worth
from gateway.detection.text.numerals import (
    DIGITS,
    FILL,
    LOOKS,
    SEPARATORS,
    has_words_between,
    readable,
    to_digits,
)
from gateway.detection.text.rewriting import Edit, extent, rewrite
from gateway.detection.text.settled import NOWHERE, Settled
from gateway.detection.text.shapes import SPACE, Group, Named, Row, is_spelled, kind_of, numbers

_LEAST, _LONGEST, _LABEL_REACH = 7, 400, 8
_DIGIT = f"[{DIGITS}]{FILL}*+"
_NEXT = rf"(?:(?:[{SEPARATORS}]{FILL}*+){{0,6}}+{_DIGIT})"
_RUN = re.compile(f"{_DIGIT}{_NEXT}{{6}}+{_NEXT}*+")
_GROUP = re.compile(rf"[{DIGITS}](?:[{DIGITS}{FILL}])*+")
_GAP = re.compile(f"[{SEPARATORS}]+")
_ONE = re.compile(f"[{DIGITS}]")
_SINGLES = re.compile(f"{_ONE.pattern}(?:{_GAP.pattern}+{_ONE.pattern}(?!{_ONE.pattern}))++")
# Written as numbers usually are: recognisers read these in the folded view.
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})"
_USUAL = re.compile(
    r"[0-9]+|[0-9]{3}(?P<m>[ -])[0-9]{4}(?P=m)[0-9]{4}|[0-9]{3}(?P<u>[ -])[0-9]{3}(?P=u)[0-9]{4}"
    r"|[0-9]{4}(?P<c>[ -])[0-9]{4}(?P=c)[0-9]{4}(?P=c)[0-9]{4}(?:(?P=c)(?:[0-9]|[0-9]{3}))?"
    r"|[0-9]{6}(?P<r>[ -])[0-9]{8}(?P=r)[0-9]{4}|[0-9]{3}(?P<s>[ -])[0-9]{2}(?P=s)[0-9]{4}"
    r"|[0-9]{4}(?P<a>[ -])[0-9]{6}(?P=a)[0-9]{4,5}|[0-9]{3}\) ?[0-9]{3}[ -][0-9]{4}"
    rf"|(?:{_OCTET}\.){{3}}{_OCTET}|[0-9]{{4}}(?P<d>[-/.])[0-9]{{1,2}}(?P=d)[0-9]{{1,2}}"
)
_CHECK_SIGN = re.compile(rf"[{SEPARATORS}]{{0,3}}([Xx叉])(?![A-Za-z0-9])")
# Not a label: those two letters are no part of what they name.
_PREFIX = re.compile(r"(?<![A-Za-z0-9])(?!QQ|ID|NO|PH|WX|SS|DL|AC)[A-Z]{1,2}()[ \-._/*\n]{1,3}\Z")
_TWO = re.compile(f"[{DIGITS}]{{2}}")
_DIVIDED = re.compile(f"(?<=[{DIGITS}]) *[,;、:]")
_LINE_OR_TAB = re.compile(r"[\n\r\t]")
_SET_APART = re.compile(
    rf"[0-9](?:(?! *[,;、:])[{SEPARATORS}{FILL}]|(?<![0-9][0-9]) *[,;、:]"
    rf"|[{SEPARATORS}]{{0,5}}[\n\r\t])"
)
"""In every run of plain digits but for a list, in which commas part numbers of several digits each:
those are as they were."""
_LINES = re.compile(r"[^\n]+")
_CLAUSES = re.compile(r"[^,;、]+")


def joined(
    base: Folded,
    look: Worth,
    settled: Settled = NOWHERE,
    context: ContextIndex = NO_WORDS,
) -> Folded | None:
    """Return ``base`` with its disguised numbers in plain digits, or None where there is none.

    What stands within a ``settled`` place of the original stays as it is written. ``context`` are
    the words of the original: behind one of them odd groups are one number.
    """
    if not (look.rows or look.words or look.letters or look.tags):
        return None
    text = _readable(base.text, look)
    if text is base.text and not (look.signs or _SET_APART.search(text)):
        return None
    named = partial(_is_named, base, context, settled)
    edits = [
        edit
        for run in _RUN.finditer(text)
        for first, last in _parts(text, *run.span(), plain=text is base.text)
        if not settled.covers(*extent(base, first, last))
        for edit in _edits(base.text, text, (first, last), named)
        if not settled.covers(*extent(base, edit.start, edit.end))
    ]
    return rewrite(base, edits) if edits else None


def _readable(text: str, look: Worth) -> str:
    """Return ``text`` itself where nothing but plain digits stands for a digit."""
    between = look.rows and has_words_between(text)
    if not (look.words or look.letters or look.tags or between):
        return text
    read = readable(text, words=look.words, letters=look.letters, tags=look.tags, between=between)
    return text if read == text else read


def _is_named(base: Folded, context: ContextIndex, settled: Settled, row: Row) -> bool:
    """Say whether a context word, whichever it is, stands right before the row.

    A row of which the greater part is found already holds more than one number.
    """
    words = context.all(EVERY)
    first, _ = extent(base, row[0].start, row[0].end)
    at = ended(words, first)
    if not at or first - words[at - 1].end > _LABEL_REACH:
        return False
    found = [one for one in row if settled.covers(*extent(base, one.start, one.end))]
    return sum([len(one.digits) for one in found]) < _LEAST


def _edits(original: str, text: str, run: tuple[int, int], named: Named) -> Iterator[Edit]:
    first, last = run
    if text is original:
        if _USUAL.fullmatch(text, first, last):
            return
        if _SINGLES.fullmatch(text, first, last):
            is_settled, edit = _single_digits(text, first, last)
            if edit is not None:
                yield edit
            if is_settled:
                return
    row = _without_item(text, _row(text, first, last))
    if text is not original:
        row = _without_words(original, row)
    for number in numbers(row, named):
        edit = _edit(original, text, number)
        if edit is not None:
            yield edit


def _single_digits(text: str, start: int, end: int) -> tuple[bool, Edit | None]:
    """Return whether a run of single digits needs no closer look, and its edit, by a short way."""
    part = text[start:end]
    digits = to_digits(_GAP.sub("", part))
    kinds = set(map(kind_of, _GAP.findall(part)))
    if len(digits) == 17:
        return False, None
    if not is_spelled(digits, kinds):
        return len(kinds) == 1 or len(digits) < 14, None
    starts = [digit.start() for digit in _ONE.finditer(text, start, end)]
    return True, Edit(start, end, digits, starts, [*starts[1:], end])


def _parts(text: str, start: int, end: int, *, plain: bool) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a run that are looked at one by one."""
    if end - start <= _LONGEST:
        if plain:
            yield from _divided(text, start, end)
        else:
            yield start, end
        return
    for line in _LINES.finditer(text, start, end):
        for clause in _CLAUSES.finditer(text, *line.span()):
            if _LEAST <= len(clause[0]) <= _LONGEST:
                yield clause.span()


def _divided(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield what commas part: they stand within a number only where all its digits stand alone.

    ``shapes`` would come to the same, digit by digit; most runs are several numbers in a list.
    """
    first = start
    for comma in _DIVIDED.finditer(text, start, end):
        if first == start and (
            _LINE_OR_TAB.search(text, start, end) or not _TWO.search(text, start, end)
        ):
            break
        if comma.start() - first >= _LEAST:
            yield first, comma.start()
        following = _ONE.search(text, comma.end(), end)
        first = following.start() if following else end
    if end - first >= _LEAST:
        yield first, end


def _row(text: str, start: int, end: int) -> Row:
    row: list[Group] = []
    before = start
    for group in _GROUP.finditer(text, start, end):
        first, last = group.span()
        kind = kind_of(text[before:first]) if row else ""
        if FILL in group[0]:
            row += _spoken(text, first, last, kind)
        else:
            row.append(Group(first, last, to_digits(group[0]), kind))
        before = last
    return row


def _without_item(text: str, row: Row) -> Row:
    """Leave out the number of the next item of a list: ``516-9614 3) ...``."""
    last = row[-1]
    if (
        len(row) < 2
        or len(last.digits) > 2
        or last.kind != SPACE
        or text[last.end : last.end + 1] != ")"
    ):
        return row
    said = text[max(0, row[0].start - 1) : last.end]
    return row if said.count("(") > said.count(")") else row[:-1]


def _spoken(text: str, start: int, end: int, kind: str) -> Iterator[Group]:
    """Yield each digit of words as a group: however they are written, they are said one by one."""
    places = [at for at in range(start, end) if text[at] != FILL]
    for at, after in pairwise((*places, end)):
        yield Group(at, after, to_digits(text[at]), kind)
        kind = SPACE


def _without_words(original: str, row: Row) -> Row:
    """Leave out a letter that stands alone at an end, where a number of a known length remains."""
    if sum(len(group.digits) for group in row) in (12, 19):
        for end, rest in ((row[0], row[1:]), (row[-1], row[:-1])):
            if end.end - end.start == 1 and original[end.start] in "OoIli":
                return rest
    return row


def _edit(original: str, text: str, number: Row) -> Edit | None:
    start, end = number[0].start, number[-1].end
    digits: list[str] = []
    starts: list[int] = []
    for group in number:
        starts += range(group.start, group.start + len(group.digits))
        digits.append(group.digits)
    written = "".join(digits)
    if original[start:end] == written:
        return None
    if text is not original and _is_mostly_letters(original, text, starts):
        return None
    if len(written) in (7, 8, 9) and (prefix := _PREFIX.search(original, max(0, start - 6), start)):
        start = prefix.end(1)
    if len(written) == 17 and (check := _CHECK_SIGN.match(text, end)):
        written, end = written + "X", check.end()
        starts.append(check.start(1))
    return Edit(start, end, written, starts, [*starts[1:], end])


def _is_mostly_letters(original: str, text: str, places: list[int]) -> bool:
    guessed = sum(
        original[at] in LOOKS and text[at] != original[at] and text[at + 1 : at + 2] != FILL
        for at in places
    )
    return guessed * 5 > len(places) * 3
