"""The readers of lists and histories of consents, on every engine."""

from __future__ import annotations

import asyncio
import json
from itertools import cycle

import pytest

from gateway.adapters.store.consent_history import ConsentHistoryStore
from gateway.adapters.store.consent_list import ConsentListStore
from gateway.adapters.store.reader import Row, SqliteReader, Values
from gateway.adapters.store.subject_store import SubjectStore
from gateway.application.ports.consents import Listed, Place
from gateway.crypto.keyed import commitment
from gateway.domain.consent import ConsentEvent, ConsentState, ConsentTerms
from gateway.domain.subject import SubjectIdentifier, SubjectKey, SubjectReference
from gateway.domain.vocabulary import Jurisdiction
from support.store_engines import Store, Worker
from support.store_world import (
    LENDER_A,
    asked,
    fresh_person,
    granted,
    new_consent,
    released,
    terms,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _lists(store: Store) -> ConsentListStore:
    return ConsentListStore(store.reader, store.keyring)


async def _all(
    store: Store, institution: str, subject: SubjectKey | None = None, size: int = 100
) -> list[Listed]:
    found: list[Listed] = []
    after: Place | None = None
    while True:
        some = await _lists(store).following(institution, subject, after, size)
        found += some
        if len(some) < size:
            return found
        after = found[-1].place


def _ids(listed: list[Listed]) -> list[str]:
    return [one.consent.terms.consent_id for one in listed]


async def _granted_by_reference(
    store: Store, worker: Worker
) -> tuple[SubjectIdentifier, SubjectReference, str]:
    person, agreed = fresh_person(), terms()
    reference = SubjectReference(store.keyring.version, store.keyring.reference(person))
    await worker.ledger.grant(LENDER_A, new_consent(reference, agreed))
    return person, reference, agreed.consent_id


async def test_each_side_of_a_consent_is_listed_once_in_one_order(store: Store) -> None:
    workers = cycle(store.workers)
    sides = [("one-a", "one-a"), ("one-a", "one-b"), ("one-b", "one-a"), ("one-b", "one-b")] * 3
    made = await asyncio.gather(
        *(
            granted(next(workers), fresh_person(), controller=controller, collector=collector)
            for controller, collector in sides
        )
    )
    for institution in ("one-a", "one-b"):
        own = {one.consent_id for one in made if institution in (one.controller, one.collector)}
        whole = await _all(store, institution)
        keys = [(one.granted_at, one.consent.terms.consent_id) for one in whole]
        assert keys == sorted(keys, reverse=True)
        assert set(_ids(whole)) == own
        for size in (1, 2, 4, 5, 9, 10):
            assert await _all(store, institution, size=size) == whole


async def test_states_and_uses_are_as_they_are_now(store: Store) -> None:
    worker, person = store.workers[0], fresh_person()
    agreed = await granted(worker, person, uses=3)
    await released(worker, asked(person))
    await worker.ledger.change(LENDER_A, agreed.consent_id, ConsentEvent.PAUSE)
    (found,) = await _all(store, "lender-a", person)
    assert found.consent.terms == agreed
    assert (found.consent.standing.state, found.consent.standing.uses) == (ConsentState.PAUSED, 1)


async def test_a_subject_is_the_same_by_identifier_and_by_reference(store: Store) -> None:
    worker = store.workers[1]
    person, reference, first = await _granted_by_reference(store, worker)
    for subject in (person, reference):
        assert _ids(await _all(store, "lender-a", subject)) == [first]
        resolved = await worker.consents.resolve(asked(subject))
        assert [one.terms.consent_id for one in resolved.consents] == [first]
        assert _ids(await _all(store, "lender-b", subject)) == []
    second = (await granted(worker, person)).consent_id
    assert set(_ids(await _all(store, "lender-a", reference))) == {first, second}
    for subject in (person, reference):
        resolved = await worker.consents.resolve(asked(subject))
        assert {one.terms.consent_id for one in resolved.consents} == {first, second}
    assert await _all(store, "lender-a", fresh_person()) == []


async def test_a_reference_becomes_known_by_its_identifier_once_one_is_given(store: Store) -> None:
    worker = store.workers[1]
    person, _, _ = await _granted_by_reference(store, worker)
    lookup = store.keyring.lookup(person)
    query = "SELECT count(*) FROM subject WHERE lookup=?"
    assert await store.reader.rows(query, (lookup,)) == [(0,)]
    await granted(worker, person)
    assert await store.reader.rows(query, (lookup,)) == [(1,)]


async def test_a_history_is_the_events_of_this_consent(store: Store) -> None:
    worker, person = store.workers[2], fresh_person()
    agreed, other = await granted(worker, person), await granted(worker, person)
    changes = [
        await worker.ledger.change(LENDER_A, agreed.consent_id, event)
        for event in (ConsentEvent.PAUSE, ConsentEvent.RESUME, ConsentEvent.REVOKE)
    ]
    await worker.ledger.change(LENDER_A, other.consent_id, ConsentEvent.PAUSE)
    moments = await _history(store).moments(agreed.consent_id)
    assert [one.log_index for one in moments[1:]] == [one.log_index for one in changes]
    assert [one.kind for one in moments] == [
        "CONSENT_GRANTED", "CONSENT_PAUSED", "CONSENT_RESUMED", "CONSENT_REVOKED",
    ]  # fmt: skip
    for one in moments:
        ((_, event),) = await store.log.events(one.log_index, 1)
        entry = json.loads(event)
        told = (one.event_id, one.kind, one.time, one.institution, one.tag)
        assert told == tuple(
            entry[name] for name in ("id", "kind", "time", "institution", "subject")
        )
        assert entry["consent"] == _opened(one.salt, agreed)
        assert entry["consent"] != _opened(one.salt, other)
    assert await _history(store).moments("none") == ()


def _history(store: Store) -> ConsentHistoryStore:
    return ConsentHistoryStore(store.reader, SubjectStore(store.reader, store.keyring))


def _opened(salt: str, agreed: ConsentTerms) -> str:
    label, consent_id = b"veilgate consent v1", agreed.consent_id.encode()
    return commitment(label, bytes.fromhex(salt), consent_id).hex()


async def test_the_same_grant_again_is_no_second_event(store: Store) -> None:
    person, agreed = fresh_person(), terms()
    for worker in store.workers:
        await worker.ledger.grant(LENDER_A, new_consent(person, agreed))
    assert len(await _history(store).moments(agreed.consent_id)) == 1


async def test_parties_are_those_of_the_directory(store: Store) -> None:
    found = await _history(store).parties(["lender-s", "nobody", "lender-a"])
    assert {name: (one.legal_group, one.jurisdiction) for name, one in found.items()} == {
        "lender-a": ("a-group", Jurisdiction.CN), "lender-s": ("s-group", Jurisdiction.US),
    }  # fmt: skip


class _Explained:
    """A reader of SQLite that says how each query is planned."""

    def __init__(self, reader: SqliteReader) -> None:
        self._reader = reader
        self.plans: list[str] = []

    async def rows(self, query: str, values: Values = ()) -> list[Row]:
        plan = await self._reader.rows(f"EXPLAIN QUERY PLAN {query}", values)
        self.plans.append(" / ".join(row[3] for row in plan))
        return await self._reader.rows(query, values)

    def close(self) -> None:
        self._reader.close()


async def test_no_page_is_a_scan_or_a_sort(store: Store) -> None:
    if not isinstance(store.reader, SqliteReader):
        return
    reader, person = _Explained(store.reader), fresh_person()
    lists = ConsentListStore(reader, store.keyring)
    for after in (None, Place(5, "x")):
        await lists.following("lender-a", None, after, 10)
        await lists.following("lender-a", person, after, 10)
    by_grant = [one for one in reader.plans if "consent_by_subject" not in one]
    assert [one.split("INDEX ")[1].split(" ")[0] for one in by_grant] == [
        *("consent_by_controller", "consent_by_collector"),
    ] * 2  # fmt: skip
    assert not any("SCAN" in one for one in reader.plans)
    assert not any("TEMP B-TREE" in one for one in by_grant)
