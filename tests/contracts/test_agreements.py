"""What every engine promises of agreements: a release needs its own, in force as it commits."""

from __future__ import annotations

import msgspec
import pytest

from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.stages import Decided
from support.agreements import agreement_of
from support.store_engines import Store, Worker
from support.store_world import LENDER_A, asked, decided, fresh_person, granted, released_as, safe

pytestmark = pytest.mark.asyncio(loop_scope="module")
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def worker(store: Store) -> Worker:
    return store.workers[0]


def under_agreement(one: Decided, agreement: str) -> Decided:
    """The same permission resting on another agreement."""
    decision = msgspec.structs.replace(one.decision, agreement=agreement)
    return msgspec.structs.replace(one, decision=decision)


async def test_a_release_rests_on_the_callers_own_agreement(worker: Worker) -> None:
    person = fresh_person()
    await granted(worker, person)
    permission = await decided(worker, asked(person))
    assert permission.decision.agreement == LENDER_A.agreements[0].id
    assert not (await released_as(worker, permission)).repeat


@pytest.mark.parametrize("agreement", [agreement_of("lender-b").id, UNKNOWN])
async def test_without_one_nothing_is_released_and_nothing_counted(
    worker: Worker, agreement: str
) -> None:
    person = fresh_person()
    await granted(worker, person, uses=1)
    request = asked(person)
    permission = await decided(worker, request)
    intended = await worker.ledger.intend(under_agreement(permission, agreement))
    with pytest.raises(Refused) as caught:
        await worker.ledger.release(safe(intended))
    assert caught.value.reason is ErrorReason.AGREEMENT_MISSING
    await worker.ledger.fail(intended, caught.value.reason)
    # The consent's one use is there still, for the same request as for any other.
    assert not (await released_as(worker, await decided(worker, request))).repeat


async def test_a_repeat_needs_the_agreement_as_the_first_did(worker: Worker) -> None:
    person = fresh_person()
    await granted(worker, person)
    permission = await decided(worker, asked(person))
    await released_as(worker, permission)
    with pytest.raises(Refused) as caught:
        await released_as(worker, under_agreement(permission, UNKNOWN))
    assert caught.value.reason is ErrorReason.AGREEMENT_MISSING
    assert (await released_as(worker, permission)).repeat
