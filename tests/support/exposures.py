"""A scripted gateway for questions about one subject, in memory: real tags, boxes, rounds.

Owns what an asker sees: commitments, box keys signed by real certificates, and rounds run by a
`Script`. What a test asks to be wrong is wrong, and all the rest fits. It checks nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256, sha512
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import msgspec

from clients.keyholder.calls import BudgetView, ContractView, Received, Stage
from clients.keyholder.exposure.asking import Exposures
from clients.keyholder.exposure.calls import Prepared, PreparedTag, Sent
from clients.keyholder.exposure.question import OpenExposure, Wish, open_exposure
from clients.keyholder.keys.held_key import key_id
from clients.keyholder.keys.key_store import Registration
from clients.keyholder.keys.sealing import Secret
from clients.sdk.codecs.status_details import StatusDetails
from clients.sdk.errors import VeilgateError
from clients.sdk.models.common import ConsentStatus
from clients.sdk.normal_form import encoded_identifier
from clients.sdk.subject import Subject, SubjectReference
from clients.sdk.vocabulary import ConsentState, IdentifierType
from gateway.crypto.dsse import pae
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.hpke import box_public_key, new_box_key, open_box
from gateway.crypto.masks import MaskingKey, MaskRoster
from gateway.crypto.reference import scoped_reference
from gateway.crypto.statement import SignedStatement, StatementKey
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.packing_plan import Layout
from gateway.domain.aggregate.question import AskerKey, SubjectQuestion, read_question
from gateway.domain.aggregate.statements import ROSTER_TYPE, Member, Roster, digest_of
from gateway.domain.aggregate.subject import (
    BOX_KEY_TYPE,
    COMMITMENTS_TYPE,
    MASK_LABEL,
    BoxKey,
    SubjectFigures,
    TagCommitments,
    box_context,
    tag_commitment,
    values_of,
)
from support.keyholders import ASKER, CONTRIBUTORS, DATASET, Script, World, combine, contract

PURPOSE = "credit.underwriting"
CONSENT = "6f907933-16f7-435f-9ddc-7675bef6600d"
SECRET = Secret("file", b"\x05" * 32)
PERSON = Subject(IdentifierType.US_SSN, "900-12-3456")
ANOTHER = Subject(IdentifierType.US_SSN, "900-12-3457")
TERMS = {
    "purposes": [PURPOSE],
    "recipients": {"roles": ["lender"]},
    "articles": ["PIPL 23"],
    "identifiers": ["US_SSN"],
    "unit": 1000,
    "largest": 10_000_000,
    "buckets": [1, 30, 90],
}


def terms(**changes: Any) -> AggregateContract:
    """The contract of `keyholders`, which answers about subjects, too."""
    return contract(subject=TERMS | changes)


def wish(**changes: Any) -> Wish:
    """A wish for PERSON."""
    given: dict[str, Any] = {
        "dataset": DATASET,
        "purpose": PURPOSE,
        "consent_id": CONSENT,
        "subject": PERSON,
    }
    return Wish(**(given | changes))


def output_of(subject: Subject) -> bytes:
    """What an evaluation of the identifier gives: any 64 bytes that only it gives."""
    return sha512(encoded_identifier(subject.type, subject.value)).digest()


def refused(reason: str) -> VeilgateError:
    """A refusal of the gateway's; one of a lost contributor passes."""
    lost = reason == "CONTRIBUTOR_LOST"
    code = grpc.StatusCode.UNAVAILABLE if lost else grpc.StatusCode.PERMISSION_DENIED
    return VeilgateError(code, StatusDetails(reason=reason))


@dataclass
class Preparation:
    """How tags are prepared; each edit makes one thing wrong."""

    subject: Callable[[Subject], Subject] = lambda asked: asked
    """Whose tags are given."""
    tag: Callable[[PreparedTag], PreparedTag] = lambda one: one
    """Before commitments are made."""
    sent: Callable[[tuple[PreparedTag, ...]], tuple[PreparedTag, ...]] = lambda them: them
    """After they were made."""
    said: Callable[[TagCommitments], TagCommitments] = lambda one: one
    signed: Callable[[SignedStatement], SignedStatement] = lambda one: one
    key: SigningKey | None = None
    box: Callable[[BoxKey], BoxKey] = lambda one: one
    box_signer: Callable[[World, str], StatementKey] = lambda world, name: world.agents[name]
    life_s: int = 600


