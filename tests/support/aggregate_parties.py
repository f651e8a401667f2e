"""The parties of a round as scripts: an asker with its key, agents that know what to contribute.

Owns real statements (certificates of a development authority), real masks and real ciphertexts, so
that a test which changes one byte of them changes what a real party would have sent. They check
nothing: what a careful agent would refuse, these send.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from hashlib import sha256
from typing import Any

import msgspec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from clients.cli.local.dev_authority import TRUST_DOMAIN, DevAuthority, LeafRequest
from gateway.application.ports.aggregates import Signed
from gateway.crypto.elgamal import Ciphertext, PublicKey, SecretKey
from gateway.crypto.elgamal.curve import ORDER
from gateway.crypto.elgamal.possession import prove_possession
from gateway.crypto.masks import MaskingKey, MaskRoster, apply_masks
from gateway.crypto.statement import StatementKey, statement_key
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.plan import plan_cohort, shape_of
from gateway.domain.aggregate.question import (
    Asked,
    AskerKey,
    CohortQuestion,
    key_context,
    read_question,
)
from gateway.domain.aggregate.statements import (
    CONTRIBUTION_TYPE,
    QUESTION_TYPE,
    READY_TYPE,
    Contribution,
    Ready,
    Roster,
    digest_of,
)

__all__ = [
    "AGENTS",
    "ASKER",
    "DATASET",
    "TRUST_DOMAIN",
    "Agent",
    "Asker",
    "authority",
    "contract",
    "encrypted",
    "key_of",
    "signed",
]

DATASET = "credit.loans"
PURPOSE = "research.aggregate"
AGENTS = ("bureau-a", "lender-a", "lender-b", "lender-c")
ASKER = "lender-z"
_TERMS = {
    "purposes": [PURPOSE],
    "recipients": {"roles": ["lender"]},
    "articles": ["PIPL 4"],
}
_BUDGET = {"limit": 1_000_000, "a_question": 500_000, "period_days": 30, "refusals": 3}
_TITLE = {"en": "x", "zh": "x"}


@cache
def authority() -> DevAuthority:
    """The one authority that all parties' certificates are of."""
    return DevAuthority.create()


@cache
def key_of(institution: str, workload: str) -> StatementKey:
    """A workload's key with a certificate of a day."""
    issued = authority().issue(LeafRequest.institution(institution, workload))
    return statement_key(load_pem_private_key(issued.private_key, None), issued.certificate)


def signed(key: StatementKey, payload_type: str, payload: bytes) -> Signed:
    """A statement in the application's form."""
    made = key.sign(payload_type, payload)
    return Signed(made.payload, made.signature, made.chain)


def contract(**changes: object) -> AggregateContract:
    """Four contributors, of whom three suffice; one dimension, one measure."""
    cohort = {
        **_TERMS,
        "dimensions": [{"name": "housing", "title": _TITLE, "values": ["own", "rent"]}],
        "measures": [{"name": "amount", "title": _TITLE, "low": 0, "high": 1000, "edges": [500]}],
        "budget": _BUDGET,
        "minimum_cohort": 20,
        "people_at_most": 1000,
    }
    fields = {
        "version": 1,
        "dataset": DATASET,
        "title": _TITLE,
        "snapshot": "2026-10-31",
        "contributors": list(AGENTS),
        "minimum_contributors": 3,
        "cohort": cohort,
        **changes,
    }
    return msgspec.convert(fields, AggregateContract)


