"""What every engine promises of a round: charged once, one roster ever, released once."""

from __future__ import annotations

import asyncio
import json
import time
from hashlib import sha256

import msgspec
import pytest

from gateway.application.ports.aggregates import RoundState, Signed, StoredRound
from gateway.application.ports.ledger import Recorded
from gateway.domain.reasons import ErrorReason, Refused
from support.aggregate_rounds import (
    COST,
    DIGEST,
    KEY,
    LOANS,
    OTHER_DIGEST,
    READIES,
    ROOT,
    Rounds,
    cohort,
    fresh_group,
    release,
    replaced,
    roster,
    rostered,
    rounds_of,
)
from support.store_engines import Store
from support.store_world import LENDER_A, LENDER_B

pytestmark = pytest.mark.asyncio(loop_scope="module")
REFUSED = ErrorReason.ROUND_MESSAGE_REFUSED
KEY_ID = b"\x07" * 32


async def refused(call: object) -> ErrorReason:
    with pytest.raises(Refused) as caught:
        await call  # type: ignore[misc]
    return caught.value.reason


async def stored(rounds: Rounds, round_id: str) -> StoredRound:
    found = await rounds.reader.round(round_id)
    assert found is not None
    return found


async def event(store: Store, at: int) -> dict[str, object]:
    head = await store.log.head()
    said: dict[str, object] = json.loads((await store.log.inclusion(at, head.size)).event)
    return said


async def test_a_round_is_read_back_as_it_was_opened(store: Store) -> None:
    rounds, group = rounds_of(store, store.workers[0]), fresh_group(store, "lender-a")
    new = cohort()
    assert await rounds.reader.round(new.id) is None
    recorded = await rounds.ledger.open(LENDER_A, new)
    found = await stored(rounds, new.id)
    assert found.question == new.question
    assert (found.institution, found.kind, found.dataset) == ("lender-a", "cohort", LOANS)
    assert (found.digest, found.state, found.roster) == (new.digest, RoundState.OPEN, None)
    assert (found.readies, found.result, found.released_index) == ((), b"", -1)
    view = await rounds.reader.account(group, LOANS, new.period_s, new.limit, 3)
    assert (view.account.spent, view.account.spent_ever, view.account.refusals) == (COST, COST, 0)
    assert view.period_start <= time.time() < view.period_end
    said = await event(store, recorded.log_index)
    assert (said["kind"], said["id"], said["round"]) == (
        *("AGGREGATE_OPENED", recorded.event_id, new.id),
    )
    assert (said["cost"], said["contributors"], said["request"]) == (COST, 4, new.digest.hex())
    assert "subject" not in said
    assert "consents_root" not in said


async def test_the_same_again_is_charged_once_and_other_bytes_are_refused(store: Store) -> None:
    first, second = (rounds_of(store, store.workers[at]) for at in (0, 1))
    group, new = fresh_group(store, "lender-a", "lender-b"), cohort()
    recorded = await first.ledger.open(LENDER_A, new)
    again = await second.ledger.open(LENDER_A, new)
    assert (again.repeat, again.log_index) == (True, recorded.log_index)
    payload = new.question.payload.replace(b'"housing"', b'"market"')
    other = replaced(new, question=Signed(payload, b""), digest=_digest(payload))
    reused = ErrorReason.REQUEST_ID_REUSED
    assert await refused(second.ledger.open(LENDER_A, other)) is reused
    assert await refused(second.ledger.open(LENDER_B, new)) is reused
    view = await first.reader.account(group, LOANS, new.period_s, new.limit, 3)
    assert view.account.spent == COST


async def test_a_roster_is_fixed_once(store: Store) -> None:
    fresh_group(store, "lender-a")
    first, second = (rounds_of(store, store.workers[at]) for at in (0, 1))
    new = cohort()
    await first.ledger.open(LENDER_A, new)
    recorded = await first.ledger.fix_roster(LENDER_A, new.id, roster(new), READIES)
    again = await second.ledger.fix_roster(LENDER_A, new.id, roster(new), READIES)
    assert (again.repeat, again.log_index) == (True, recorded.log_index)
    # Fewer members: the difference to the first sum would be one contributor's part.
    other = second.ledger.fix_roster(LENDER_A, new.id, roster(new, "other"), READIES[:3])
    assert await refused(other) is REFUSED
    found = await stored(first, new.id)
    assert (found.state, found.roster, found.readies) == (RoundState.ROSTER, roster(new), READIES)
    await release(first, new)
    other = second.ledger.fix_roster(LENDER_A, new.id, roster(new, "other"), READIES)
    assert await refused(other) is REFUSED
    assert (await second.ledger.fix_roster(LENDER_A, new.id, roster(new), READIES)).repeat


async def test_of_many_rosters_at_once_one_is_fixed(store: Store) -> None:
    fresh_group(store, "lender-a")
    workers = [rounds_of(store, worker) for worker in store.workers]
    new = cohort()
    await workers[0].ledger.open(LENDER_A, new)
    calls = [
        workers[at % 4].ledger.fix_roster(LENDER_A, new.id, roster(new, str(at)), READIES)
        for at in range(16)
    ]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(one, Recorded) for one in outcomes) == 1
    assert {one.reason for one in outcomes if isinstance(one, Refused)} == {REFUSED}
    winner = next(at for at, one in enumerate(outcomes) if isinstance(one, Recorded))
    assert (await stored(workers[1], new.id)).roster == roster(new, str(winner))


