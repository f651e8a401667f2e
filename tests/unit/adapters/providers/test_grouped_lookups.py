"""A batch as few questions: one a group, halved until the look-up that spoils it stands alone."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.providers.grouped_lookups import (
    BadRows,
    Group,
    Row,
    Unreadable,
    grouped_answers,
    padded,
)
from gateway.adapters.providers.messages import (
    Answer,
    Found,
    Invalid,
    Lookup,
    Missing,
    Unavailable,
)

IDENTIFIERS = tuple("abcdefghijklmnop")
SPOILT, LOST = "spoilt", "lost"


class Table:
    """How many rows each identifier has; asking for a spoilt one is an error of the engine."""

    def __init__(self, rows: dict[str, int], spoilt: frozenset[str] = frozenset()) -> None:
        self.rows, self.spoilt = rows, spoilt
        self.asked: list[tuple[Group, tuple[str, ...]]] = []

    def ask(self, group: Group, identifiers: Sequence[str], most: int) -> Sequence[Row]:
        self.asked.append((group, tuple(identifiers)))
        if LOST in group.fields:
            raise Unreadable
        if self.spoilt.intersection(identifiers):
            raise BadRows
        found = [
            (one, *(f"{group.type} {one} {field}" for field in group.fields))
            for one in identifiers
            for _ in range(self.rows.get(one, 0))
        ]
        return found[:most]

    def expected(self, lookup: Lookup) -> Answer:
        one, count = lookup.identifier, self.rows.get(lookup.identifier, 0)
        if LOST in lookup.fields:
            return Unavailable()
        if one in self.spoilt or count > 1:
            return Invalid()
        values = tuple(f"{lookup.type} {one} {field}" for field in lookup.fields)
        return Found(values) if count else Missing()


LOOKUPS = st.builds(
    Lookup,
    st.sampled_from(("US_SSN", "CN_RESIDENT_ID")),
    st.sampled_from(IDENTIFIERS),
    st.sampled_from((("name",), ("name", "phone"), (LOST, "name"))),
)


@given(
    st.lists(LOOKUPS, max_size=64),
    st.dictionaries(st.sampled_from(IDENTIFIERS), st.sampled_from((1, 1, 1, 2, 500))),
    st.frozensets(st.sampled_from(IDENTIFIERS), max_size=3),
)
def test_each_look_up_is_answered_as_if_it_were_alone(
    batch: list[Lookup], rows: dict[str, int], spoilt: frozenset[str]
) -> None:
    table = Table(rows, spoilt)
    assert grouped_answers(batch, table.ask) == [table.expected(one) for one in batch]


@given(st.lists(LOOKUPS, max_size=64))
def test_a_sound_group_is_asked_for_once(batch: list[Lookup]) -> None:
    table = Table(dict.fromkeys(IDENTIFIERS, 1))
    grouped_answers(batch, table.ask)
    asked = Counter(group for group, _ in table.asked)
    assert set(asked) == {Group(one.type, one.fields) for one in batch}
    assert set(asked.values()) <= {1}
    for _, identifiers in table.asked:
        assert len(set(identifiers)) == len(identifiers)


def test_one_spoilt_look_up_costs_few_questions() -> None:
    batch = [Lookup("US_SSN", str(number), ("name",)) for number in range(256)]
    table = Table({str(number): 1 for number in range(256)}, frozenset({"77"}))
    answers = grouped_answers(batch, table.ask)
    assert [number for number, one in enumerate(answers) if one == Invalid()] == [77]
    assert len(table.asked) == 1 + 2 * 8


def test_rows_of_somebody_else_are_no_answer() -> None:
    def ask(group: Group, identifiers: Sequence[str], most: int) -> Sequence[Row]:
        return [(one.lower(), "Ann") for one in identifiers]

    batch = [Lookup("CN_RESIDENT_ID", number, ("name",)) for number in ("1X", "2X", "34")]
    assert grouped_answers(batch, ask) == [Invalid(), Invalid(), Found(("Ann",))]


@given(st.lists(st.text(), min_size=1, max_size=300))
def test_padding_adds_nobody_and_makes_few_lengths(identifiers: list[str]) -> None:
    found = padded(identifiers)
    assert set(found) == set(identifiers)
    assert found[: len(identifiers)] == identifiers
    assert len(found).bit_count() == 1
    assert len(found) < 2 * len(identifiers) or len(found) == 1
