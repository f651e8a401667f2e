"""Questions about one consenting subject: figures, tags and boxes.

Owns the order and bounds of the figures (whether an open loan is held, the total outstanding in
units, the worst days past due as one bucket of several), and the commitments that tie the tags in
the boxes to the consent. Without those an asker with one person's consent could seal another's
tags: nobody but the gateway knows both the consent's subject and its tags, so the gateway commits
to each tag, and an agent opens its box against the commitment. Refuses figures out of bounds by
clamping them: a refusal would name who holds much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

from msgspec import Meta

from gateway.domain.aggregate.contract import AggregateContract, SubjectTerms
from gateway.domain.aggregate.question import (
    Digest,
    Statement,
    SubjectQuestion,
    UnixTime,
    WrongContract,
    know_types,
)
from gateway.domain.aggregate.statements import TYPE
from gateway.domain.policy.document_base import DottedName, InstitutionId

BOX_KEY_TYPE = TYPE.format("box-key")
COMMITMENTS_TYPE = TYPE.format("tag-commitments")
MASK_LABEL = "subject"
TAG_SIZE = 32
SALT_SIZE = 32
BOX_CONTENT = SALT_SIZE + TAG_SIZE
"""Salt, then tag."""


class BoxKey(Statement, frozen=True, kw_only=True):
    """An agent's key that boxes are sealed for (HPKE, X25519, hex), signed by the agent."""

    contributor: InstitutionId
    box_key: Digest
    """32 bytes in hex, as a digest is."""
    expires_at: UnixTime


class TagCommitments(Statement, frozen=True, kw_only=True):
    """The gateway's word that these tags are of the subject of one consent of the asker's.

    ``tags`` are in the order of the contract's contributors. ``consent`` is one commitment for all
    of them: one for each would show who holds.
    """

    asker: InstitutionId
    dataset: DottedName
    snapshot: Annotated[str, Meta(max_length=32)]
    consent: Digest
    tags: Annotated[tuple[Digest, ...], Meta(min_length=3, max_length=256)]
    expires_at: UnixTime


@dataclass(frozen=True)
class SubjectFigures:
    """What one contributor knows of the subject. Zeros where it knows nothing."""

    holds: bool = False
    outstanding: int = 0
    """In the contract's currency, not rounded yet."""
    days_past_due: int = 0
    """The worst of its loans."""


def values_of(figures: SubjectFigures, terms: SubjectTerms) -> tuple[int, ...]:
    """Return a contributor's vector: holds, total in units, then one for the worst bucket."""
    amount = min(max(figures.outstanding, 0), terms.largest)
    units = (amount + terms.unit // 2) // terms.unit
    bucket = sum(figures.days_past_due >= edge for edge in terms.buckets)
    return (
        int(figures.holds),
        units if figures.holds else 0,
        *(int(figures.holds and at == bucket) for at in range(1, len(terms.buckets) + 1)),
    )


def bounds_of(contract: AggregateContract, terms: SubjectTerms) -> tuple[int, ...]:
    """Return the largest sum that each value can have, in the order of ``values_of``."""
    most = len(contract.contributors)
    units = (terms.largest + terms.unit // 2) // terms.unit
    return (most, most * units, *(most for _ in terms.buckets))


def require_subject_terms(question: SubjectQuestion, contract: AggregateContract) -> SubjectTerms:
    """Return the terms that a question must be of.

    Raises ``WrongContract``: "subject" where the contract has none, "tags" for another number than
    one a contributor, "scheme" for another than ElGamal (a Paillier value would have to be packed,
    and nothing here needs its range).
    """
    if contract.subject is None:
        raise WrongContract("subject")
    if len(question.tags) != len(contract.contributors):
        raise WrongContract("tags")
    if question.key.scheme != "elgamal":
        raise WrongContract("scheme")
    return contract.subject


def tag_commitment(salt: bytes, contributor: str, tag: bytes) -> str:
    """Return the commitment to one contributor's tag, in hex."""
    return sha256(_prefixed(b"veilgate/tag/v1", salt, contributor.encode(), tag)).hexdigest()


def boxes_digest(boxes: Sequence[bytes]) -> str:
    """Return what a question says of its boxes, in hex."""
    return sha256(_prefixed(b"veilgate/boxes/v1", *boxes)).hexdigest()


def box_context(round_id: str, contributor: str) -> bytes:
    """Return the context that a box is sealed in: it opens for this question only."""
    return _prefixed(b"veilgate/box/v1", round_id.encode(), contributor.encode())


def _prefixed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


know_types(BoxKey, TagCommitments)
