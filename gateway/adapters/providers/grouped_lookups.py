"""A batch of look-ups, asked in as few questions as it can be.

Owns grouping: look-ups of the same kind of identifier and the same fields make one question, and a
question that comes to no good is halved until the one look-up that spoils it stands alone. Refuses
rows of a subject nobody asked for.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from gateway.adapters.providers.messages import Answer, Invalid, Lookup, Unavailable
from gateway.adapters.providers.source_values import answer_of


class Unreadable(Exception):
    """The source could not be read. The text names no value."""


class BadRows(Exception):
    """The source answered with rows that cannot be taken. The text names no value."""


class Group(NamedTuple):
    """What look-ups have in common that are asked together."""

    type: str
    fields: tuple[str, ...]


Row = Sequence[Any]
Ask = Callable[[Group, Sequence[str], int], Sequence[Row]]
"""Return at most so many rows of these identifiers: the identifier, then the fields' values."""


def padded(identifiers: Sequence[str]) -> list[str]:
    """Return the identifiers up to the next power of two, the last one repeated.

    A statement is parsed once for each length, so there should be few lengths.
    """
    size = 1 << (len(identifiers) - 1).bit_length()
    return [*identifiers, *[identifiers[-1]] * (size - len(identifiers))]


def grouped_answers(batch: Sequence[Lookup], ask: Ask) -> list[Answer]:
    """Return the answer to each look-up, in order; ``ask`` is called about once a group."""
    groups: defaultdict[Group, dict[str, None]] = defaultdict(dict)
    for one in batch:
        groups[Group(one.type, one.fields)][one.identifier] = None
    answers = {group: _answers(ask, group, tuple(some)) for group, some in groups.items()}
    return [answers[Group(one.type, one.fields)][one.identifier] for one in batch]


def _answers(ask: Ask, group: Group, identifiers: tuple[str, ...]) -> dict[str, Answer]:
    most = 2 * len(identifiers)
    try:
        rows = ask(group, identifiers, most)
        # As many rows as may come could be cut off: whose are missing is not known then.
        if len(rows) < most:
            return _sorted_out(rows, identifiers)
    except Unreadable:
        return dict.fromkeys(identifiers, Unavailable())
    except BadRows:
        pass
    if len(identifiers) == 1:
        return {identifiers[0]: Invalid()}
    half = len(identifiers) // 2
    first, second = identifiers[:half], identifiers[half:]
    return _answers(ask, group, first) | _answers(ask, group, second)


def _sorted_out(rows: Sequence[Row], identifiers: tuple[str, ...]) -> dict[str, Answer]:
    found: dict[str, list[Row]] = {identifier: [] for identifier in identifiers}
    for row in rows:
        if row[0] not in found:
            raise BadRows
        found[row[0]].append(row[1:])
    return {identifier: answer_of(some) for identifier, some in found.items()}