@dataclass(frozen=True)
class Asker:
    """An institution that asks, with an ElGamal key of its own."""

    institution: str = ASKER
    secret: SecretKey = field(default_factory=SecretKey.generate)

    @cached_property
    def key(self) -> AskerKey:
        """The public key with its proof."""
        proof = prove_possession(self.secret, key_context(self.institution))
        key = self.secret.public_key().to_bytes().hex()
        return AskerKey(scheme="elgamal", key=key, proof=proof.hex())

    @property
    def key_id(self) -> bytes:
        """The id that the key is registered by."""
        return sha256(bytes.fromhex(self.key.key)).digest()

    def question(self, terms: AggregateContract, **changes: object) -> CohortQuestion:
        """A question about people by housing and the sum of their amounts, as the plan wants it."""
        now = int(time.time())
        fields: dict[str, Any] = {"sums": ("amount",), **changes}
        draft = CohortQuestion(
            id=secrets.token_hex(16),
            asker=self.institution,
            dataset=terms.dataset,
            snapshot=terms.snapshot,
            contract=terms.digest,
            purpose=PURPOSE,
            key=self.key,
            issued_at=now,
            expires_at=now + 600,
            group_by=("housing",),
            sums=fields["sums"],
            cost=100_000,
            share_variance=1,
        )
        plan = plan_cohort(shape_of(draft, terms), terms, draft.cost)
        planned = {"share_variance": plan.noise.share_variance, **changes}
        return msgspec.structs.replace(draft, **planned)

    def sign(self, question: Asked, workload: str = "keyholder") -> Signed:
        """The signed question."""
        return signed(key_of(self.institution, workload), QUESTION_TYPE, question.encoded())

    def read(self, ciphertexts: bytes, most: int) -> list[int]:
        """What a combination comes to."""
        pieces = [ciphertexts[at : at + 66] for at in range(0, len(ciphertexts), 66)]
        return self.secret.decrypt_many(map(Ciphertext.from_bytes, pieces), -most, most)


@dataclass(frozen=True)
class Agent:
    """A contributor, its fresh masking key, and the values that it would contribute."""

    institution: str
    values: tuple[int, ...] = (1, 30, 4000, 1, 25, 2500)
    masking: MaskingKey = field(default_factory=MaskingKey.generate)

    @property
    def key(self) -> StatementKey:
        """The key of its workload."""
        return key_of(self.institution, "agent")

    def ready(self, question: Signed, /, **changes: str) -> Signed:
        """The signed readiness."""
        said = Ready(
            round=msgspec.json.decode(question.payload)["id"],
            question=digest_of(question.payload),
            contributor=self.institution,
            masking_key=self.masking.public_key().hex(),
        )
        said = msgspec.structs.replace(said, **changes)
        return signed(self.key, READY_TYPE, said.encoded())

    def masked(
        self,
        question: Signed,
        roster: Signed,
        readies: tuple[Signed, ...],
        label: str = "cohort",
    ) -> bytes:
        """The ciphertexts of its masked values."""
        members = tuple(
            bytes.fromhex(msgspec.json.decode(one.payload, type=Ready).masking_key)
            for one in readies
        )
        together = MaskRoster(
            sha256(question.payload).digest(), sha256(roster.payload).digest(), members
        )
        place = members.index(self.masking.public_key())
        masks = together.masks(self.masking, place, label, ORDER, len(self.values))
        asked = read_question(question.payload)
        return encrypted(asked.key, apply_masks(list(self.values), masks, ORDER))

    def contribution(self, roster: Signed, sent: bytes, /, **changes: str | int) -> Signed:
        """The signed statement over ciphertexts."""
        fixed = msgspec.json.decode(roster.payload, type=Roster)
        said = Contribution(
            round=fixed.round,
            roster=digest_of(roster.payload),
            contributor=self.institution,
            ciphertexts=len(sent) // 66,
            digest=sha256(sent).hexdigest(),
        )
        said = msgspec.structs.replace(said, **changes)
        return signed(self.key, CONTRIBUTION_TYPE, said.encoded())

    def posing_as(self, institution: str) -> Agent:
        """The same under another name."""
        return replace(self, institution=institution)


def encrypted(key: AskerKey, values: list[int]) -> bytes:
    """Ciphertexts of values under a question's key."""
    public = PublicKey.from_bytes(bytes.fromhex(key.key))
    return b"".join(one.to_bytes() for one in public.encrypt_many(values))
