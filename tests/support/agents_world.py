"""What a network of provider agents is made of: certificates, a contract, signed statements.

Owns honest statements of every party, which a test then changes one by one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from clients.agent.orders import QuestionOrder, ResultOrder, RosterOrder
from clients.cli.local.dev_authority import DevAuthority, LeafRequest
from gateway.crypto import elgamal
from gateway.crypto.dsse import pae
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.elgamal.possession import prove_possession
from gateway.crypto.masks import MaskingKey
from gateway.crypto.merkle import CompactRange, leaf_hash, node_hash
from gateway.crypto.statement import SignedStatement, StatementKey, statement_key
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.plan import plan_cohort, shape_of
from gateway.domain.aggregate.question import AskerKey, CohortQuestion, key_context
from gateway.domain.aggregate.statements import (
    QUESTION_TYPE,
    READY_TYPE,
    RESULT_TYPE,
    ROSTER_TYPE,
    Contribution,
    Member,
    Ready,
    Result,
    Roster,
    digest_of,
)

ASKER = "fund-x"
OWN = "lender-a"
CONTRIBUTORS = ("bureau-a", "lender-a", "lender-b", "lender-c")
GROUPS = {name: f"{name}-group" for name in (*CONTRIBUTORS, ASKER)}
DATASET = "credit.loans"
COST = 100_000


def contract(**changes: Any) -> AggregateContract:
    """A contract of four contributors over one dimension and one measure."""
    text = {"en": "x", "zh": "甲"}
    document: dict[str, Any] = {
        "version": 1,
        "dataset": DATASET,
        "title": text,
        "snapshot": "2026-10",
        "contributors": CONTRIBUTORS,
        "minimum_contributors": 3,
        "colluding": 1,
        "cohort": {
            "purposes": ["credit.statistics", "credit.marketing"],
            "recipients": {"institutions": [ASKER]},
            "articles": ["PIPL 13"],
            "dimensions": [{"name": "housing", "title": text, "values": ["own", "rent"]}],
            "measures": [{"name": "amount", "title": text, "low": 0, "high": 20_000}],
            "budget": {
                "limit": 5_000_000,
                "a_question": 1_000_000,
                "period_days": 30,
                "refusals": 20,
            },
            "minimum_cohort": 20,
            "people_at_most": 1_000,
        },
        **changes,
    }
    return msgspec.convert(document, AggregateContract)


@dataclass
class World:
    """The authority of the members, the gateway's round key, the asker's key, and who signs."""

    authority: DevAuthority = field(default_factory=DevAuthority.create)
    round_key: SigningKey = field(default_factory=SigningKey.generate)
    secret: elgamal.SecretKey = field(default_factory=elgamal.SecretKey.generate)
    contract: AggregateContract = field(default_factory=contract)
    keys: dict[tuple[str, str], StatementKey] = field(default_factory=dict)

    def signer(
        self, institution: str, workload: str, authority: DevAuthority | None = None, days: int = 1
    ) -> StatementKey:
        """A workload's key with a certificate, the same again for the members' authority."""
        known = self.keys.get((institution, workload))
        if known is not None and authority is None and days == 1:
            return known
        request = LeafRequest.institution(institution, workload, timedelta(days=days))
        issued = (authority or self.authority).issue(request)
        key = load_pem_private_key(issued.private_key, password=None)
        made = statement_key(key, issued.certificate)
        if authority is None and days == 1:
            self.keys[institution, workload] = made
        return made

    def asker_key(self, asker: str = ASKER) -> AskerKey:
        proof = prove_possession(self.secret, key_context(asker))
        return AskerKey(
            scheme="elgamal", key=self.secret.public_key().to_bytes().hex(), proof=proof.hex()
        )

    def question(self, **changes: Any) -> CohortQuestion:
        """An honest question, with changes."""
        now = int(time.time())
        draft = CohortQuestion(
            id=os.urandom(16).hex(),
            asker=ASKER,
            dataset=DATASET,
            snapshot=self.contract.snapshot,
            contract=self.contract.digest,
            purpose="credit.statistics",
            key=self.asker_key(),
            issued_at=now,
            expires_at=now + 600,
            group_by=("housing",),
            sums=("amount",),
            cost=COST,
            share_variance=1,
        )
        plan = plan_cohort(shape_of(draft, self.contract), self.contract, COST)
        fitting = msgspec.structs.replace(draft, share_variance=plan.noise.share_variance)
        return msgspec.structs.replace(fitting, **changes)

    def order(self, question: CohortQuestion, signer: StatementKey | None = None) -> QuestionOrder:
        key = signer or self.signer(question.asker, "keyholder")
        return QuestionOrder(key.sign(QUESTION_TYPE, question.encoded()))

    def ready(
        self,
        order: QuestionOrder,
        name: str,
        signer: StatementKey | None = None,
        /,
        **changes: Any,
    ) -> SignedStatement:
        """Another contributor's READY."""
        payload = order.question.payload
        ready = Ready(
            round=msgspec.json.decode(payload)["id"],
            question=digest_of(payload),
            contributor=name,
            masking_key=MaskingKey.generate().public_key().hex(),
        )
        key = signer or self.signer(name, "agent")
        return key.sign(READY_TYPE, msgspec.structs.replace(ready, **changes).encoded())

    def roster(
        self,
        order: QuestionOrder,
        readies: Mapping[str, SignedStatement],
        signer: SigningKey | None = None,
        /,
        **changes: Any,
    ) -> RosterOrder:
        """The gateway's roster over some readies, sorted."""
        names = sorted(readies)
        payload = order.question.payload
        roster = Roster(
            round=msgspec.json.decode(payload)["id"],
            question=digest_of(payload),
            members=tuple(Member(one, digest_of(readies[one].payload)) for one in names),
        )
        changed = msgspec.structs.replace(roster, **changes)
        signed = self.by_gateway(ROSTER_TYPE, changed.encoded(), signer)
        return RosterOrder(signed, tuple(readies[one] for one in names))

    def by_gateway(
        self, kind: str, payload: bytes, signer: SigningKey | None = None
    ) -> SignedStatement:
        return SignedStatement(payload, (signer or self.round_key).sign(pae(kind, payload)))

    def others(
        self, question: QuestionOrder, own: SignedStatement, names: Sequence[str] = CONTRIBUTORS
    ) -> dict[str, SignedStatement]:
        """Readies of all the named, this agent's own among them."""
        return {one: own if one == OWN else self.ready(question, one) for one in names}

    def result(
        self,
        order: QuestionOrder,
        roster: RosterOrder,
        contribution: SignedStatement,
        signer: SigningKey | None = None,
        /,
        **changes: Any,
    ) -> ResultOrder:
        """A result over this contribution and three or so invented ones, with its path."""
        members = msgspec.json.decode(roster.roster.payload, type=Roster).members
        leaves = [
            leaf_hash(contribution.payload if one.contributor == OWN else os.urandom(8))
            for one in members
        ]
        place = [one.contributor for one in members].index(OWN)
        content = Result(
            round=msgspec.json.decode(order.question.payload)["id"],
            question=digest_of(order.question.payload),
            roster=digest_of(roster.roster.payload),
            contributions=CompactRange().extend(leaves).root().hex(),
            ciphertexts=msgspec.json.decode(contribution.payload, type=Contribution).ciphertexts,
            digest="00" * 32,
            consents=0,
            log_index=1,
            released_at=int(time.time()),
        )
        changed = msgspec.structs.replace(content, **changes)
        return ResultOrder(
            self.by_gateway(RESULT_TYPE, changed.encoded(), signer), path_of(leaves, place)
        )


def path_of(leaves: Sequence[bytes], place: int) -> tuple[bytes, ...]:
    """An inclusion path (RFC 9162) by its definition."""
    if len(leaves) == 1:
        return ()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if place < split:
        return (*path_of(leaves[:split], place), _root(leaves[split:]))
    return (*path_of(leaves[split:], place - split), _root(leaves[:split]))


def _root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(_root(leaves[:split]), _root(leaves[split:]))