@dataclass
class ExposureScript(Script):
    """A round about a subject; ``consents`` stand in the result."""

    consents: int = 1

    def about(
        self, world: World, opened: OpenExposure, vectors: Mapping[str, Sequence[int]]
    ) -> Received:
        """Run the round and return what the asker gets."""
        masking = {name: MaskingKey.generate() for name in self.members}
        as_any: Any = opened
        readies = [self._ready(world, as_any, name, masking[name]) for name in self.members]
        pairs = zip(self.members, readies, strict=True)
        members = tuple(Member(name, digest_of(one.payload)) for name, one in pairs)
        roster = self.roster(Roster(round=opened.id, question=opened.digest, members=members))
        signed = _by_gateway(self.roster_key or world.round_key, ROSTER_TYPE, roster)
        keys = tuple(masking[name].public_key() for name in self.members)
        hashes = (bytes.fromhex(opened.digest), sha256(signed.payload).digest())
        layout = Layout("elgamal", 0, len(self.members), 1, len(opened.bounds))
        masks = MaskRoster(*hashes, keys)
        sent = combine(opened.question.key, layout, masks, masking, vectors, MASK_LABEL)
        edited, count = self.result, self.consents
        self.result = lambda one: edited(msgspec.structs.replace(one, consents=count))
        try:
            return self._released(world, as_any, signed, readies, self.ciphertexts(sent), layout)
        finally:
            self.result = edited


