"""What every engine promises of requests to open tokens: two persons, in time, once."""

from __future__ import annotations

import asyncio
import time
from uuid import uuid4

import msgspec
import pytest

from gateway.adapters.committer.messages import AnyOperation, Done, Not, Result
from gateway.adapters.committer.reidentification_ledger import CommitterReidentification
from gateway.adapters.store.reidentification_store import ReidentificationStore
from gateway.application.ports.ledger import Recorded
from gateway.application.ports.reidentification import NewRequest, Request, State
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused, refuse
from support.store_engines import Store, Worker
from support.store_world import LENDER_A, LENDER_B

pytestmark = pytest.mark.asyncio(loop_scope="module")
COLLECTOR = msgspec.structs.replace(LENDER_A, workload="collector")
OFFICER = msgspec.structs.replace(LENDER_A, workload="privacy-officer")
ANOTHER = msgspec.structs.replace(LENDER_A, workload="second-officer")
DIGEST = b"\x01" * 32
HOUR_S = 3600


def _ledger(worker: Worker) -> CommitterReidentification:
    async def done(operation: AnyOperation) -> Done:
        result: Result = await worker.committer.call(operation)
        if isinstance(result, Not):
            raise refuse(result.reason)
        assert isinstance(result, Done)
        return result

    return CommitterReidentification(done)


def _new(expires_in_s: int = HOUR_S, digest: bytes = DIGEST) -> NewRequest:
    expires_at = int(time.time()) + expires_in_s
    return NewRequest(str(uuid4()), "credit.collection", digest, 2, "<PERSON>", "rule", expires_at)


async def _refused(call: object) -> ErrorReason:
    with pytest.raises(Refused) as caught:
        await call  # type: ignore[misc]
    return caught.value.findings[0].reason


async def _approved(store: Store) -> NewRequest:
    new = _new()
    await _ledger(store.workers[0]).request(COLLECTOR, new)
    await _ledger(store.workers[1]).approve(OFFICER, new.id, DIGEST)
    return new


async def test_a_request_is_read_back_as_it_was_made(store: Store) -> None:
    new = _new()
    recorded = await _ledger(store.workers[0]).request(COLLECTOR, new)
    assert not recorded.repeat
    found = await ReidentificationStore(store.reader).find("lender-a", new.id)
    assert found is not None
    assert (found.requester, found.digest, found.tokens) == ("collector", DIGEST, 2)
    assert (found.justification, found.rule, found.purpose) == (
        "<PERSON>",
        "rule",
        "credit.collection",
    )
    assert found.state(time.time()) is State.REQUESTED
    assert found.state(time.time() + 2 * HOUR_S) is State.EXPIRED
    assert await ReidentificationStore(store.reader).find("lender-b", new.id) is None


async def test_the_same_request_is_stored_once_and_another_under_its_id_is_refused(
    store: Store,
) -> None:
    new = _new()
    first = await _ledger(store.workers[0]).request(COLLECTOR, new)
    again = await _ledger(store.workers[1]).request(COLLECTOR, new)
    assert (again.repeat, again.log_index) == (True, first.log_index)
    other = msgspec.structs.replace(new, digest=b"\x02" * 32)
    for principal, one in ((COLLECTOR, other), (ANOTHER, new)):
        reason = await _refused(_ledger(store.workers[0]).request(principal, one))
        assert reason is ErrorReason.REIDENTIFICATION_ALREADY_EXISTS
    # Of another institution the same id is another request.
    assert not (await _ledger(store.workers[0]).request(LENDER_B, other)).repeat


