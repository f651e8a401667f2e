"""The bounds of a page of events, whatever the log holds."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.application.list_events import (
    MAX_LOOKED_AT,
    MAX_PAGE_BYTES,
    EventFilter,
    EventPage,
    list_events,
)
from gateway.application.ports.log import Head

RELEASES = EventFilter(frozenset({"RELEASE"}))
EVERYTHING = EventFilter()


def event(kind: str, institution: str = "lender-a", size: int = 0) -> bytes:
    return json.dumps({"kind": kind, "institution": institution, "x": "x" * size}).encode()


class Log:
    """A log of these events; ``read`` counts what was read of it."""

    def __init__(self, events: list[bytes]) -> None:
        self.stored = events
        self.read = 0

    async def head(self) -> Head:
        return Head(len(self.stored), bytes(32))

    async def events(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        found = list(enumerate(self.stored))[start : start + limit]
        self.read += len(found)
        return found


def page(log: Any, start: int, limit: int, wanted: EventFilter = EVERYTHING) -> EventPage:
    return asyncio.run(list_events(log, start, limit, wanted))


def test_a_page_without_a_match_moves_on_all_the_same() -> None:
    log = Log([event("DENIAL")] * (MAX_LOOKED_AT + 10) + [event("RELEASE")])
    first = page(log, 0, 100, RELEASES)
    assert (first.entries, first.next) == ([], MAX_LOOKED_AT)
    assert log.read == MAX_LOOKED_AT
    second = page(log, first.next, 100, RELEASES)
    assert [index for index, _ in second.entries] == [MAX_LOOKED_AT + 10]
    assert second.next == second.size == MAX_LOOKED_AT + 11


def test_a_page_ends_at_its_bytes_but_holds_one_event_in_any_case() -> None:
    big = event("RELEASE", size=MAX_PAGE_BYTES // 2)
    huge = event("RELEASE", size=2 * MAX_PAGE_BYTES)
    log = Log([big, big, huge, big])
    for wanted in (EVERYTHING, RELEASES):
        ends, at = [], 0
        while at < len(log.stored):
            at = page(log, at, 100, wanted).next
            ends.append(at)
        assert ends == [1, 2, 3, 4]


def test_beyond_the_end_there_is_nothing_to_go_on_to() -> None:
    log = Log([event("RELEASE")] * 3)
    for start in (3, 10):
        assert page(log, start, 10) == EventPage([], start, 3)
        assert page(log, start, 10, RELEASES) == EventPage([], start, 3)


def test_a_filter_names_kind_and_institution() -> None:
    both = EventFilter(frozenset({"RELEASE", "DENIAL"}), "lender-b")
    assert both.wants(event("RELEASE", "lender-b"))
    assert not both.wants(event("RELEASE", "lender-a"))
    assert not both.wants(event("INTENT", "lender-b"))
    assert not both.wants(b'{"kind":"GATEWAY_STARTED"}')
    assert EVERYTHING.wants(b"{}")
    assert not EVERYTHING


@given(
    st.lists(st.sampled_from(["RELEASE", "DENIAL", "INTENT"]), max_size=700),
    st.integers(1, 500),
    st.frozensets(st.sampled_from(["RELEASE", "DENIAL"])),
)
def test_pages_hold_every_event_that_is_wanted_once(
    kinds: list[str], limit: int, wanted: frozenset[str]
) -> None:
    log = Log([event(kind) for kind in kinds])
    found: list[int] = []
    at = 0
    while at < len(kinds):
        one = page(log, at, limit, EventFilter(wanted))
        assert len(one.entries) <= limit
        assert at < one.next <= one.size == len(kinds)
        found += [index for index, _ in one.entries]
        at = one.next
    assert found == [n for n, kind in enumerate(kinds) if not wanted or kind in wanted]


@pytest.mark.parametrize("limit", [1, 249, 250, 251, 500])
def test_a_page_reads_no_more_than_it_gives(limit: int) -> None:
    log = Log([event("RELEASE")] * 1_000)
    assert page(log, 7, limit).next == 7 + limit
    assert log.read == limit
