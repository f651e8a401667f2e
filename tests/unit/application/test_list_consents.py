"""The list of consents as a use case: what passes the filters, in pages of bounded work."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.application.list_consents import (
    _READ_AT_MOST,
    _READ_AT_ONCE,
    ConsentFilter,
    ListConsents,
)
from gateway.application.ports.consents import Listed, Place
from gateway.domain.consent import Consent, ConsentState, Standing, state_at
from gateway.domain.subject import SubjectKey
from support.store_world import LENDER_A, terms

NOW = 1_800_000_000


def listed(number: int, word: str = "credit", ends: int = NOW + 60) -> Listed:
    """A consent granted at ``number`` seconds, for the purpose ``word``."""
    agreed = terms(
        consent_id=f"{number:036}", purposes=frozenset({word}), valid_from=1, valid_until=ends
    )
    return Listed(Consent(agreed, Standing(ConsentState.ACTIVE)), number)


class MemoryList:
    """A ``ConsentList`` over consents of one institution; counts what was read."""

    def __init__(self, consents: Sequence[Listed]) -> None:
        self._order = sorted(consents, key=_key, reverse=True)
        self.read = 0

    async def following(
        self, institution: str, subject: SubjectKey | None, after: Place | None, most: int
    ) -> list[Listed]:
        place = None if after is None else (after.granted_at, after.consent_id)
        found = [one for one in self._order if place is None or _key(one) < place][:most]
        self.read += len(found)
        return found


def _key(one: Listed) -> tuple[int, str]:
    return (one.granted_at, one.consent.terms.consent_id)


async def pages(store: MemoryList, wanted: ConsentFilter, limit: int) -> list[list[Listed]]:
    use_case, found, after = ListConsents(store, lambda: NOW), list[list[Listed]](), None
    while True:
        page = await use_case(LENDER_A, wanted, after, limit)
        found.append(list(page.consents))
        after = page.next
        if after is None:
            return found


async def test_one_page_reads_a_bounded_number_and_says_where_to_go_on() -> None:
    first = listed(0, "only.first")
    store = MemoryList([first, *(listed(at) for at in range(1, _READ_AT_MOST + 500))])
    page = await ListConsents(store, lambda: NOW)(
        LENDER_A, ConsentFilter(purpose="only.first"), None, 100
    )
    assert page.consents == ()
    assert page.next is not None
    assert store.read == _READ_AT_MOST
    found = await pages(store, ConsentFilter(purpose="only.first"), 100)
    assert list(chain(*found)) == [first]


@pytest.mark.parametrize("count", [0, 1, 2, _READ_AT_ONCE - 1, _READ_AT_ONCE, _READ_AT_ONCE + 1])
async def test_the_last_page_says_that_it_is_the_last(count: int) -> None:
    found = await pages(MemoryList([listed(at) for at in range(count)]), ConsentFilter(), 500)
    assert [len(page) for page in found] == [count]


@pytest.mark.parametrize("count", [1, 2, 100, _READ_AT_ONCE - 1])
async def test_a_full_page_that_is_the_last_says_so_too(count: int) -> None:
    found = await pages(MemoryList([listed(at) for at in range(count)]), ConsentFilter(), count)
    assert [len(page) for page in found] == [count]


async def test_expiry_is_by_the_clock() -> None:
    at_end, after = listed(1, ends=NOW), listed(2, ends=NOW + 1)
    assert state_at(at_end.consent, NOW) is ConsentState.EXPIRED
    store = MemoryList([at_end, after])
    assert await pages(store, ConsentFilter(state=ConsentState.EXPIRED), 9) == [[at_end]]
    assert await pages(store, ConsentFilter(state=ConsentState.ACTIVE), 9) == [[after]]


@pytest.mark.parametrize("state", ConsentState)
def test_a_final_state_is_not_expired_later(state: ConsentState) -> None:
    one = msgspec.structs.replace(listed(1, ends=NOW).consent, standing=Standing(state))
    ended = {ConsentState.ACTIVE, ConsentState.PAUSED}
    assert state_at(one, NOW) is (ConsentState.EXPIRED if state in ended else state)
    assert state_at(one, NOW - 1) is state


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["a", "b"])), max_size=40),
    st.integers(1, 9),
    st.sampled_from(["", "a", "b"]),
)
async def test_pages_together_are_the_whole_list(
    made: list[tuple[int, str]], limit: int, word: str
) -> None:
    consents = []
    for number, (second, purpose) in enumerate(made):
        one = listed(number, purpose)
        consents.append(msgspec.structs.replace(one, granted_at=second))
    store = MemoryList(consents)
    found = await pages(store, ConsentFilter(purpose=word), limit)
    wanted = [one for one in consents if word in ("", *one.consent.terms.purposes)]
    assert list(chain(*found)) == sorted(wanted, key=_key, reverse=True)
    assert all(len(page) == limit for page in found[:-1])