async def test_only_a_second_person_approves_and_only_what_it_saw(store: Store) -> None:
    new = _new()
    ledger = _ledger(store.workers[0])
    await ledger.request(COLLECTOR, new)
    found = ErrorReason.REIDENTIFICATION_NOT_FOUND
    second = ErrorReason.SECOND_PERSON_NEEDED
    assert await _refused(ledger.approve(COLLECTOR, new.id, DIGEST)) is second
    assert await _refused(ledger.approve(OFFICER, new.id, b"\x02" * 32)) is found
    assert await _refused(ledger.approve(LENDER_B, new.id, DIGEST)) is found
    first = await ledger.approve(OFFICER, new.id, DIGEST)
    for officer in (OFFICER, ANOTHER):
        again = await ledger.approve(officer, new.id, DIGEST)
        assert (again.repeat, again.log_index) == (True, first.log_index)
    read = await ReidentificationStore(store.reader).find("lender-a", new.id)
    assert read is not None
    assert (read.approver, read.state(time.time())) == ("privacy-officer", State.APPROVED)


async def test_an_approval_is_used_by_its_requester_for_its_tokens(store: Store) -> None:
    new = await _approved(store)
    ledger = _ledger(store.workers[0])
    found = ErrorReason.REIDENTIFICATION_NOT_FOUND
    assert await _refused(ledger.use(OFFICER, new.id, DIGEST, ("PERSON",))) is found
    assert await _refused(ledger.use(COLLECTOR, new.id, b"\x02" * 32, ("PERSON",))) is found
    assert not (await ledger.use(COLLECTOR, new.id, DIGEST, ("PERSON",))).repeat
    spent = ErrorReason.REIDENTIFICATION_SPENT
    assert await _refused(ledger.use(COLLECTOR, new.id, DIGEST, ("PERSON",))) is spent
    assert await _refused(ledger.approve(OFFICER, new.id, DIGEST)) is spent
    read = await ReidentificationStore(store.reader).find("lender-a", new.id)
    assert read is not None
    assert read.state(time.time()) is State.USED


async def test_without_approval_and_after_its_time_nothing_is_used(store: Store) -> None:
    ledger = _ledger(store.workers[0])
    new, late = _new(), _new(expires_in_s=0)
    for one in (new, late):
        await ledger.request(COLLECTOR, one)
    missing = ErrorReason.REIDENTIFICATION_NOT_APPROVED
    assert await _refused(ledger.use(COLLECTOR, new.id, DIGEST, ())) is missing
    spent = ErrorReason.REIDENTIFICATION_SPENT
    assert await _refused(ledger.approve(OFFICER, late.id, DIGEST)) is spent
    assert await _refused(ledger.use(COLLECTOR, late.id, DIGEST, ())) is spent


async def test_of_many_uses_at_once_exactly_one_wins(store: Store) -> None:
    for _ in range(10):
        new = await _approved(store)
        calls = [
            _ledger(store.workers[number % 2]).use(COLLECTOR, new.id, DIGEST, ("PERSON",))
            for number in range(16)
        ]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert sum(isinstance(one, Recorded) for one in outcomes) == 1
        assert all(
            one.findings[0].reason is ErrorReason.REIDENTIFICATION_SPENT
            for one in outcomes
            if isinstance(one, Refused)
        )


async def test_a_suspended_institution_has_nothing_opened(store: Store) -> None:
    nobody = Principal("nobody", "collector", LENDER_A.roles, LENDER_A.jurisdiction)
    suspended = ErrorReason.INSTITUTION_SUSPENDED
    assert await _refused(_ledger(store.workers[0]).request(nobody, _new())) is suspended
    assert await _refused(_ledger(store.workers[0]).use(nobody, "x", DIGEST, ())) is suspended


async def test_the_list_is_of_one_institution_the_latest_first_in_pages(store: Store) -> None:
    ledger, reader = _ledger(store.workers[0]), ReidentificationStore(store.reader)
    made = [_new() for _ in range(5)]
    for one in made:
        await ledger.request(LENDER_B, one)
    before: tuple[int, str] | None = None
    seen: list[Request] = []
    while page := await reader.page("lender-b", before, 2):
        assert all(one.institution == "lender-b" for one in page)
        seen += page
        before = page[-1].requested_at, page[-1].id
    assert [(one.requested_at, one.id) for one in seen] == sorted(
        ((one.requested_at, one.id) for one in seen), reverse=True
    )
    assert {one.id for one in made} <= {one.id for one in seen}
