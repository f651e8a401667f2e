"""Questions about one consenting subject: bound to the consent's own subject, answered by all."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from gateway.application.aggregate.assembly import Limits
from gateway.application.aggregate.kinds import Request
from gateway.application.aggregate.orders import QuestionOrder, VoidOrder
from gateway.application.aggregate.prepare_subject import PreparedSubject, PrepareSubject, Wanted
from gateway.application.ports.aggregates import Signed
from gateway.application.ports.ledger import SignedArtefact
from gateway.application.ports.store import StoredConsent
from gateway.crypto.dsse import pae
from gateway.domain.aggregate.question import SubjectQuestion
from gateway.domain.aggregate.subject import (
    BOX_KEY_TYPE,
    COMMITMENTS_TYPE,
    BoxKey,
    TagCommitments,
    boxes_digest,
    tag_commitment,
)
from gateway.domain.consent import Consent, ConsentState, ConsentTerms, Standing
from gateway.domain.reasons import ErrorReason
from gateway.domain.subject import Subject, SubjectIdentifier
from gateway.domain.vocabulary import IdentifierType, LawfulBasis, SeparateConsent
from support.aggregate_parties import AGENTS, ASKER, DATASET, Agent, contract, key_of, signed
from support.aggregate_world import (
    PATIENT,
    QUICK,
    Scripted,
    World,
    principal,
    reason,
    round_of,
    until,
)
from support.memory_ports import with_standing

R = ErrorReason
PURPOSE = "credit.underwriting"
TITLE = {"en": "x", "zh": "x"}
SOMEBODY = SubjectIdentifier(IdentifierType.US_SSN, "123456789")
VALUES = (1, 12, 0, 1, 0)
"""Holds, 12,000, and is late in the second of three buckets."""


def subject_terms() -> dict[str, Any]:
    return {
        "purposes": [PURPOSE],
        "recipients": {"roles": ["lender"]},
        "articles": ["PIPL 13"],
        "identifiers": ["US_SSN"],
        "unit": 1000,
        "largest": 1_000_000,
        "buckets": [1, 30, 60],
    }


def agreed(**changes: Any) -> StoredConsent:
    now = int(time.time())
    terms = ConsentTerms(
        consent_id=str(uuid4()),
        version=1,
        controller=ASKER,
        collector=ASKER,
        providers=frozenset(AGENTS),
        datasets=frozenset({DATASET}),
        purposes=frozenset({PURPOSE}),
        fields=frozenset(),
        categories=frozenset(),
        lawful_basis=LawfulBasis.CONSENT,
        separate=frozenset({SeparateConsent.THIRD_PARTY}),
        valid_from=now - 60,
        valid_until=now + 86_400,
        uses=None,
        frequency=None,
        data_life_days=30,
        evidence_sha256=bytes(32),
    )
    terms = msgspec.structs.replace(terms, **changes)
    artefact = SignedArtefact(b"artefact", "key-1", bytes(64))
    return StoredConsent(Consent(terms, Standing(ConsentState.ACTIVE)), artefact, now)


@dataclass
class SubjectWorld:
    """A world with a consent, agents with box keys, and the asker's steps."""

    limits: Limits = PATIENT
    consent: StoredConsent = field(default_factory=agreed)

    def __post_init__(self) -> None:
        self.world = World(contract(subject=subject_terms()), self.limits)
        policy = self.world.policy.current
        ancestors = {PURPOSE: frozenset({PURPOSE, "credit"})}
        self.world.policy.current = msgspec.structs.replace(policy, ancestors=ancestors)
        self.consents = OneConsent(self.consent, self.world.keyring.subject_id(SOMEBODY))
        self.agents = [
            Scripted(Agent(name, VALUES), box_key=box_key(name), label="subject") for name in AGENTS
        ]

    @property
    def consent_id(self) -> str:
        return self.consent.consent.terms.consent_id

    def prepare(self, **changes: Any) -> Any:
        use_case = PrepareSubject(
            *(self.world.policy, self.consents, self.world.keyed, self.world.parts.orders),
            *(self.world.statements, self.world.store, time.time),
        )
        wanted = Wanted(DATASET, PURPOSE, self.consent_id, SOMEBODY)
        return use_case(principal(ASKER, "keyholder"), msgspec.structs.replace(wanted, **changes))

    async def prepared(self) -> PreparedSubject:
        self.world.serving(*self.agents)
        orders = self.world.parts.orders
        await until(lambda: all(orders.box_key(name) is not None for name in AGENTS))
        done: PreparedSubject = await self.prepare()
        return done

    def request(self, prepared: PreparedSubject, **changes: Any) -> Request:
        """Ask with boxes of one length, which nobody opens here."""
        boxes = tuple(bytes([at]) * 120 for at in range(len(AGENTS)))
        said = msgspec.json.decode(prepared.commitments.payload, type=TagCommitments)
        now, terms = int(time.time()), self.world.terms
        question = SubjectQuestion(
            id=uuid4().hex,
            asker=ASKER,
            dataset=DATASET,
            snapshot=terms.snapshot,
            contract=terms.digest,
            purpose=PURPOSE,
            key=self.world.asker.key,
            issued_at=now,
            expires_at=now + 600,
            consent=said.consent,
            tags=said.tags,
            boxes=boxes_digest(boxes),
        )
        question = msgspec.structs.replace(question, **changes)
        return Request(
            self.world.asker.sign(question), boxes, prepared.commitments, self.consent_id
        )


