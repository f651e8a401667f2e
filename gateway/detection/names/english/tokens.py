"""Words of Latin text, with their offsets.

Owns the cut: a word is a run of Latin letters and digits with apostrophes inside; a possessive 's,
addresses of the web and of mail, handles and hashtags are one token each; another script's run is
one token; a line's end is one too, since a name in a form or a signature often stands alone on its
line. Refuses to repair: every token is a part of the text. The pattern never goes back over what it
has read (possessive quantifiers, and a bound on the local part of an address): time is linear.
"""

import re
from typing import NamedTuple

_LATIN = r"A-Za-zÀ-ÖØ-öø-ɏ\u0300-\u036fḀ-ỿ"
_WORD = rf"[{_LATIN}0-9_]"
_OTHER = r"\u0370-\u1dff\u2e80-\u2fff\u3040-\ud7ff\uf900-\ufaff\U00010000-\U0010ffff"
_POSSESSIVE = rf"['’][sS](?!{_WORD})"
# One class before the branches, so that all other characters are passed over at once.
_ADDRESS = (
    rf"[A-Za-z0-9](?:(?<=h)ttps?://[^\s{_OTHER}]++|(?<=w)ww\.[^\s{_OTHER}]++"
    r"|(?>[A-Za-z0-9._+\-]{0,63})@[A-Za-z0-9\-]++(?:\.[A-Za-z0-9\-]++)++)"
)
_TOKEN = re.compile(
    rf"{_ADDRESS}|[@#]{_WORD}++|{_WORD}++(?:(?!{_POSSESSIVE})['’]{_WORD}++)*+|{_POSSESSIVE}|[{_OTHER}]++"
    rf"|\n\s*+|([^\s{_LATIN}0-9_{_OTHER}])\1*+"
)

_IN_OTHER = re.compile(rf"[{_OTHER}]")
_LONGEST = 24
_MARKS = frozenset("\n.,:;!?'\"()-/&@#<>[]{}|=*$%\\+~")

ADDRESS = re.compile(_ADDRESS)
TWO_LATIN_LETTERS = re.compile(rf"[A-Za-z](?:(?<=[{_LATIN}].)|(?=[{_LATIN}]))")
"""One of the two is in ASCII: all names but a few of two or three letters have such a pair."""


class Tokens(NamedTuple):
    """Token ``i`` is ``text[starts[i]:ends[i]]``; ``forms[i]`` is that, or stands for all its like.

    ``cased[i]`` says whether capitals tell something on its line.
    """

    starts: list[int]
    ends: list[int]
    forms: list[str]
    cased: list[bool]


def tokens(text: str) -> Tokens:
    """Return the tokens of ``text``, in order; white space other than line ends is none."""
    spans = [match.span() for match in _TOKEN.finditer(text)]
    starts = [start for start, _ in spans]
    forms = [
        form if form in _MARKS or (form.isalpha() and len(form) < _LONGEST) else standing_for(form)
        for form in [text[start:end] for start, end in spans]
    ]
    return Tokens(starts, [end for _, end in spans], forms, _cased(text, starts))


def standing_for(form: str) -> str:
    """Return the form that the model knows a token by: one for all numbers of a length, and so on.

    So the number of forms stays small, and what is kept of them holds no number and no address.
    """
    first = form[0]
    if form.isdigit():
        return "1900" if len(form) == 4 and form[:2] in ("19", "20") else "0" * min(len(form), 9)
    if first in "@#" and len(form) > 1 and form[1] != first:
        return first + "a"
    if "@" in form[1:]:
        return "a@a"
    if form.startswith(("http:", "https:", "www.")):
        return "www.a"
    if _IN_OTHER.match(form):
        return form if len(form) <= 4 else form[:2] + form[-2:]
    if first == "\n" or not (first.isalnum() or first in "_'’"):
        return first if len(form) == 1 else first * 2
    if any(one.isdigit() or one == "_" for one in form):
        return "a_1" if form[-1].isdigit() else "_a"
    return form[:_LONGEST]


def _cased(text: str, starts: list[int]) -> list[bool]:
    if "\n" not in text:
        return [not without_case(text)] * len(starts)
    found: list[bool] = []
    first = 0
    for at, start in enumerate(starts):
        if text[start] == "\n":
            found += [not without_case(text[first:start])] * (at - len(found))
            found.append(True)
            first = start + 1
    return found + [not without_case(text[first:])] * (len(starts) - len(found))


def without_case(line: str) -> bool:
    """Say whether the capitals of ``line`` tell nothing: it has none, or nothing else."""
    return line.islower() or line.isupper()
