"""A keyholder's world without a gateway: institutions, a contract, and results as they would come.

Owns real certificates, statements, masks, ciphertexts and a real log; what a test asks to be wrong
is wrong, and all the rest fits. It decides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from clients.cli.local.dev_authority import TRUST_DOMAIN, DevAuthority, Issued, LeafRequest
from clients.keyholder.calls import Received
from clients.keyholder.identity import Identity, Trusted
from clients.keyholder.keys.held_key import HeldKey, make_key
from clients.keyholder.planner import draft
from clients.keyholder.round_checks import release_said
from clients.keyholder.rounds import OpenQuestion, open_question
from clients.keyholder.wanted import Wanted
from gateway.crypto import elgamal, paillier
from gateway.crypto.dsse import pae
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.elgamal.curve import ORDER
from gateway.crypto.masks import MaskingKey, MaskRoster, apply_masks
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.merkle_proof import prove_inclusion
from gateway.crypto.note_key import NoteSigner
from gateway.crypto.statement import Anchors, SignedStatement, StatementKey, statement_key
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.packing_plan import Layout, layout_of
from gateway.domain.aggregate.plan import STEPS
from gateway.domain.aggregate.question import AskerKey
from gateway.domain.aggregate.statements import (
    QUESTION_TYPE,
    READY_TYPE,
    RESULT_TYPE,
    ROSTER_TYPE,
    Member,
    Ready,
    Result,
    Roster,
    digest_of,
)
from support.crypto_log import SIGNER, export_log, reference_nodes

ASKER = "lender-a"
CONTRIBUTORS = ("bureau-b", "lender-a", "lender-c", "lender-d")
DATASET = "credit.loans"
PURPOSE = "credit.portfolio"


def contract(people_at_most: int = 10_000, **changes: Any) -> AggregateContract:
    """Two dimensions and two measures; a larger bound of people makes the plan take Paillier."""
    both = {"en": "A title", "zh": "标题"}
    document: dict[str, Any] = {
        "version": 1,
        "dataset": DATASET,
        "title": {"en": "Loans", "zh": "贷款"},
        "snapshot": "2026-09-30",
        "contributors": list(CONTRIBUTORS),
        "minimum_contributors": 3,
        "colluding": 1,
        "cohort": {
            "purposes": [PURPOSE],
            "recipients": {"roles": ["lender"]},
            "articles": ["PIPL 24"],
            "dimensions": [
                {"name": "housing", "title": {"en": "Housing", "zh": "住房"},
                 "values": ["own", "rent"]},
                {"name": "market", "title": both, "values": ["CN", "other"]},
            ],
            "measures": [
                {"name": "amount", "title": {"en": "Amount", "zh": "金额"}, "low": 0,
                 "high": 2048, "unit": "DM", "edges": [512, 1024]},
                {"name": "months", "title": both, "low": -64, "high": 64},
            ],
            "budget": {"limit": 5_000_000, "a_question": 1_000_000, "period_days": 30,
                       "refusals": 20, "delta": "1e-6"},
            "minimum_cohort": 20,
            "people_at_most": people_at_most,
        },
    }  # fmt: skip
    return msgspec.convert(document | changes, AggregateContract)


@dataclass
class World:
    """The parties. ``stranger`` is an authority that nobody trusts."""

    folder: Path
    authority: DevAuthority = field(default_factory=DevAuthority.create)
    stranger: DevAuthority = field(default_factory=DevAuthority.create)
    round_key: SigningKey = field(default_factory=SigningKey.generate)
    log_signer: NoteSigner = SIGNER

    def __post_init__(self) -> None:
        self.agents = {name: self.agent(name) for name in CONTRIBUTORS}

    def issue(self, institution: str, workload: str, stranger: bool = False) -> Issued:
        authority = self.stranger if stranger else self.authority
        return authority.issue(LeafRequest.institution(institution, workload))

    def agent(
        self, institution: str, workload: str = "agent", stranger: bool = False
    ) -> StatementKey:
        issued = self.issue(institution, workload, stranger)
        return statement_key(load_pem_private_key(issued.private_key, None), issued.certificate)

    @property
    def trusted(self) -> Trusted:
        anchors = Anchors(self.authority.certificate, TRUST_DOMAIN)
        return Trusted(self.round_key.public_key, self.log_signer.verifier_key, anchors)

    @property
    def identity(self) -> Identity:
        return Identity(
            ASKER, self.agent(ASKER, "keyholder"), self.trusted, self.folder / "keyholder"
        )

    def question(
        self, wanted: Wanted, terms: AggregateContract, now: int, key: HeldKey | None = None
    ) -> tuple[OpenQuestion, HeldKey]:
        planned = draft(wanted, terms, ASKER)
        held = key or make_key(planned.plan.scheme, ASKER)
        question = planned.question(ASKER, held.public, now)
        statement = self.identity.signer.sign(QUESTION_TYPE, question.encoded())
        return open_question(statement, wanted, terms), held


def wanted(**changes: Any) -> Wanted:
    given: dict[str, Any] = {"dataset": DATASET, "purpose": PURPOSE, "cost": 50_000}
    return Wanted(**(given | changes))


def vector(opened: OpenQuestion, cells: Sequence[Mapping[tuple[str, str, int], int]]) -> list[int]:
    """One member's values, in steps, from its cells; what is not named is 0, the counter 1."""
    figures = list(opened.plan.shape.figures())
    ones = {("counter", "", 0): 1}
    return [(ones | dict(cell)).get(figure, 0) for cell in cells for figure in figures]


def people(count: float) -> dict[tuple[str, str, int], int]:
    return {("people", "", 0): round(count * STEPS)}