@dataclass
class OneConsent:
    """A store of one consent."""

    stored: StoredConsent
    subject_id: bytes

    async def consent(self, consent_id: str) -> StoredConsent | None:
        same = consent_id == self.stored.consent.terms.consent_id
        return self.stored if same else None

    async def subject_of(self, consent_id: str) -> Subject:
        assert await self.consent(consent_id)
        return Subject(self.subject_id, bytes(32))


def box_key(name: str, life_s: int = 600) -> Signed:
    said = BoxKey(contributor=name, box_key="ab" * 32, expires_at=int(time.time()) + life_s)
    return signed(key_of(name, "agent"), BOX_KEY_TYPE, said.encoded())


async def test_all_contributors_answer_and_the_asker_reads_the_sums() -> None:
    here = SubjectWorld()
    request = here.request(await here.prepared())
    shown = (await here.world.ask(request)).shown
    assert shown is not None
    sums = here.world.asker.read(shown.sealed.prepared.ciphertexts, 1 << 20)
    assert sums == [4 * value for value in VALUES]
    assert msgspec.json.decode(shown.sealed.result.payload)["consents"] == 1
    assert not here.world.store.accounts
    for at, one in enumerate(here.agents):
        (order,) = [each for each in one.orders if isinstance(each, QuestionOrder)]
        assert order.box == request.boxes[at]
        assert order.commitments == request.commitments


async def test_tags_are_what_each_contributor_knows_and_are_committed_to() -> None:
    here = SubjectWorld()
    prepared = await here.prepared()
    keyring = here.world.keyring
    said = msgspec.json.decode(prepared.commitments.payload, type=TagCommitments)
    key = keyring.round_key.public_key
    key.verify(prepared.commitments.signature, pae(COMMITMENTS_TYPE, prepared.commitments.payload))
    for one, committed, name in zip(prepared.tags, said.tags, AGENTS, strict=True):
        assert one.tag == keyring.scoped_reference(SOMEBODY, name)
        assert committed == tag_commitment(one.salt, name, one.tag)
    assert len({one.tag for one in prepared.tags}) == len({one.salt for one in prepared.tags}) == 4
    # Two questions about one person have nothing in common that agents could see.
    again = msgspec.json.decode((await here.prepare()).commitments.payload, type=TagCommitments)
    assert not {again.consent, *again.tags} & {said.consent, *said.tags}


async def test_no_tag_is_given_for_somebody_who_did_not_agree() -> None:
    here = SubjectWorld()
    await here.prepared()
    another = SubjectIdentifier(IdentifierType.US_SSN, "123456788")
    assert await reason(here.prepare(subject=another)) is R.CONSENT_ABSENT
    assert await reason(here.prepare(consent_id=str(uuid4()))) is R.CONSENT_ABSENT
    assert (ASKER, R.CONSENT_ABSENT.value) in here.world.store.denied


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"datasets": frozenset({"credit.other"})}, R.CONSENT_DATASET_MISSING),
        ({"purposes": frozenset({"marketing"})}, R.CONSENT_PURPOSE_MISSING),
        ({"controller": "lender-y"}, R.CONSENT_ABSENT),
        ({"valid_until": 1_800_000_000 - 10**9}, R.CONSENT_EXPIRED),
    ],
)
async def test_the_consent_must_be_the_asker_s_and_cover_the_question(
    changes: dict[str, Any], expected: ErrorReason
) -> None:
    here = SubjectWorld(consent=agreed(**changes))
    here.world.serving(*here.agents)
    assert await reason(here.prepare()) is expected


