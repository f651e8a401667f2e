"""Whose open intents are whose: a dead session's are closed once, those of the living never."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import psycopg
import pytest

from gateway.adapters.committer.messages import AnyOperation, Append, Done, Not
from gateway.adapters.committer.partner_seed import seed_operations
from gateway.adapters.committer.postgres_committer import PostgresCommitter
from gateway.adapters.committer.postgres_owners import close_abandoned, take_number
from gateway.adapters.store.migrate import migrate_postgres
from gateway.adapters.store.partner_file import Partner
from gateway.adapters.store.postgres_store import PostgresAddress, open_writer
from gateway.adapters.store.sqlite_store import UnsafeStore
from gateway.domain.reasons import ErrorReason
from gateway.domain.vocabulary import Jurisdiction, Role
from support.agreements import partner_agreement
from support.faults_serving import wait_until
from support.faults_store import LENDER, Subject
from support.postgres_server import shared_server


class One:
    """A committer with its session and number."""

    def __init__(self, address: PostgresAddress) -> None:
        self.connection = open_writer(address)
        self.number = take_number(self.connection)
        self.committer = PostgresCommitter(self.connection, time.time, self.number)

    def look_round(self) -> int:
        return close_abandoned(self.connection, self.committer, self.number)


@pytest.fixture(scope="module")
def address() -> PostgresAddress:
    address = PostgresAddress(shared_server().create(), timeout_ms=20_000)
    migrate_postgres(address)
    agreed = (partner_agreement(LENDER),)
    partner = Partner(LENDER, LENDER, (Role.LENDER,), Jurisdiction.CN, agreements=agreed)
    first = One(address)
    assert all(
        isinstance(one, Done) for one in first.committer.commit([*seed_operations([partner])])
    )
    first.connection.close()
    return address


@pytest.fixture
def pair(address: PostgresAddress) -> Iterator[tuple[One, One]]:
    one, other = One(address), One(address)
    yield one, other
    one.connection.close()
    other.connection.close()


def _gone(one: One, other: One) -> None:
    """End a session, and wait until the server knows."""
    one.connection.close()

    def free() -> bool:
        query = "SELECT pg_try_advisory_lock(%s)"
        (is_free,) = other.connection.execute(query, (one.number,)).fetchone() or (False,)
        if is_free:
            other.connection.execute("SELECT pg_advisory_unlock(%s)", (one.number,))
        return bool(is_free)

    wait_until(free, "the end of a session")


def test_the_open_intents_of_the_living_are_left_alone(pair: tuple[One, One]) -> None:
    one, other = pair
    subject = Subject()
    intent = subject.intend()
    one.committer.commit([subject.grant(), intent])
    assert other.look_round() == one.look_round() == 0
    (released,) = one.committer.commit([subject.release(intent)])
    assert isinstance(released, Done)


def test_those_of_the_dead_are_closed_once_and_release_nothing(pair: tuple[One, One]) -> None:
    one, other = pair
    subjects = [Subject() for _ in range(300)]
    intents = [subject.intend() for subject in subjects]
    one.committer.commit([*(subject.grant() for subject in subjects), *intents])
    _gone(one, other)
    assert other.look_round() == 300
    assert other.look_round() == 0
    late: list[AnyOperation] = [subjects[0].release(intents[0]), subjects[1].fail(intents[1])]
    refused, closed = other.committer.commit(late)
    assert refused == Not(ErrorReason.STORE_UNAVAILABLE)
    assert isinstance(closed, Done)
    assert closed.repeat
    rows = other.connection.execute("SELECT event FROM log_entry ORDER BY log_index").fetchall()
    said = [json.loads(event) for (event,) in rows]
    abandoned = [one["intent"] for one in said if one["kind"] == "ABANDONED"]
    assert abandoned == [one.event_id for one in intents]


def test_every_session_has_a_number_of_its_own(address: PostgresAddress) -> None:
    some = [One(address) for _ in range(5)]
    assert len({one.number for one in some}) == 5
    assert all(one.number > 0 for one in some)
    for one in some:
        one.connection.close()


def test_a_server_that_became_unsafe_is_not_gone_on_with(address: PostgresAddress) -> None:
    one = One(address)
    one.connection.execute("SET synchronous_commit=off")
    with pytest.raises(UnsafeStore):
        one.look_round()
    one.connection.close()


def test_a_committer_that_waits_for_the_head_gives_up_and_stays(address: PostgresAddress) -> None:
    impatient = One(PostgresAddress(address.url, timeout_ms=300))
    event = Append(b'{"v":1,"kind":"TEST"}', b"", "")
    with psycopg.connect(address.url) as blocker:
        blocker.execute("SELECT * FROM log_head FOR UPDATE")
        assert impatient.committer.commit([event]) == [Not(ErrorReason.STORE_UNAVAILABLE)]
        assert not impatient.committer.lost
    assert isinstance(impatient.committer.commit([event])[0], Done)
    impatient.connection.close()


def test_a_transaction_that_says_nothing_is_ended_by_the_server(address: PostgresAddress) -> None:
    silent, other = One(address), One(address)
    silent.connection.execute("BEGIN")
    silent.connection.execute("SELECT * FROM log_head FOR UPDATE")
    # It waits until the server has cut the silent one off, which is sooner than its own limit.
    assert isinstance(other.committer.commit([Append(b'{"v":1,"kind":"TEST"}', b"", "")])[0], Done)
    assert silent.committer.commit([Append(b'{"v":1}', b"", "")]) == [
        Not(ErrorReason.STORE_UNAVAILABLE)
    ]
    assert silent.committer.lost
    other.connection.close()
