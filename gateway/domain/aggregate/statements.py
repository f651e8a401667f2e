"""What agents and the gateway sign in a round: readiness, roster, contribution, result.

Owns the four statements. Each names by hash what came before it, so that a chain of them belongs to
one question and no other. Refuses to carry a ciphertext: a statement has its digest, the bytes
travel beside it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta

from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import Digest, RoundId, Statement, UnixTime, know_types
from gateway.domain.policy.document_base import InstitutionId

TYPE = "application/vnd.veilgate.aggregate.{}.v1+json"
QUESTION_TYPE = TYPE.format("question")
READY_TYPE = TYPE.format("ready")
ROSTER_TYPE = TYPE.format("roster")
CONTRIBUTION_TYPE = TYPE.format("contribution")
RESULT_TYPE = TYPE.format("result")
MANIFEST_TYPE = TYPE.format("manifest")
"""DSSE payload types."""
Count = Annotated[int, Meta(ge=0, le=10**9)]
NO_PROOF = sha256(b"").hexdigest()
"""The digest of a proof where nothing was combined: one party's ciphertexts as they came."""


class Ready(Statement, frozen=True, kw_only=True):
    """An agent is willing: its fresh X25519 key for the masks of this question (hex)."""

    round: RoundId
    question: Digest
    contributor: InstitutionId
    masking_key: Digest
    """32 bytes in hex, as a digest is."""


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A contributor, and the hash of what it signed as ``Ready`` (payload bytes)."""

    contributor: InstitutionId
    ready: Digest


class Roster(Statement, frozen=True, kw_only=True):
    """Who contributes: sorted by name, signed by the gateway, one for a question, ever."""

    round: RoundId
    question: Digest
    members: Annotated[tuple[Member, ...], Meta(min_length=2, max_length=256)]

    def __post_init__(self) -> None:
        """Refuse members out of order or twice."""
        names = [one.contributor for one in self.members]
        if names != sorted(set(names)):
            raise ValueError("members are sorted, each once")


class Contribution(Statement, frozen=True, kw_only=True):
    """An agent's ciphertexts by their number and the SHA-256 of their bytes, in order.

    The bytes are those of the ciphertexts one after the other: 66 each for ElGamal, twice the
    modulus's length each for Paillier, big-endian.
    """

    round: RoundId
    roster: Digest
    contributor: InstitutionId
    ciphertexts: Count
    digest: Digest


class Result(Statement, frozen=True, kw_only=True):
    """The combination: what it is made of, and where it stands in the log.

    ``contributions`` is the Merkle root (RFC 9162) over the members' contribution payloads, in the
    roster's order. ``consents`` is how many it rests on: none for a cohort. ``proof`` is the
    SHA-256 of the proof that the ciphertexts are the contributions' product, randomised anew: so
    whoever signed this result has signed its proof, be it a false one.
    """

    round: RoundId
    question: Digest
    roster: Digest
    contributions: Digest
    ciphertexts: Count
    digest: Digest
    consents: Count
    log_index: Count
    released_at: UnixTime
    proof: Digest = NO_PROOF


def combination_context(round_id: str, question: str, roster: str, contributions: str) -> bytes:
    """Return what a combination's proof is bound to: round, and digests in hex.

    ``contributions`` is the Merkle root, as in ``Result``.
    """
    return "|".join(("veilgate/combination/v1", round_id, question, roster, contributions)).encode()


def digest_of(payload: bytes) -> str:
    """Return the SHA-256 of a statement's bytes as they were signed, in hex."""
    return sha256(payload).hexdigest()


know_types(Ready, Roster, Contribution, Result, AggregateContract)