async def test_a_revoked_consent_gives_no_tags() -> None:
    here = SubjectWorld(consent=with_standing(agreed(), state=ConsentState.REVOKED))
    assert await reason(here.prepare()) is R.CONSENT_REVOKED


async def test_another_type_of_identifier_or_purpose_is_not_permitted() -> None:
    here = SubjectWorld()
    resident = SubjectIdentifier(IdentifierType.CN_RESIDENT_ID, "x")
    assert await reason(here.prepare(subject=resident)) is R.AGGREGATE_NOT_PERMITTED
    assert await reason(here.prepare(purpose="marketing")) is R.AGGREGATE_NOT_PERMITTED
    assert await reason(here.prepare(dataset="credit.other")) is R.DATASET_UNKNOWN


async def test_a_box_key_that_is_missing_another_s_or_old_is_none() -> None:
    here = SubjectWorld()
    assert await reason(here.prepare()) is R.CONTRIBUTORS_MISSING
    stream = here.world.parts.orders.stream
    for bad in (box_key("lender-b"), box_key("lender-a", -1)):
        assert await reason(anext(stream(principal("lender-a"), bad))) is R.STATEMENT_REFUSED


async def test_a_question_is_bound_to_its_boxes_tags_and_consent() -> None:
    here = SubjectWorld(limits=QUICK)
    prepared = await here.prepared()
    other = await here.prepare()
    theirs = msgspec.json.decode(other.commitments.payload, type=TagCommitments)
    whole = here.request(prepared)
    replace = msgspec.structs.replace
    forged = replace(whole.commitments, signature=bytes(64)) if whole.commitments else None
    wrong = [
        (here.request(prepared, tags=theirs.tags), R.STATEMENT_REFUSED),
        (here.request(prepared, consent=theirs.consent), R.STATEMENT_REFUSED),
        (here.request(prepared, boxes="0" * 64), R.AGGREGATE_QUESTION_INVALID),
        (replace(whole, boxes=whole.boxes[::-1]), R.AGGREGATE_QUESTION_INVALID),
        (replace(whole, boxes=whole.boxes[:3]), R.AGGREGATE_QUESTION_INVALID),
        (replace(whole, boxes=(*whole.boxes[:3], b"longer" * 99)), R.AGGREGATE_QUESTION_INVALID),
        (replace(whole, commitments=other.commitments), R.STATEMENT_REFUSED),
        (replace(whole, commitments=forged), R.STATEMENT_REFUSED),
        (replace(whole, commitments=None), R.AGGREGATE_QUESTION_INVALID),
        # Another consent of the same asker, which has uses left perhaps.
        (replace(whole, consent_id=str(uuid4())), R.AGGREGATE_QUESTION_INVALID),
        (replace(whole, consent_id=""), R.AGGREGATE_QUESTION_INVALID),
    ]
    for request, expected in wrong:
        assert await reason(here.world.ask(request)) is expected
    assert not here.world.store.rounds
    assert (await here.world.ask(whole)).shown is not None


async def test_without_one_contributor_there_is_no_roster_at_all() -> None:
    here = SubjectWorld(limits=QUICK)
    prepared = await here.prepared()
    here.world.parts = here.world.gateway()
    here.world.serving(*here.agents[:3])
    request = here.request(prepared)
    assert await reason(here.world.ask(request)) is R.CONTRIBUTORS_MISSING
    here.world.serving(here.agents[3])
    assert (await here.world.ask(request)).shown is not None


async def test_a_consent_withdrawn_in_the_middle_voids_the_round() -> None:
    here = SubjectWorld()
    prepared = await here.prepared()
    held = here.agents[0]
    held.contributes = False
    request = here.request(prepared)
    asking = here.world.asking(request)
    name = round_of(request.question)
    await until(
        lambda: (
            (one := here.world.parts.rounds.find(name)) is not None and len(one.contributions) == 3
        )
    )
    here.world.store.withdrawn.add(here.consent_id)
    held.contributes = True
    here.world.serving(held)
    assert await reason(asking) is R.ROUND_VOID
    await until(lambda: all(one.told(VoidOrder) for one in here.agents[:1]))
    assert "RELEASE" not in here.world.store.kinds()


async def test_a_consent_withdrawn_before_the_question_charges_nobody() -> None:
    here = SubjectWorld()
    request = here.request(await here.prepared())
    here.world.store.withdrawn.add(here.consent_id)
    assert await reason(here.world.ask(request)) is R.CONSENT_REVOKED
    assert not any(one.told(QuestionOrder) for one in here.agents)