async def test_a_round_is_released_once_and_after_its_roster(store: Store) -> None:
    fresh_group(store, "lender-a")
    rounds, new = rounds_of(store, store.workers[0]), cohort()
    await rounds.ledger.open(LENDER_A, new)
    assert await refused(release(rounds, new)) is REFUSED
    await rounds.ledger.fix_roster(LENDER_A, new.id, roster(new), READIES)
    recorded = await release(rounds, new)
    again = await release(rounds_of(store, store.workers[1]), new)
    assert (again.repeat, again.log_index) == (True, recorded.log_index)
    assert await refused(release(rounds, new, OTHER_DIGEST)) is REFUSED
    assert await refused(rounds.ledger.release(LENDER_A, new.id, DIGEST, b"\x01" * 32)) is REFUSED
    for late in (rounds.ledger.refuse(LENDER_A, new.id), rounds.ledger.fail(LENDER_A, new.id, "X")):
        assert await refused(late) is REFUSED
    found = await stored(rounds, new.id)
    assert (found.state, found.released_index) == (RoundState.RELEASED, recorded.log_index)
    assert (found.contributions, found.consents) == (ROOT, 0)
    assert abs(found.released_at - time.time()) < 60
    said = await event(store, recorded.log_index)
    assert (said["kind"], said["round"]) == ("AGGREGATE_RELEASED", new.id)
    assert (said["result"], said["contributions"]) == (DIGEST.hex(), ROOT.hex())
    assert (said["roster"], said["contributors"]) == (_digest(roster(new).payload).hex(), 4)


async def test_a_combination_is_kept_before_the_release_and_a_result_after_it(store: Store) -> None:
    fresh_group(store, "lender-a")
    rounds, new = rounds_of(store, store.workers[0]), cohort()
    await rounds.ledger.open(LENDER_A, new)
    assert await refused(rounds.ledger.keep_result(new.id, b"early")) is REFUSED
    await rounds.ledger.fix_roster(LENDER_A, new.id, roster(new), READIES)
    for _ in range(2):
        await rounds.ledger.keep_result(new.id, b"combined")
    # Another randomisation of the same sum would not be what is released.
    assert await refused(rounds.ledger.keep_result(new.id, b"combined anew")) is REFUSED
    assert (await stored(rounds, new.id)).result == b"combined"
    await release(rounds, new)
    assert (await stored(rounds, new.id)).result == b"combined"
    for _ in range(2):
        await rounds.ledger.keep_result(new.id, b"signed")
    assert await refused(rounds.ledger.keep_result(new.id, b"signed anew")) is REFUSED
    assert (await stored(rounds, new.id)).result == b"signed"


async def test_a_round_that_failed_goes_on_with_its_roster(store: Store) -> None:
    fresh_group(store, "lender-a")
    rounds, new = rounds_of(store, store.workers[0]), cohort()
    await rostered(rounds, new)
    failed = await rounds.ledger.fail(LENDER_A, new.id, "CONTRIBUTOR_LOST")
    assert (await event(store, failed.log_index))["reasons"] == ["CONTRIBUTOR_LOST"]
    assert (await rounds.ledger.open(LENDER_A, new)).repeat
    assert (await stored(rounds, new.id)).roster == roster(new)
    assert not (await release(rounds, new)).repeat


async def test_a_key_is_stored_once_for_each_institution(store: Store) -> None:
    rounds = rounds_of(store, store.workers[0])
    assert not await rounds.reader.knows_key("lender-a", KEY_ID)
    first = await rounds.ledger.register_key(LENDER_A, KEY_ID, KEY)
    again = await rounds.ledger.register_key(LENDER_A, KEY_ID, KEY)
    assert (again.repeat, again.log_index) == (True, first.log_index)
    assert await rounds.reader.knows_key("lender-a", KEY_ID)
    assert not await rounds.reader.knows_key("lender-b", KEY_ID)
    other = msgspec.structs.replace(KEY, key="03" + "11" * 32)
    reason = await refused(rounds.ledger.register_key(LENDER_A, KEY_ID, other))
    assert reason is ErrorReason.AGGREGATE_KEY_REFUSED
    assert (await event(store, first.log_index))["key"] == KEY_ID.hex()


async def test_a_denial_is_in_the_log_by_digest(store: Store) -> None:
    rounds = rounds_of(store, store.workers[0])
    recorded = await rounds.ledger.deny(LENDER_A, DIGEST, "STATEMENT_REFUSED")
    said = await event(store, recorded.log_index)
    assert (said["kind"], said["outcome"]) == ("AGGREGATE_DENIED", "DENIED")
    assert (said["request"], said["reasons"]) == (DIGEST.hex(), ["STATEMENT_REFUSED"])


def _digest(payload: bytes) -> bytes:
    return sha256(payload).digest()