@dataclass
class ScriptedExposures:
    """The gateway and the client for records in one; what it was asked stands in lists."""

    world: World
    terms: AggregateContract = field(default_factory=terms)
    known: dict[str, SubjectFigures] = field(default_factory=dict)
    """Who knows what of PERSON."""
    vectors: dict[str, list[int]] = field(default_factory=dict)
    """What a contributor sends instead."""
    preparation: Preparation = field(default_factory=Preparation)
    script: ExposureScript = field(default_factory=ExposureScript)
    refusals: list[VeilgateError] = field(default_factory=list)
    state: ConsentState = ConsentState.ACTIVE
    life_days: int = 30
    """Of every consent."""
    now: float = field(default_factory=lambda: float(int(time.time())))
    prepared: list[Wish] = field(default_factory=list)
    registered: list[AskerKey] = field(default_factory=list)
    asked: list[Sent] = field(default_factory=list)
    box_keys: dict[str, bytes] = field(
        default_factory=lambda: {name: new_box_key() for name in CONTRIBUTORS}
    )

    def exposures(self, evaluates: bool = True) -> Exposures:
        """An asker that talks to this."""
        fake: Any = self
        return Exposures(self.world.identity, fake, fake, evaluates, lambda: self.now)

    def contract(self, dataset: str) -> ContractView:
        budget = BudgetView(dataset, 0, 0, 0, 0, 0, 0, 0)
        return ContractView(self.terms.encoded(), budget, self.world.round_key.public_key.raw)

    def register(self, key: AskerKey) -> Registration:
        self.registered.append(key)
        return Registration(key_id(key), "e" * 32, 4)

    def references(self, subjects: Sequence[tuple[str, str]], /) -> tuple[SubjectReference, ...]:
        return tuple(
            SubjectReference("1", output_of(Subject(IdentifierType(kind), value)))
            for kind, value in subjects
        )

    def get_consent(self, consent_id: str, /) -> ConsentStatus:
        nothing: Any = None
        draft: Any = SimpleNamespace(data_life_days=self.life_days)
        return ConsentStatus(draft, "", self.state, 0, nothing)

    def prepare(self, dataset: str, purpose: str, consent_id: str, subject: Subject) -> Prepared:
        self.prepared.append(Wish(dataset, purpose, consent_id, subject))
        how = self.preparation
        output = output_of(how.subject(subject))
        tags = [how.tag(self._tag(name, output)) for name in self.terms.contributors]
        committed = tuple(tag_commitment(one.salt, one.contributor, one.tag) for one in tags)
        said = TagCommitments(
            asker=ASKER,
            dataset=dataset,
            snapshot=self.terms.snapshot,
            consent="c" * 64,
            tags=committed,
            expires_at=int(self.now) + how.life_s,
        )
        key = how.key or self.world.round_key
        signed = _by_gateway(key, COMMITMENTS_TYPE, how.said(said))
        return Prepared(how.sent(tuple(tags)), how.signed(signed))

    def ask_about(self, sent: Sent, limit: int, timeout: float) -> Iterator[Stage | Received]:
        self.asked.append(sent)
        yield Stage("opened", 0, 0)
        if self.refusals:
            raise self.refusals.pop(0)
        opened = open_exposure(
            sent.question, self.terms, sent.commitments, tuple(sent.boxes), sent.consent_id
        )
        yield self.script.about(self.world, opened, self._vectors(opened))

    def opens(self, sent: Sent, box: int, contributor: str, round_id: str) -> bytes:
        """Open a box as a contributor's agent would, for a round."""
        private = self.box_keys[contributor]
        return open_box(sent.boxes[box], private, box_context(round_id, contributor))

    def _tag(self, name: str, output: bytes) -> PreparedTag:
        how = self.preparation
        said = BoxKey(
            contributor=name,
            box_key=box_public_key(self.box_keys[name]).hex(),
            expires_at=int(self.now) + 3600,
        )
        signed = how.box_signer(self.world, name).sign(BOX_KEY_TYPE, how.box(said).encoded())
        salt = sha256(name.encode()).digest()
        return PreparedTag(name, scoped_reference(output, name), salt, signed)

    def _vectors(self, opened: OpenExposure) -> dict[str, list[int]]:
        honest = {
            name: list(values_of(self.known.get(name, SubjectFigures()), opened.terms))
            for name in self.terms.contributors
        }
        return honest | self.vectors


@dataclass
class Asking:
    """An asker before its gateway; ``ask`` is what the command does."""

    gateway: ScriptedExposures
    evaluates: bool = True

    @property
    def folder(self) -> Path:
        return self.gateway.world.folder / "keyholder" / "exposures"

    def ask(self, wanted: Wish | None = None, secret: Secret = SECRET) -> Any:
        """The kept answer, or that of a question that is under way, or of a new one."""
        wanted = wanted or wish()
        exposures = self.gateway.exposures(self.evaluates)
        terms_now = exposures.contract(wanted)
        shelf = exposures.shelf(wanted, terms_now)
        kept = exposures.kept(wanted, shelf, lambda _: secret)
        if kept is not None:
            return kept
        pending = exposures.pending(wanted, shelf, lambda _: secret)
        opened = (
            pending.opened
            if pending is not None
            else exposures.prepare(wanted, terms_now, shelf, secret)
        )
        verified = exposures.ask(opened, shelf, lambda stage: None)
        return exposures.open(verified, wanted, shelf, secret)

    def question(self, at: int = 0) -> SubjectQuestion:
        """A question that was sent."""
        question = read_question(self.gateway.asked[at].question.payload)
        assert isinstance(question, SubjectQuestion)
        return question

    def files(self, pattern: str) -> list[Path]:
        return [one for one in self.folder.rglob(pattern) if one.is_file()]


def asking(folder: Path, **changes: Any) -> Asking:
    """An asker and a gateway whose contributors know nobody."""
    return Asking(replace(ScriptedExposures(World(folder)), **changes))


def _by_gateway(key: SigningKey, payload_type: str, statement: Any) -> SignedStatement:
    payload = statement.encoded()
    return SignedStatement(payload, key.sign(pae(payload_type, payload)))
