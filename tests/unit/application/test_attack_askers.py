"""Askers that mix what belongs to two kinds, two datasets or two rounds: refused, uncharged, told.

Single fields of a question that do not fit stand in ``test_aggregate_questions``; here each piece
is genuine by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import uuid4

import msgspec
import pytest

from gateway.application.aggregate.assembly import Limits
from gateway.application.aggregate.consent_commitment import consent_commitment
from gateway.application.aggregate.kinds import Request
from gateway.application.ports.aggregates import Signed
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import BinningJob, SubjectQuestion
from gateway.domain.aggregate.subject import COMMITMENTS_TYPE, TagCommitments, boxes_digest
from gateway.domain.reasons import ErrorReason
from support.aggregate_parties import AGENTS, ASKER, Asker, contract
from support.aggregate_world import (
    PATIENT,
    QUICK,
    Bounds,
    World,
    policy_with,
    principal,
    reason,
    scripted,
    until,
)

R = ErrorReason
PURPOSE = "credit.underwriting"
CONSENT = str(uuid4())
TAGS = tuple(f"{at:064x}" for at in range(len(AGENTS)))
BOXES = tuple(bytes([at]) * 120 for at in range(len(AGENTS)))
SUBJECT = {
    "purposes": [PURPOSE],
    "recipients": {"roles": ["lender"]},
    "articles": ["PIPL 13"],
    "identifiers": ["US_SSN"],
    "unit": 1000,
    "largest": 1_000_000,
    "buckets": [1, 30, 60],
}


def consent_of(world: World) -> str:
    """The commitment to the one consent of this file."""
    return consent_commitment(world.keyed, ASKER, CONSENT, TAGS)


def committed(world: World, life_s: int = 600) -> Signed:
    """The gateway's own word, as ``PrepareSubject`` gives it."""
    said = TagCommitments(
        asker=ASKER,
        dataset=world.terms.dataset,
        snapshot=world.terms.snapshot,
        consent=consent_of(world),
        tags=TAGS,
        expires_at=int(time.time()) + life_s,
    )
    return world.statements.sign(COMMITMENTS_TYPE, said.encoded())


def about_a_subject(world: World, boxes: tuple[bytes, ...] = BOXES) -> SubjectQuestion:
    """A question that names exactly these boxes, and the committed tags."""
    now = int(time.time())
    return SubjectQuestion(
        id=uuid4().hex,
        asker=ASKER,
        dataset=world.terms.dataset,
        snapshot=world.terms.snapshot,
        contract=world.terms.digest,
        purpose=PURPOSE,
        key=world.asker.key,
        issued_at=now,
        expires_at=now + 600,
        consent=consent_of(world),
        tags=TAGS,
        boxes=boxes_digest(boxes),
    )


async def require_uncharged(world: World, request: Request, expected: ErrorReason) -> None:
    """Ask, with every agent there to hear of it."""
    agents = scripted()
    world.serving(*agents)
    assert await reason(world.ask(request)) is expected
    assert world.store.denied == [(world.asker.institution, expected.value)]
    assert not world.store.rounds
    assert not any(one.orders for one in agents)


@pytest.mark.parametrize(
    "with_more",
    [
        lambda _, signed: Request(signed, consent_id=str(uuid4())),
        lambda _, signed: Request(signed, boxes=BOXES),
        lambda world, signed: Request(signed, commitments=committed(world)),
    ],
    ids=["consent", "boxes", "commitments"],
)
async def test_a_cohort_with_what_belongs_to_a_subject(
    with_more: Callable[[World, Signed], Request],
) -> None:
    """A consent that is counted for a cohort, or boxes that agents would open beside it."""
    world = World()
    signed = world.asker.sign(world.asker.question(world.terms))
    await require_uncharged(world, with_more(world, signed), R.AGGREGATE_QUESTION_INVALID)


async def test_a_cohort_of_a_dataset_that_answers_about_subjects_only() -> None:
    planned = World()
    bare = msgspec.structs.replace(contract(subject=SUBJECT), cohort=None)
    world = World(bare, asker=planned.asker)
    asked = msgspec.structs.replace(planned.asker.question(planned.terms), contract=bare.digest)
    await require_uncharged(world, Request(world.asker.sign(asked)), R.AGGREGATE_NOT_PERMITTED)


async def test_a_subject_of_a_dataset_that_answers_about_cohorts_only() -> None:
    world = World()
    request = Request(world.asker.sign(about_a_subject(world)), BOXES, committed(world), CONSENT)
    await require_uncharged(world, request, R.AGGREGATE_NOT_PERMITTED)


async def test_what_the_others_of_this_file_change_is_all_that_keeps_them_from_it() -> None:
    world = World(contract(subject=SUBJECT), QUICK)
    signed = world.asker.sign(about_a_subject(world))
    request = Request(signed, BOXES, committed(world), CONSENT)
    assert await reason(world.ask(request)) is R.CONTRIBUTORS_MISSING
    assert len(world.store.rounds) == 1


