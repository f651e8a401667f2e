"""The circuit breaker against a model that keeps every call and counts anew each time."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.adapters.providers.breaker import Breaker, BreakerSettings

BUCKETS = 10


@dataclass
class Model:
    """Closed, open until a time, or half-open with or without a probe."""

    limits: BreakerSettings
    now: float = 0.0
    state: str = "closed"
    until: float = 0.0
    generation: int = 0
    probing: bool = False
    history: list[tuple[float, bool]] = field(default_factory=list)
    row: int = 0
    heard: list[bool] = field(default_factory=list)

    def admits(self) -> bool:
        if self.state == "open":
            return self.now >= self.until
        return not self.probing

    def admit(self) -> int:
        if self.state != "closed":
            if self.state == "open":
                self.state = "half-open"
            self.generation += 1
            self.probing = True
        return self.generation

    def end(self, generation: int, outcome: str) -> None:
        if generation != self.generation:
            return
        if self.state == "half-open":
            self._end_probe(outcome)
        elif self.state == "closed" and outcome != "withdrawn":
            self._count(outcome)

    def _end_probe(self, outcome: str) -> None:
        self.probing = False
        if outcome == "succeeded":
            self.state, self.history, self.row = "closed", [], 0
            self.generation += 1
            self.heard.append(True)
        elif outcome in ("failed", "alone"):
            self._open()

    def _count(self, outcome: str) -> None:
        self.history.append((self.now, outcome != "succeeded"))
        self.row = {"succeeded": 0, "failed": self.row + 1, "alone": self.row}[outcome]
        if outcome == "succeeded":
            return
        step = self.limits.window_s / BUCKETS
        recent = [
            bad for at, bad in self.history if int(at / step) > int(self.now / step) - BUCKETS
        ]
        enough = len(recent) >= self.limits.minimum_calls
        share = enough and sum(recent) >= self.limits.failure_share * len(recent)
        if share or self.row >= self.limits.failures_in_a_row:
            self._open()
            self.heard.append(False)

    def _open(self) -> None:
        self.state, self.until = "open", self.now + self.limits.open_s
        self.generation += 1


LIMITS = st.builds(
    BreakerSettings,
    failures_in_a_row=st.integers(1, 6),
    failure_share=st.sampled_from((0.25, 0.5, 1.0)),
    minimum_calls=st.integers(1, 8),
    window_s=st.sampled_from((1.0, 10.0)),
    open_s=st.sampled_from((0.5, 3.0)),
)


class BreakerMachine(RuleBasedStateMachine):
    """Calls begin and end in any order while time goes on."""

    @initialize(limits=LIMITS)
    def begin(self, limits: BreakerSettings) -> None:
        self.model = Model(limits)
        self.heard: list[bool] = []
        self.breaker = Breaker(limits, lambda: self.model.now, self.heard.append)
        self.flying: list[tuple[int, int]] = []

    @rule(seconds=st.sampled_from((0.0, 0.01, 0.1, 0.5, 1.0, 3.0, 20.0)))
    def wait(self, seconds: float) -> None:
        self.model.now += seconds

    @rule()
    def admit(self) -> None:
        admits = self.model.admits()
        ticket = self.breaker.admit()
        assert (ticket is not None) is admits
        if ticket is not None:
            self.flying.append((ticket, self.model.admit()))

    @precondition(lambda self: self.flying)
    @rule(
        which=st.integers(0, 1_000),
        outcome=st.sampled_from(("succeeded", "failed", "failed", "alone", "withdrawn")),
    )
    def end(self, which: int, outcome: str) -> None:
        ticket, generation = self.flying.pop(which % len(self.flying))
        match outcome:
            case "succeeded":
                self.breaker.succeeded(ticket)
            case "failed":
                self.breaker.failed(ticket)
            case "alone":
                self.breaker.failed(ticket, alone=True)
            case "withdrawn":
                self.breaker.withdrawn(ticket)
        self.model.end(generation, outcome)

    @invariant()
    def agree(self) -> None:
        assert self.breaker.refuses() is not self.model.admits()
        assert self.heard == self.model.heard

    @invariant()
    def never_stuck(self) -> None:
        """Without a call under way, waiting alone lets the next one through."""
        if not self.flying:
            later = self.model.now
            self.model.now += self.model.limits.open_s
            assert not self.breaker.refuses()
            self.model.now = later


TestBreaker = BreakerMachine.TestCase
TestBreaker.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
