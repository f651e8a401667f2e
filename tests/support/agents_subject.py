"""A question about one subject and the agents that answer it, for tests.

Owns honest boxes and commitments, which a test then changes. What a provider knows is a fake
(`Known`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from clients.agent.context import Trust
from clients.agent.orders import QuestionOrder
from clients.agent.policy import LocalPolicy
from clients.agent.rounds import Rounds
from clients.agent.store import RoundStore
from clients.agent.subject.box_keys import BoxKeys
from clients.agent.subject.kind import SubjectKind
from clients.agent.subject.tag_limit import TagLimit
from clients.cli.local.dev_authority import TRUST_DOMAIN
from gateway.crypto.hpke import seal_box
from gateway.crypto.statement import Anchors, StatementKey
from gateway.domain.aggregate.question import SubjectQuestion
from gateway.domain.aggregate.statements import QUESTION_TYPE
from gateway.domain.aggregate.subject import (
    COMMITMENTS_TYPE,
    BoxKey,
    SubjectFigures,
    TagCommitments,
    box_context,
    boxes_digest,
    tag_commitment,
)
from support.agents import local_policy
from support.agents_world import ASKER, DATASET, World, contract

MEMBERS = ("bureau-a", "lender-a", "lender-b", "lender-c", "lender-d")
GROUPS = {name: f"{name}-group" for name in (*MEMBERS, ASKER)}
UNIT = 1000
BUCKETS = (1, 30, 90)
SUBJECT_TERMS = {
    "purposes": ["credit.underwriting"],
    "recipients": {"roles": ["lender"]},
    "articles": ["PIPL 13"],
    "identifiers": ["CN_RESIDENT_ID"],
    "unit": UNIT,
    "largest": 1_000_000,
    "buckets": list(BUCKETS),
    "a_subject_a_day": 3,
}


def subject_world() -> World:
    """A world whose contract has terms for subjects only."""
    return World(
        contract=contract(
            contributors=MEMBERS, minimum_contributors=5, cohort=None, subject=SUBJECT_TERMS
        )
    )


@dataclass
class Known:
    """What a provider knows, by tag, and how often it was asked; ``broken`` raises."""

    people: dict[bytes, SubjectFigures] = field(default_factory=dict)
    asked: int = 0
    broken: bool = False

    def figures(self, snapshot: str, tag: bytes) -> SubjectFigures:
        self.asked += 1
        if self.broken:
            raise OSError("a text that may hold a value")
        return self.people.get(tag, SubjectFigures())


@dataclass
class SubjectAgent:
    """One provider's agent."""

    name: str
    trust: Trust
    known: Known
    keys: BoxKeys
    store: RoundStore
    rounds: Rounds
    waits: list[float]

    @classmethod
    def make(
        cls, world: World, folder: Path, name: str, policy: LocalPolicy | None = None
    ) -> SubjectAgent:
        trust = Trust(
            institution=name,
            anchors=Anchors(world.authority.certificate, TRUST_DOMAIN),
            round_key=world.round_key.public_key,
            policy=policy or local_policy(own_group=GROUPS[name], peers=GROUPS),
            own_key=lambda: world.signer(name, "agent"),
        )
        store = RoundStore.open(folder)
        keys, known, waits = BoxKeys(trust, folder / "box.keys"), Known(), list[float]()
        kind = SubjectKind(
            trust,
            {DATASET: known},
            lambda _: world.contract.encoded(),
            keys,
            TagLimit(folder),
            waits.append,
        )
        return cls(name, trust, known, keys, store, Rounds(trust, store, {"subject": kind}), waits)

    @property
    def box_key(self) -> bytes:
        """What an asker learns of it."""
        said = msgspec.json.decode(self.keys.statement().payload, type=BoxKey)
        return bytes.fromhex(said.box_key)


def tag_of(name: str, person: str = "somebody") -> bytes:
    """What one contributor knows a person by."""
    return sha256(f"{name}|{person}".encode()).digest()


@dataclass
class Prepared:
    """A question about somebody, before it is signed."""

    world: World
    question: SubjectQuestion
    boxes: dict[str, bytes]
    commitments: TagCommitments

    def order(self, name: str, signer: StatementKey | None = None, **changes: Any) -> QuestionOrder:
        """What the gateway gives one agent; ``changes`` are of the commitments it signs."""
        world = self.world
        said = msgspec.structs.replace(self.commitments, **changes)
        key = signer or world.signer(self.question.asker, "keyholder")
        return QuestionOrder(
            key.sign(QUESTION_TYPE, self.question.encoded()),
            self.boxes[name],
            world.by_gateway(COMMITMENTS_TYPE, said.encoded()),
        )


def prepared(
    world: World, agents: Mapping[str, SubjectAgent], sealed: str = "somebody", **changes: Any
) -> Prepared:
    """An honest question about "somebody"; the boxes hold the tags of ``sealed``."""
    now, round_id, consent = int(time.time()), os.urandom(16).hex(), os.urandom(32).hex()
    salts = {name: os.urandom(32) for name in MEMBERS}
    tags = tuple(tag_commitment(salts[name], name, tag_of(name)) for name in MEMBERS)
    boxes = {
        name: seal_box(salts[name] + tag_of(name, sealed), one.box_key, box_context(round_id, name))
        for name, one in agents.items()
    }
    question = SubjectQuestion(
        id=round_id,
        asker=ASKER,
        dataset=DATASET,
        snapshot=world.contract.snapshot,
        contract=world.contract.digest,
        purpose="credit.underwriting",
        key=world.asker_key(),
        issued_at=now,
        expires_at=now + 600,
        consent=consent,
        tags=tags,
        boxes=boxes_digest(list(boxes.values())),
    )
    said = TagCommitments(
        asker=ASKER,
        dataset=DATASET,
        snapshot=world.contract.snapshot,
        consent=consent,
        tags=tags,
        expires_at=now + 600,
    )
    return Prepared(world, msgspec.structs.replace(question, **changes), boxes, said)
