"""The consent's life as one table, and its standing at every boundary."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.domain.consent import (
    TRANSITIONS,
    ConsentEvent,
    ConsentState,
    ConsentTerms,
    Frequency,
    Standing,
    after_use,
    before_use,
    standing_finding,
    uses_in_window,
)
from gateway.domain.reasons import ErrorReason
from gateway.domain.vocabulary import LawfulBasis, Period

FINAL = (ConsentState.REVOKED, ConsentState.EXPIRED)
STATE_REASONS = {
    ConsentState.PAUSED: ErrorReason.CONSENT_PAUSED,
    ConsentState.REVOKED: ErrorReason.CONSENT_REVOKED,
    ConsentState.EXPIRED: ErrorReason.CONSENT_EXPIRED,
}
START, END = 1_760_000_000, 1_790_000_000

limits = st.none() | st.integers(1, 6)
frequencies = st.none() | st.builds(Frequency, st.integers(1, 4), st.sampled_from(Period))
standings = st.builds(
    Standing,
    state=st.sampled_from(ConsentState),
    uses=st.integers(0, 8),
    window=st.integers(0, 500_000),
    window_uses=st.integers(0, 6),
)
moments = (
    st.integers(START - 5, START + 5) | st.integers(END - 5, END + 5) | st.integers(START, END)
)


def _terms(uses: int | None = None, frequency: Frequency | None = None) -> ConsentTerms:
    nothing: frozenset[str] = frozenset()
    return ConsentTerms(
        consent_id="consent-1",
        version=1,
        controller="lender-one",
        collector="lender-one",
        providers=nothing,
        datasets=nothing,
        purposes=nothing,
        fields=nothing,
        categories=nothing,
        lawful_basis=LawfulBasis.CONSENT,
        separate=frozenset(),
        valid_from=START,
        valid_until=END,
        uses=uses,
        frequency=frequency,
        data_life_days=30,
        evidence_sha256=bytes(32),
    )


def _reason(terms: ConsentTerms, standing: Standing, now: int) -> ErrorReason | None:
    found = standing_finding(terms, standing, now)
    return None if found is None else found.reason


ACTIVE = Standing(ConsentState.ACTIVE)


@pytest.mark.parametrize("state", FINAL)
@pytest.mark.parametrize("event", ConsentEvent)
def test_final_state_has_no_exit(state: ConsentState, event: ConsentEvent) -> None:
    assert (state, event) not in TRANSITIONS


@pytest.mark.parametrize("state", [ConsentState.ACTIVE, ConsentState.PAUSED])
@pytest.mark.parametrize("final", FINAL)
def test_living_state_can_be_ended_at_once(state: ConsentState, final: ConsentState) -> None:
    assert final in {after for (before, _), after in TRANSITIONS.items() if before is state}


def test_no_transition_stays_and_one_alone_awakes() -> None:
    assert all(before is not after for (before, _), after in TRANSITIONS.items())
    awaking = {pair for pair, after in TRANSITIONS.items() if after is ConsentState.ACTIVE}
    assert awaking == {(ConsentState.PAUSED, ConsentEvent.RESUME)}


@given(st.lists(st.sampled_from(ConsentEvent), max_size=20))
def test_what_is_revoked_or_expired_stays_so(events: list[ConsentEvent]) -> None:
    state, ended = ConsentState.ACTIVE, None
    for event in events:
        state = TRANSITIONS.get((state, event), state)
        ended = ended or (state if state in FINAL else None)
    assert ended is None or state is ended


@given(limits, frequencies, standings, moments)
def test_state_is_looked_at_first(
    uses: int | None, frequency: Frequency | None, standing: Standing, now: int
) -> None:
    reason = _reason(_terms(uses, frequency), standing, now)
    if standing.state is not ConsentState.ACTIVE:
        assert reason is STATE_REASONS[standing.state]
    elif now < START:
        assert reason is ErrorReason.CONSENT_NOT_YET_VALID
    elif now >= END:
        assert reason is ErrorReason.CONSENT_EXPIRED
    elif uses is not None and standing.uses >= uses:
        assert reason is ErrorReason.CONSENT_USES_SPENT
    else:
        assert reason in {None, ErrorReason.CONSENT_FREQUENCY_SPENT}


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (START - 1, ErrorReason.CONSENT_NOT_YET_VALID),
        (START, None),
        (START + 1, None),
        (END - 1, None),
        (END, ErrorReason.CONSENT_EXPIRED),
        (END + 1, ErrorReason.CONSENT_EXPIRED),
    ],
)
def test_first_second_counts_and_the_end_does_not(now: int, reason: ErrorReason | None) -> None:
    assert _reason(_terms(), ACTIVE, now) is reason


@pytest.mark.parametrize("limit", [1, 5])
def test_last_use_is_free_and_the_next_is_not(limit: int) -> None:
    def reason(uses: int) -> ErrorReason | None:
        return _reason(_terms(limit), Standing(ConsentState.ACTIVE, uses=uses), START)

    assert reason(limit - 1) is None
    assert reason(limit) is ErrorReason.CONSENT_USES_SPENT
    assert reason(limit + 1) is ErrorReason.CONSENT_USES_SPENT


@dataclass(frozen=True)
class _Window:
    """A full window of a frequency: its first second and length."""

    frequency: Frequency
    standing: Standing
    first: int
    length: int


def _full_windows() -> Iterator[_Window]:
    for period, length in ((Period.HOUR, 3_600), (Period.DAY, 86_400), (Period.MONTH, 2_592_000)):
        number = START // length + 1
        standing = Standing(ConsentState.ACTIVE, 2, window=number, window_uses=2)
        yield _Window(Frequency(2, period), standing, number * length, length)


@pytest.mark.parametrize("window", list(_full_windows()), ids=lambda one: one.frequency.per)
def test_full_window_binds_exactly_until_its_end(window: _Window) -> None:
    terms = _terms(frequency=window.frequency)
    spent = ErrorReason.CONSENT_FREQUENCY_SPENT
    assert _reason(terms, window.standing, window.first) is spent
    assert _reason(terms, window.standing, window.first + window.length - 1) is spent
    assert _reason(terms, window.standing, window.first + window.length) is None


@given(limits, frequencies, standings, moments)
def test_use_taken_back_leaves_what_was(
    uses: int | None, frequency: Frequency | None, standing: Standing, now: int
) -> None:
    terms = _terms(uses, frequency)
    used = after_use(terms, standing, now)
    back = before_use(used, used.window)
    assert (back.state, back.uses) == (standing.state, standing.uses)
    assert standing_finding(terms, back, now) == standing_finding(terms, standing, now)


@given(standings, st.integers(0, 500_000))
def test_use_taken_back_frees_one_at_most_and_none_elsewhere(
    standing: Standing, window: int
) -> None:
    back = before_use(standing, window)
    assert (back.state, back.window) == (standing.state, standing.window)
    assert back.uses == max(0, standing.uses - 1)
    freed = standing.window_uses - back.window_uses
    assert freed == int(window == standing.window and standing.window_uses > 0)


@given(standings)
def test_use_taken_back_in_its_own_window_never_goes_below_none(standing: Standing) -> None:
    back = before_use(standing, standing.window)
    assert back.window_uses == max(0, standing.window_uses - 1)


class GuardedUse(RuleBasedStateMachine):
    """A consent used only when it stands, as the release transaction does, while time goes on.

    The model keeps the moment of each use, and counts for itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self.terms, self.standing, self.now = _terms(), ACTIVE, START
        self.used_at: list[int] = []

    @initialize(uses=limits, frequency=frequencies, offset=st.integers(0, 2_592_000))
    def agree(self, uses: int | None, frequency: Frequency | None, offset: int) -> None:
        self.terms, self.now = _terms(uses, frequency), START + offset

    @rule(seconds=st.sampled_from([0, 1, 1_799, 3_599, 3_600, 86_399, 86_400, 2_592_000]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(event=st.sampled_from(ConsentEvent))
    @precondition(lambda self: len(self.used_at) > 2)
    def happen(self, event: ConsentEvent) -> None:
        state = TRANSITIONS.get((self.standing.state, event), self.standing.state)
        self.standing = msgspec.structs.replace(self.standing, state=state)

    @rule()
    def use(self) -> None:
        if standing_finding(self.terms, self.standing, self.now) is not None:
            return
        before = self.standing
        self.standing = after_use(self.terms, before, self.now)
        assert self.standing.uses == before.uses + 1
        assert before.state is self.standing.state is ConsentState.ACTIVE
        self.used_at.append(self.now)

    @invariant()
    def no_more_uses_than_agreed(self) -> None:
        assert self.standing.uses == len(self.used_at)
        if self.terms.uses is not None:
            assert len(self.used_at) <= self.terms.uses

    @invariant()
    def no_window_holds_more_than_agreed(self) -> None:
        if self.terms.frequency is None:
            return
        length = self.terms.frequency.per.seconds
        here = [one for one in self.used_at if one // length == self.now // length]
        assert uses_in_window(self.terms.frequency, self.standing, self.now) == len(here)
        assert len(here) <= self.terms.frequency.count


TestGuardedUse = GuardedUse.TestCase
