"""The circuit breaker: cases that a random walk seldom takes; the model is in tests/property."""

from gateway.adapters.providers.breaker import Breaker, BreakerSettings


class World:
    """A breaker that opens after three failures in a row, and a clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.heard: list[bool] = []
        settings = BreakerSettings(3, 1.0, 1_000, 10.0, 5.0)
        self.breaker = Breaker(settings, lambda: self.now, self.heard.append)

    def ticket(self) -> int:
        ticket = self.breaker.admit()
        assert ticket is not None
        return ticket

    def fails(self, times: int = 1) -> None:
        for _ in range(times):
            self.breaker.failed(self.ticket())

    def opens_and_closes(self) -> None:
        self.fails(3)
        self.now += 5.0
        self.breaker.succeeded(self.ticket())
        assert self.heard[-2:] == [False, True]


def test_an_answer_from_before_the_failure_ends_no_row_after_it() -> None:
    world = World()
    old = world.ticket()
    world.opens_and_closes()
    world.fails(2)
    world.breaker.succeeded(old)
    world.fails()
    assert world.breaker.refuses()


def test_a_failure_from_before_does_not_count_after_it() -> None:
    world = World()
    old = [world.ticket() for _ in range(3)]
    world.opens_and_closes()
    for ticket in old:
        world.breaker.failed(ticket)
    assert not world.breaker.refuses()


def test_what_was_under_way_when_it_opened_is_no_probe() -> None:
    world = World()
    old = [world.ticket() for _ in range(3)]
    world.fails(3)
    for ticket in old:
        world.breaker.succeeded(ticket)
        world.breaker.withdrawn(ticket)
    assert world.breaker.refuses()
    world.now += 5.0
    probe = world.ticket()
    for ticket in old:
        world.breaker.succeeded(ticket)
        world.breaker.failed(ticket)
        world.breaker.withdrawn(ticket)
    assert world.breaker.admit() is None
    world.breaker.succeeded(probe)
    assert world.heard == [False, True]


def test_a_probe_that_fails_opens_it_for_as_long_again() -> None:
    world = World()
    world.fails(3)
    for _ in range(3):
        world.now += 5.0
        world.fails()
        world.now += 4.9
        assert world.breaker.refuses()
        world.now -= 4.9
    assert world.heard == [False]
