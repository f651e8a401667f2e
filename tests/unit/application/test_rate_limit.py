"""The token bucket: never more than the burst and what the rate gave since, each key alone."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.application.rate_limit import RateLimit
from gateway.domain.reasons import ErrorReason, Refused


class Clock:
    """A clock to set; steps of 1/1024 s add up exactly in binary floating point."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def taken(limit: RateLimit, key: str = "a") -> bool:
    try:
        limit.take(key)
    except Refused as refused:
        if refused.reason is not ErrorReason.RATE_LIMITED:
            raise
        return False
    return True


steps = st.tuples(st.integers(0, 4096), st.sampled_from("ab"))


@given(st.integers(1, 100), st.integers(1, 20), st.lists(steps, max_size=200))
def test_no_stretch_of_time_holds_more_than_burst_and_rate(
    rate: int, burst: int, calls: list[tuple[int, str]]
) -> None:
    clock = Clock()
    limit = RateLimit(rate, burst, clock)
    let_through: dict[str, list[float]] = defaultdict(list)
    for step, key in calls:
        clock.now += step / 1024
        if taken(limit, key):
            let_through[key].append(clock.now)
    for moments in let_through.values():
        for first, start in enumerate(moments):
            for last in range(first, len(moments)):
                assert last - first + 1 <= burst + rate * (moments[last] - start)


@given(st.integers(1, 100), st.integers(1, 20), st.lists(steps, max_size=200))
def test_a_call_is_refused_only_where_the_tokens_are_used_up(
    rate: int, burst: int, calls: list[tuple[int, str]]
) -> None:
    """The bucket of the textbook, in whole 1024ths of a token."""
    clock = Clock()
    limit = RateLimit(rate, burst, clock)
    tokens, at = dict.fromkeys("ab", burst * 1024), dict.fromkeys("ab", 0)
    now = 0
    for step, key in calls:
        now += step
        clock.now = now / 1024
        tokens[key] = min(burst * 1024, tokens[key] + (now - at[key]) * rate)
        at[key] = now
        expected = tokens[key] >= 1024
        tokens[key] -= 1024 * expected
        assert taken(limit, key) is expected


def test_the_burst_is_there_at_once_and_comes_back_with_time() -> None:
    clock = Clock()
    limit = RateLimit(2.0, 3, clock)
    assert [taken(limit) for _ in range(5)] == [True, True, True, False, False]
    clock.now = 0.5
    assert [taken(limit) for _ in range(2)] == [True, False]
    clock.now = 1000.0
    assert [taken(limit) for _ in range(5)] == [True, True, True, False, False]


def test_one_institution_does_not_wear_out_another() -> None:
    limit = RateLimit(1.0, 1, Clock())
    assert taken(limit, "a")
    assert not taken(limit, "a")
    assert taken(limit, "b")


def test_refused_calls_cost_nothing() -> None:
    clock = Clock()
    limit = RateLimit(1.0, 1, clock)
    assert taken(limit)
    for _ in range(7):
        clock.now += 0.125
        assert not taken(limit)
    clock.now += 0.125
    assert taken(limit)


@pytest.mark.parametrize(("rate", "burst"), [(0.0, 1), (-1.0, 1), (1.0, 0), (1.0, -1)])
def test_a_limit_that_would_let_nobody_or_everybody_through_is_refused(
    rate: float, burst: int
) -> None:
    with pytest.raises(ValueError, match="positive"):
        RateLimit(rate, burst, Clock())
