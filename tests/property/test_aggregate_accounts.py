"""Accounts of privacy against a model of them: any order of questions, refusals, time and edits."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters.committer.aggregates.messages import OpenRound, RefuseRound
from gateway.adapters.committer.messages import Done, Not
from gateway.adapters.committer.sqlite_committer import SqliteCommitter
from gateway.adapters.store.migrate import migrate
from gateway.adapters.store.privacy_accounts import SELECT_ACCOUNT
from gateway.adapters.store.sqlite_store import open_writer
from gateway.domain.reasons import ErrorReason
from support.store_engines import seeded

START = 1_790_000_000
MAX_REFUSALS = 3
EVENT = b'{"v":1}'
ASKERS = ("lender-a", "lender-b")
GROUPS = {"lender-a": "a-group", "lender-b": "b-group"}


@dataclass(slots=True)
class Step:
    """What happens next: a question, a refusal or a repeat of an earlier one, or time."""

    kind: str
    asker: str
    cost: int
    limit: int
    period_s: int
    at: int
    wait: int


STEPS = st.builds(
    Step,
    st.sampled_from(["ask", "ask", "ask", "refuse", "repeat"]),
    st.sampled_from(ASKERS),
    st.integers(0, 6),
    st.integers(0, 12),
    st.sampled_from([50, 100, 400]),
    st.integers(0, 30),
    st.sampled_from([0, 0, 0, 1, 25, 50, 120]),
)


@dataclass(slots=True)
class Account:
    """The model: what is spent until when."""

    end: int = 0
    spent: int = 0
    ever: int = 0
    refusals: int = 0

    def move(self, now: int, period_s: int) -> None:
        """Begin a new period, if the old one is over."""
        if now >= self.end:
            self.end = (now // period_s + 1) * period_s
            self.spent = self.refusals = 0


@dataclass(slots=True)
class Model:
    """Accounts by group, and the rounds that were let in."""

    accounts: dict[str, Account] = field(default_factory=dict)
    rounds: list[tuple[OpenRound, bool]] = field(default_factory=list)

    def ask(self, one: OpenRound, now: int) -> bool:
        """Return whether the question is let in, and charge it."""
        account = self.accounts.get(GROUPS[one.institution], Account())
        moved = Account(account.end, account.spent, account.ever, account.refusals)
        moved.move(now, one.period_s)
        if moved.refusals >= MAX_REFUSALS or (one.cost and moved.spent + one.cost > one.limit):
            return False
        moved.spent += one.cost
        moved.ever += one.cost
        self.accounts[GROUPS[one.institution]] = moved
        self.rounds.append((one, False))
        return True

    def refuse(self, at: int, now: int) -> bool:
        """Count a refusal; return whether it was the first of its round."""
        one, refused = self.rounds[at]
        if not refused:
            account = self.accounts[GROUPS[one.institution]]
            account.move(now, one.period_s)
            account.refusals += 1
            self.rounds[at] = one, True
        return not refused


class Clock:
    """The committer's time, moved by the steps."""

    now = START

    def __call__(self) -> float:
        """Return it."""
        return self.now


@cache
def empty_store() -> bytes:
    """Return the file of a store with its institutions and nothing asked."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "veilgate.db"
        migrate(path)
        with closing(open_writer(path)) as connection:
            seeded(SqliteCommitter(connection, Clock()))
        return path.read_bytes()


@contextmanager
def committer(clock: Clock) -> Iterator[SqliteCommitter]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "veilgate.db"
        path.write_bytes(empty_store())
        with closing(open_writer(path)) as connection:
            # A crash is not what this is about, and waiting for the disk is most of the time.
            connection.execute("PRAGMA synchronous=OFF")
            yield SqliteCommitter(connection, clock)


def opening(step: Step, number: int, expires_at: int) -> OpenRound:
    return OpenRound(
        event=EVENT,
        subject_id=b"",
        institution=step.asker,
        id=f"{number:032x}",
        kind="cohort",
        dataset="credit.loans",
        purpose="research.aggregate",
        contract="00" * 32,
        digest=number.to_bytes(32, "big"),
        question=b"question",
        cost=step.cost,
        limit=step.limit,
        max_refusals=MAX_REFUSALS,
        period_s=step.period_s,
        expires_at=expires_at,
        agreements=(),
        consents=(),
        consents_root=b"",
        need=None,
        subject_limit=0,
        subject_window=1,
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=40))
def test_accounts_are_what_the_model_says(steps: list[Step]) -> None:
    clock, model = Clock(), Model()
    with committer(clock) as tried:
        for number, step in enumerate(steps):
            clock.now += step.wait
            if step.kind == "ask":
                one = opening(step, number, clock.now + 10_000)
                (result,) = tried.commit([one])
                expected = model.ask(one, clock.now)
                spent = Not(ErrorReason.PRIVACY_BUDGET_SPENT)
                assert isinstance(result, Done) if expected else result == spent
            elif model.rounds:
                at = step.at % len(model.rounds)
                one = model.rounds[at][0]
                if step.kind == "repeat":
                    (result,) = tried.commit([one])
                    assert isinstance(result, Done)
                    assert result.repeat
                else:
                    (result,) = tried.commit([RefuseRound(EVENT, b"", one.institution, one.id)])
                    assert isinstance(result, Done)
                    assert result.repeat != model.refuse(at, clock.now)
            assert stored(tried) == {
                group: (one.end, one.spent, one.ever, one.refusals)
                for group, one in model.accounts.items()
            }


def stored(tried: SqliteCommitter) -> dict[str, tuple[int, ...]]:
    connection = tried._connection
    rows = {}
    for group in GROUPS.values():
        for row in connection.execute(SELECT_ACCOUNT, (group, "credit.loans")):
            rows[group] = tuple(row[1:])
    return rows
