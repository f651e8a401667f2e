"""The guard: bounds in number and time, what counts against a provider, and being left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.providers.addressing import Address, by_identifier, by_reference
from gateway.adapters.providers.breaker import Breaker, BreakerSettings
from gateway.adapters.providers.guarded_provider import GuardedProvider, GuardLimits
from gateway.application.ports.provider import Fetched, Inquiry
from gateway.domain.policy.documents import DatasetDocument
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.domain.subject import SubjectIdentifier, SubjectReference
from gateway.domain.vocabulary import IdentifierType
from support.provider_engines import inquiry

ANN = SubjectIdentifier(IdentifierType.US_SSN, "001010001")
ASKED = inquiry(ANN, ("name",))
FOUND = Fetched({"name": "Ann"})
ROW = 3
SETTINGS = BreakerSettings(ROW, 1.0, 1_000, 10.0, 5.0)
FAILURES = (ErrorReason.PROVIDER_TIMEOUT, ErrorReason.PROVIDER_UNAVAILABLE)


class Source:
    """A source that does what the test says, and counts how many ask at once."""

    def __init__(self) -> None:
        self.addresses: list[Address] = []
        self.now = self.most = 0
        self.does: Callable[[], Awaitable[Fetched | None]] = self.finds

    async def finds(self) -> Fetched | None:
        return FOUND

    async def look_up(self, address: Address, inquiry: Inquiry) -> Fetched | None:
        self.addresses.append(address)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await self.does()
        finally:
            self.now -= 1

    def refuses(self, reason: ErrorReason) -> None:
        async def does() -> Fetched | None:
            raise refuse(reason)

        self.does = does

    def waits_for(self, event: asyncio.Event) -> None:
        async def does() -> Fetched | None:
            await event.wait()
            return FOUND

        self.does = does

    def use_contract(self, contract: DatasetDocument) -> None:
        raise AssertionError

    def close(self) -> None:
        raise AssertionError


class World:
    """A guard over a source, with a clock that the test moves."""

    def __init__(self, concurrent: int = 4, waiting: int = 2, timeout_s: float = 60.0) -> None:
        self.source, self.now, self.health = Source(), 0.0, list[bool]()
        breaker = Breaker(SETTINGS, lambda: self.now, self.health.append)
        limits = GuardLimits(timeout_s, concurrent, waiting)
        self.guard = GuardedProvider(self.source, by_identifier, limits, breaker)

    async def outcome(self, asked: Inquiry = ASKED) -> Fetched | ErrorReason | None:
        try:
            return await self.guard.fetch(asked)
        except Refused as refused:
            return refused.reason

    async def broken(self) -> None:
        """Fail until the breaker is open."""
        self.source.refuses(ErrorReason.PROVIDER_UNAVAILABLE)
        for _ in range(ROW):
            await self.outcome()
        self.source.does = self.source.finds
        assert self.health == [False]


async def test_an_answer_comes_through_and_so_does_nobody() -> None:
    world = World()
    assert await world.outcome() is FOUND

    async def nobody() -> Fetched | None:
        return None

    world.source.does = nobody
    assert await world.outcome() is None
    assert world.source.addresses == [Address("US_SSN", ANN.value)] * 2


async def test_a_reference_is_refused_before_the_source_is_asked() -> None:
    world = World()
    asked = inquiry(SubjectReference("1", bytes(64)), ("name",))
    for _ in range(2 * ROW):
        assert await world.outcome(asked) is ErrorReason.IDENTIFIER_NEEDED
    assert world.source.addresses == []
    assert world.health == []


async def test_a_provider_with_an_index_is_asked_by_reference() -> None:
    source, limits = Source(), GuardLimits(60.0, 1, 0)
    addressing = by_reference(lambda _: b"\x01" * 32)
    guard = GuardedProvider(source, addressing, limits, Breaker(SETTINGS, lambda: 0.0))
    assert await guard.fetch(ASKED) is FOUND
    assert source.addresses == [Address("REFERENCE", "01" * 32)]


@given(st.integers(1, 6), st.integers(0, 6), st.integers(1, 20))
def test_no_more_at_once_no_more_that_wait_and_the_rest_is_told_so(
    concurrent: int, waiting: int, calls: int
) -> None:
    async def scenario() -> None:
        world, end = World(concurrent, waiting), asyncio.Event()
        world.source.waits_for(end)
        tasks = [asyncio.ensure_future(world.outcome()) for _ in range(calls)]
        for _ in range(3):
            await asyncio.sleep(0)
        done = [task.result() for task in tasks if task.done()]
        assert done == [ErrorReason.PROVIDER_BUSY] * max(0, calls - concurrent - waiting)
        end.set()
        ends = await asyncio.gather(*tasks)
        assert ends.count(FOUND) == min(calls, concurrent + waiting)
        assert world.source.most == min(calls, concurrent)
        assert await world.outcome() is FOUND
        assert world.health == []

    asyncio.run(scenario())


async def test_a_caller_that_goes_away_while_it_waits_leaves_its_place() -> None:
    world, end = World(1, 1), asyncio.Event()
    world.source.waits_for(end)
    first, second = (asyncio.ensure_future(world.outcome()) for _ in range(2))
    await asyncio.sleep(0)
    assert await world.outcome() is ErrorReason.PROVIDER_BUSY
    second.cancel()
    await asyncio.wait([second])
    third = asyncio.ensure_future(world.outcome())
    await asyncio.sleep(0)
    assert not third.done()
    end.set()
    assert [*await asyncio.gather(first, third)] == [FOUND, FOUND]


@pytest.mark.parametrize("reason", FAILURES)
async def test_failures_in_a_row_end_the_asking_until_a_probe_is_answered(
    reason: ErrorReason,
) -> None:
    world = World()
    world.source.refuses(reason)
    assert [await world.outcome() for _ in range(ROW)] == [reason] * ROW
    assert world.health == [False]
    assert await world.outcome() is ErrorReason.PROVIDER_UNAVAILABLE
    assert len(world.source.addresses) == ROW
    world.now += SETTINGS.open_s
    assert await world.outcome() is reason
    assert await world.outcome() is ErrorReason.PROVIDER_UNAVAILABLE
    assert len(world.source.addresses) == ROW + 1
    world.source.does = world.source.finds
    world.now += SETTINGS.open_s
    assert await world.outcome() is FOUND
    assert world.health == [False, True]
    assert await world.outcome() is FOUND


COUNTED = {*FAILURES, ErrorReason.PROVIDER_ANSWER_INVALID}


@pytest.mark.parametrize("reason", sorted(set(ErrorReason) - COUNTED))
async def test_what_is_no_failure_of_the_provider_does_not_count(reason: ErrorReason) -> None:
    world = World()
    world.source.refuses(reason)
    for _ in range(5 * ROW):
        assert await world.outcome() is reason
    assert world.health == []


async def test_one_spoilt_record_asked_for_again_and_again_takes_nothing_from_others() -> None:
    world = World()
    world.source.refuses(ErrorReason.PROVIDER_ANSWER_INVALID)
    for _ in range(5 * ROW):
        assert await world.outcome() is ErrorReason.PROVIDER_ANSWER_INVALID
    assert world.health == []


async def test_a_provider_whose_answers_are_mostly_invalid_is_left_alone() -> None:
    world = World()
    few = BreakerSettings(1_000, 0.5, 10, 10.0, 5.0)
    breaker = Breaker(few, lambda: world.now, world.health.append)
    limits = GuardLimits(60.0, 4, 0)
    world.guard = GuardedProvider(world.source, by_identifier, limits, breaker)
    world.source.refuses(ErrorReason.PROVIDER_ANSWER_INVALID)
    for _ in range(10):
        assert await world.outcome() is ErrorReason.PROVIDER_ANSWER_INVALID
    assert world.health == [False]
    assert await world.outcome() is ErrorReason.PROVIDER_UNAVAILABLE


async def test_a_source_that_never_answers_times_out_and_that_counts() -> None:
    world = World(timeout_s=0.01)
    world.source.waits_for(asyncio.Event())
    for _ in range(ROW):
        assert await world.outcome() is ErrorReason.PROVIDER_TIMEOUT
    assert world.health == [False]
    assert world.source.now == 0


async def test_the_time_limit_is_over_the_wait_as_well_and_a_wait_is_no_failure() -> None:
    world, end = World(1, 1, timeout_s=0.05), asyncio.Event()
    world.source.waits_for(end)
    holder = asyncio.ensure_future(world.guard._slots.__aenter__())
    await holder
    for _ in range(2 * ROW):
        assert await world.outcome() is ErrorReason.PROVIDER_TIMEOUT
    assert world.source.addresses == []
    assert world.health == []


async def _cancelled(world: World) -> None:
    world.source.waits_for(asyncio.Event())
    task = asyncio.ensure_future(world.outcome())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    world.source.does = world.source.finds


async def test_a_caller_that_goes_away_says_nothing_about_the_provider() -> None:
    world = World()
    for _ in range(2 * ROW):
        await _cancelled(world)
    assert world.health == []
    assert world.source.now == 0


async def test_a_probe_that_is_cancelled_lets_the_next_call_probe() -> None:
    world = World()
    await world.broken()
    world.now += SETTINGS.open_s
    asked = len(world.source.addresses)
    await _cancelled(world)
    assert len(world.source.addresses) == asked + 1
    assert await world.outcome() is FOUND
    assert world.health == [False, True]


async def test_one_probe_at_a_time_and_calls_that_waited_are_not_let_through() -> None:
    world, end = World(1, 8), asyncio.Event()
    world.source.waits_for(end)
    await asyncio.sleep(0)
    early = asyncio.ensure_future(world.outcome())
    waiting = [asyncio.ensure_future(world.outcome()) for _ in range(4)]
    await asyncio.sleep(0)
    for _ in range(ROW):
        # The breaker opens under them: others' failures, by way of the same breaker.
        ticket = world.guard._breaker.admit()
        assert ticket is not None
        world.guard._breaker.failed(ticket)
    end.set()
    assert await early is FOUND
    assert await asyncio.gather(*waiting) == [ErrorReason.PROVIDER_UNAVAILABLE] * 4
    assert world.health == [False]


async def test_a_provider_that_is_left_alone_costs_no_wait_for_a_slot() -> None:
    world, end = World(1, 1), asyncio.Event()
    world.source.waits_for(end)
    holders = [asyncio.ensure_future(world.outcome()) for _ in range(2)]
    await asyncio.sleep(0)
    for _ in range(ROW):
        world.guard._breaker.failed(world.guard._breaker.admit() or 0)
    for _ in range(3):
        assert await world.outcome() is ErrorReason.PROVIDER_UNAVAILABLE
    end.set()
    await asyncio.gather(*holders)


async def test_an_error_of_the_code_counts_and_is_not_swallowed() -> None:
    world = World()

    async def breaks() -> Fetched | None:
        raise KeyError

    world.source.does = breaks
    for _ in range(ROW):
        with pytest.raises(KeyError):
            await world.outcome()
    assert world.health == [False]
