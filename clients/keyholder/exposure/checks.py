"""What is checked of what a gateway prepared, before a question about a subject is asked.

Owns the checks: the commitments by the gateway's pinned key, each tag against its commitment and,
where the key of references is pinned, against the asker's own evaluation; the box keys by the
contributors' own certificates, for nobody's word is taken for a key. Refuses by raising.

What is not seen from here: which consent the gateway committed to, for its salt is the gateway's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import msgspec

from clients.keyholder.exposure.calls import Prepared, PreparedTag
from clients.keyholder.exposure.errors import ExposureRefused, ExposureWrong
from clients.keyholder.identity import Trusted
from clients.keyholder.round_checks import AGENT
from gateway.crypto.dsse import pae
from gateway.crypto.errors import CryptoError
from gateway.crypto.reference import scoped_reference
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.subject import (
    BOX_KEY_TYPE,
    COMMITMENTS_TYPE,
    SALT_SIZE,
    TAG_SIZE,
    BoxKey,
    TagCommitments,
    tag_commitment,
)

_MAX_STATEMENT: Final = 512 * 1024


@dataclass(frozen=True, slots=True)
class CheckedTag:
    """A contributor, what goes into its box, and the key to seal that for."""

    contributor: str
    content: bytes = field(repr=False)
    box_key: bytes


@dataclass(frozen=True, slots=True)
class CheckedTags:
    """What the gateway prepared, checked; in the contract's order."""

    said: TagCommitments
    commitments: SignedStatement
    tags: tuple[CheckedTag, ...]


def checked_tags(
    prepared: Prepared,
    contract: AggregateContract,
    asker: str,
    trusted: Trusted,
    now: int,
    evaluated: bytes | None,
) -> CheckedTags:
    """Check what the gateway prepared for an asker.

    Args:
        prepared: what came.
        contract: what will be asked.
        asker: the own institution.
        trusted: what was pinned.
        now: Unix seconds.
        evaluated: the asker's own evaluation of the subject's reference, 64 bytes; None where no
            key of references is pinned: then whose the tags are is the gateway's word.

    Raises:
        ExposureRefused: with the reason.
    """
    said = _committed(prepared.commitments, trusted)
    bound = (said.asker, said.dataset, said.snapshot)
    if bound != (asker, contract.dataset, contract.snapshot) or said.expires_at <= now:
        raise ExposureRefused(ExposureWrong.COMMITMENTS)
    names = tuple(one.contributor for one in prepared.tags)
    if names != contract.contributors or len(said.tags) != len(names):
        raise ExposureRefused(ExposureWrong.TAGS)
    for one, committed in zip(prepared.tags, said.tags, strict=True):
        _require_tag(one, committed, evaluated)
    keys = [_box_key(one, trusted, now) for one in prepared.tags]
    if len(set(keys)) != len(keys):
        raise ExposureRefused(ExposureWrong.BOX_KEY)
    tags = tuple(
        CheckedTag(one.contributor, one.salt + one.tag, key)
        for one, key in zip(prepared.tags, keys, strict=True)
    )
    return CheckedTags(said, prepared.commitments, tags)


def _committed(signed: SignedStatement, trusted: Trusted) -> TagCommitments:
    if signed.chain or len(signed.payload) > _MAX_STATEMENT:
        raise ExposureRefused(ExposureWrong.COMMITMENTS)
    try:
        trusted.round_key.verify(signed.signature, pae(COMMITMENTS_TYPE, signed.payload))
        return msgspec.json.decode(signed.payload, type=TagCommitments)
    except (CryptoError, ValueError):
        raise ExposureRefused(ExposureWrong.COMMITMENTS) from None


def _require_tag(one: PreparedTag, committed: str, evaluated: bytes | None) -> None:
    if (len(one.salt), len(one.tag)) != (SALT_SIZE, TAG_SIZE):
        raise ExposureRefused(ExposureWrong.TAGS)
    if tag_commitment(one.salt, one.contributor, one.tag) != committed:
        raise ExposureRefused(ExposureWrong.TAGS)
    if evaluated is not None and scoped_reference(evaluated, one.contributor) != one.tag:
        raise ExposureRefused(ExposureWrong.OTHER_SUBJECT)


def _box_key(one: PreparedTag, trusted: Trusted, now: int) -> bytes:
    if len(one.box_key.payload) > _MAX_STATEMENT:
        raise ExposureRefused(ExposureWrong.BOX_KEY)
    try:
        signer = trusted.anchors.verify(BOX_KEY_TYPE, one.box_key, now)
        said = msgspec.json.decode(one.box_key.payload, type=BoxKey)
    except (CryptoError, ValueError):
        raise ExposureRefused(ExposureWrong.BOX_KEY) from None
    named = (signer.institution, signer.workload, said.contributor)
    if named != (one.contributor, AGENT, one.contributor) or said.expires_at <= now:
        raise ExposureRefused(ExposureWrong.BOX_KEY)
    return bytes.fromhex(said.box_key)