@pytest.mark.parametrize("number", [0, 3, 5])
async def test_another_number_of_boxes_that_the_asker_itself_signed_for(number: int) -> None:
    """One contributor without a box would be asked about nobody, and known by its silence."""
    world = World(contract(subject=SUBJECT))
    boxes = tuple(bytes(120) for _ in range(number))
    signed = world.asker.sign(about_a_subject(world, boxes))
    request = Request(signed, boxes, committed(world), CONSENT)
    await require_uncharged(world, request, R.AGGREGATE_QUESTION_INVALID)


async def test_boxes_of_two_lengths_that_the_asker_itself_signed_for() -> None:
    world = World(contract(subject=SUBJECT))
    boxes = (*BOXES[:3], bytes(121))
    signed = world.asker.sign(about_a_subject(world, boxes))
    request = Request(signed, boxes, committed(world), CONSENT)
    await require_uncharged(world, request, R.AGGREGATE_QUESTION_INVALID)


async def test_commitments_that_ran_out() -> None:
    """Kept back, they would tie a consent of today to a question of next year."""
    world = World(contract(subject=SUBJECT))
    request = Request(
        world.asker.sign(about_a_subject(world)), BOXES, committed(world, -1), CONSENT
    )
    await require_uncharged(world, request, R.STATEMENT_REFUSED)


async def test_a_job_where_no_bureau_answers() -> None:
    """The kind is known, and this gateway does not have it."""
    world = World()
    now = int(time.time())
    job = BinningJob(
        id=uuid4().hex,
        asker=ASKER,
        dataset=world.terms.dataset,
        snapshot=world.terms.snapshot,
        contract=world.terms.digest,
        purpose=PURPOSE,
        key=world.asker.key,
        issued_at=now,
        expires_at=now + 600,
        features=("age",),
        mode="exact",
        cost=0,
        rows=1,
        row_root="0" * 64,
    )
    await require_uncharged(world, Request(world.asker.sign(job)), R.AGGREGATE_QUESTION_INVALID)


def two_contracts() -> tuple[AggregateContract, AggregateContract]:
    """The same terms under two names: two accounts, and one id must not be in both."""
    first = contract()
    return first, msgspec.structs.replace(first, dataset="credit.others")


async def test_one_id_in_two_datasets_after_a_restart() -> None:
    world = World()
    first, second = two_contracts()
    world.policy.current = policy_with(first, second).current
    world.serving(*scripted())
    asked = world.asker.question(first)
    got = await world.ask(world.asker.sign(asked))
    assert got.shown is not None
    other = msgspec.structs.replace(world.asker.question(second), id=asked.id)
    for _ in range(2):
        assert await reason(world.ask(world.asker.sign(other))) is R.REQUEST_ID_REUSED
        world.parts = world.gateway()
    assert len(world.store.rounds) == 1


async def test_another_asker_s_round_is_not_joined_by_its_id() -> None:
    """Neither while it goes on nor once it is in the store alone."""
    world = World(limits=QUICK)
    world.serving(*scripted())
    asked = world.asker.question(world.terms)
    assert (await world.ask(world.asker.sign(asked))).shown is not None
    thief = Asker("lender-y")
    world.store.keys.add((thief.institution, thief.key_id))
    stolen = thief.sign(msgspec.structs.replace(thief.question(world.terms), id=asked.id))
    for _ in range(2):
        sent = world.ask(stolen, principal("lender-y", "keyholder"))
        assert await reason(sent) is R.REQUEST_ID_REUSED
        world.parts = world.gateway()


async def test_a_round_beside_another_one_for_whose_bytes_there_is_no_room() -> None:
    """Both would be charged, and the gateway would hold more than it may."""
    size = 2 * len(AGENTS) * 6 * 66
    world = World(limits=Limits(PATIENT.waits, Bounds(contribution_bytes=2 * size - 1)))
    first = world.asking(world.asker.sign(world.asker.question(world.terms)))
    await until(lambda: world.store.kinds() == ["OPEN"])
    second = world.asker.sign(world.asker.question(world.terms))
    assert await reason(world.ask(second)) is R.RATE_LIMITED
    assert len(world.store.rounds) == 1
    world.serving(*scripted())
    assert (await first).shown is not None
    assert (await world.ask(second)).shown is not None


async def test_a_key_that_another_institution_proved_is_not_registered() -> None:
    """Registered, it would let its thief ask for sums that somebody else can open."""
    world, thief = World(), principal("lender-y", "keyholder")
    sent = world.parts.reads.register_key(thief, msgspec.json.encode(world.asker.key))
    assert await reason(sent) is R.AGGREGATE_KEY_REFUSED
    assert world.store.denied == [("lender-y", R.AGGREGATE_KEY_REFUSED.value)]
    assert {institution for institution, _ in world.store.keys} == {world.asker.institution}


async def test_a_contract_is_read_by_whom_it_concerns() -> None:
    """Whoever asks, and whoever contributes; budgets and bounds are nobody else's."""
    world = World()
    reads = world.parts.reads
    stranger = msgspec.structs.replace(principal("auditor"), roles=frozenset())
    assert await reason(reads.contract(stranger, world.terms.dataset)) is R.AGGREGATE_NOT_PERMITTED
    member = msgspec.structs.replace(principal(AGENTS[0]), roles=frozenset())
    for concerned in (member, principal(ASKER, "keyholder")):
        found = await reads.contract(concerned, world.terms.dataset)
        assert found.contract == world.terms.encoded()