@dataclass
class Script:
    """How a result is made; each edit makes one thing wrong."""

    members: Sequence[str] = CONTRIBUTORS
    ready: Callable[[Ready], Ready] = lambda one: one
    ready_signer: Callable[[World, str], StatementKey] = lambda world, name: world.agents[name]
    readies: Callable[[list[SignedStatement]], list[SignedStatement]] = lambda them: them
    roster: Callable[[Roster], Roster] = lambda one: one
    result: Callable[[Result], Result] = lambda one: one
    event: Callable[[dict[str, Any]], dict[str, Any]] = lambda one: one
    ciphertexts: Callable[[bytes], bytes] = lambda them: them
    sent: Callable[[bytes], bytes] = lambda them: them
    """Edits the ciphertexts after their digest was signed."""
    result_key: SigningKey | None = None
    roster_key: SigningKey | None = None
    log_signer: NoteSigner | None = None
    released_at: int | None = None

    def received(
        self, world: World, opened: OpenQuestion, vectors: Mapping[str, Sequence[int]]
    ) -> Received:
        """Run the round and return what the asker gets."""
        masking = {name: MaskingKey.generate() for name in self.members}
        readies = [self._ready(world, opened, name, masking[name]) for name in self.members]
        pairs = zip(self.members, readies, strict=True)
        members = tuple(Member(name, digest_of(one.payload)) for name, one in pairs)
        roster = self.roster(Roster(round=opened.id, question=opened.digest, members=members))
        signed_roster = _by_gateway(self.roster_key or world.round_key, ROSTER_TYPE, roster)
        keys = tuple(masking[name].public_key() for name in self.members)
        hashes = (bytes.fromhex(opened.digest), sha256(signed_roster.payload).digest())
        masks = MaskRoster(*hashes, keys)
        layout = layout_of(opened.plan, opened.question.key, len(self.members))
        combined = self.ciphertexts(combine(opened.question.key, layout, masks, masking, vectors))
        return self._released(world, opened, signed_roster, readies, combined, layout)

    def _ready(
        self, world: World, opened: OpenQuestion, name: str, key: MaskingKey
    ) -> SignedStatement:
        ready = Ready(
            round=opened.id,
            question=opened.digest,
            contributor=name,
            masking_key=key.public_key().hex(),
        )
        return self.ready_signer(world, name).sign(READY_TYPE, self.ready(ready).encoded())

    def _released(
        self,
        world: World,
        opened: OpenQuestion,
        roster: SignedStatement,
        readies: list[SignedStatement],
        combined: bytes,
        layout: Layout,
    ) -> Received:
        honest = Result(
            round=opened.id,
            question=opened.digest,
            roster=digest_of(roster.payload),
            contributions="0" * 64,
            ciphertexts=layout.ciphertexts,
            digest=sha256(combined).hexdigest(),
            consents=0,
            log_index=1,
            released_at=self.released_at or opened.question.issued_at + 5,
        )
        said = {"v": 1, "id": "e" * 32, **release_said(opened.question, honest)}
        entries = [b'{"kind":"A"}', json.dumps(self.event(said)).encode(), b'{"kind":"B"}']
        nodes = reference_nodes([leaf_hash(one) for one in entries])
        result = self.result(honest)
        return Received(
            result=_by_gateway(self.result_key or world.round_key, RESULT_TYPE, result),
            roster=roster,
            readies=tuple(self.readies(readies)),
            checkpoint=export_log(entries, self.log_signer or world.log_signer).checkpoint,
            release_event=entries[1],
            inclusion=prove_inclusion(1, len(entries), lambda level, at: nodes[level, at]),
            ciphertexts=self.sent(combined),
        )


def combine(
    key: AskerKey,
    layout: Layout,
    masks: MaskRoster,
    masking: Mapping[str, MaskingKey],
    vectors: Mapping[str, Sequence[int]],
    label: str = "cohort",
) -> bytes:
    """Encrypt each member's masked values, as agents do, and add them up, as the gateway does."""
    if key.scheme == "elgamal":
        public = elgamal.PublicKey.from_bytes(bytes.fromhex(key.key))
        sent = [
            public.encrypt_many(_masked(list(vectors[name]), masks, place, own, ORDER, label))
            for place, (name, own) in enumerate(masking.items())
        ]
        sums = [elgamal.sum_many(column) for column in zip(*sent, strict=True)]
        return b"".join(one.to_bytes() for one in public.rerandomise_many(sums))
    owner = paillier.PublicKey(int(key.key, 16))
    packing = paillier.Packing(
        layout.modulus_bits, layout.contributors, layout.lowest, layout.highest
    )
    columns = [
        [
            owner.encrypt_raw(one)
            for one in _masked(packing.pack(vectors[name]), masks, place, own, owner.n)
        ]
        for place, (name, own) in enumerate(masking.items())
    ]
    product = []
    for column in zip(*columns, strict=True):
        total = column[0]
        for one in column[1:]:
            total = owner.add(total, one)
        product.append(owner.rerandomise(total))
    return b"".join(one.to_bytes(layout.ciphertext_size, "big") for one in product)


def _masked(
    values: Sequence[int],
    masks: MaskRoster,
    place: int,
    own: MaskingKey,
    modulus: int,
    label: str = "cohort",
) -> list[int]:
    stream = masks.masks(own, place, label, modulus, len(values))
    return apply_masks([one % modulus for one in values], stream, modulus)


def _by_gateway(key: SigningKey, payload_type: str, statement: Any) -> SignedStatement:
    payload = statement.encoded()
    return SignedStatement(payload, key.sign(pae(payload_type, payload)))
