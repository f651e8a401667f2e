"""Whether what the gateway gave is what its log says: the checks themselves, without any call.

Owns what is compared, and the errors that a difference is told by. Refuses to half-verify: each
check raises, and only what passed whole becomes a ``Verified...``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import msgspec

from clients.sdk.failure import SdkError
from clients.sdk.models.common import InclusionProof, Record
from gateway.crypto.checkpoint import Checkpoint, open_checkpoint
from gateway.crypto.errors import CryptoError
from gateway.crypto.keyed import commitment
from gateway.crypto.note_key import VerifierKey

RECORD_LABEL: Final = b"veilgate record v1"
"""Of the commitment to a record's values; the gateway's is the same (a test compares them)."""
_KEEP: Final = "Keep what you were given as evidence, and ask the gateway's operator."


class VerificationError(SdkError):
    """Something is not what the log says, or the log is not the one that was seen before."""

    def __init__(self, what: str) -> None:
        super().__init__(what, _KEEP)


class LogForked(VerificationError):
    """The log's key signed two histories, or one that lost entries.

    ``kept`` and ``offered`` are the two signed notes: with them anybody can see it.
    """

    def __init__(self, kept: bytes, offered: bytes) -> None:
        super().__init__("the log does not continue the checkpoint that was verified before")
        self.kept = kept
        self.offered = offered


@dataclass(frozen=True, slots=True)
class VerifiedEvent:
    """An event that is entry ``index`` of the log under ``checkpoint``; ``says`` is its JSON."""

    index: int
    raw: bytes = field(repr=False)
    says: Mapping[str, Any]
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class VerifiedRelease:
    """A record whose release stands in the log with these fields, operators and values."""

    record: Record
    event: VerifiedEvent


@dataclass(frozen=True, slots=True)
class VerifiedGrowth:
    """The tree of ``new`` extends that of ``old``: nothing was changed or taken away between."""

    old: Checkpoint
    new: Checkpoint


def checked_event(proof: InclusionProof, key: VerifierKey) -> VerifiedEvent:
    """The event of a proof that came with its checkpoint.

    Raises:
        VerificationError: signature or proof do not verify, or the entry is not an event.
    """
    try:
        checkpoint = proof.verify(key.encode())
        says = json.loads(proof.event)
    except (CryptoError, ValueError) as error:
        raise VerificationError(f"entry {proof.index} of the log does not verify") from error
    if not isinstance(says, dict):
        raise VerificationError(f"entry {proof.index} of the log is not an event")
    return VerifiedEvent(proof.index, proof.event, MappingProxyType(says), checkpoint)


def checked_release(record: Record, event: VerifiedEvent) -> VerifiedRelease:
    """The record, if ``event`` is its release: same id, rule, fields, operators and values.

    Raises:
        VerificationError: the event says otherwise.
    """
    if (event.says.get("kind"), event.says.get("id")) != ("RELEASE", record.event_id):
        raise VerificationError("the log's entry is not the release of this record")
    if event.says.get("rule") != record.rule:
        raise VerificationError("the log names another rule for this record")
    released = [f"{name}:{operator}" for name, operator in record.operators.items()]
    withheld = [f"{name}:{why.name}" for name, why in record.withheld.items()]
    if event.says.get("released", []) != released or event.says.get("withheld", []) != withheld:
        raise VerificationError("the log names other fields or operators for this record")
    if event.says.get("record") != _commitment(record):
        raise VerificationError("the values are not those that the log commits to")
    return VerifiedRelease(record, event)


def _commitment(record: Record) -> str:
    rows = [
        (name, operator.value, record.fields.get(name))
        for name, operator in record.operators.items()
    ]
    try:
        return commitment(RECORD_LABEL, record.record_salt, msgspec.json.encode(rows)).hex()
    except CryptoError as error:
        raise VerificationError("the record has no salt to open the commitment with") from error


def opened(note: bytes, key: VerifierKey) -> Checkpoint:
    """A checkpoint that the log's key signed.

    Raises:
        VerificationError: it did not.
    """
    try:
        return open_checkpoint(note, key)
    except CryptoError as error:
        raise VerificationError("the checkpoint is not signed by the log's key") from error
