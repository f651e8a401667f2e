"""Verification of consent receipts: one call from the signed bytes to what they say.

Owns the check of a receipt's signature and form, and of its events against the audit log. Refuses
(raises) anything that is not signed by the key that the caller trusts; there is no answer that says
"not verified". The names in a receipt are those of ISO/IEC TS 27560:2023; see docs/consents.md.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from clients.sdk.consents.receipt_shape import SCHEMA_VERSION, Event, Shape
from clients.sdk.failure import SdkError
from clients.sdk.models.common import InclusionProof
from clients.sdk.models.consents import RECEIPT_TYPE, ReceiptEnvelope
from gateway.crypto.checkpoint import Checkpoint
from gateway.crypto.ed25519 import PublicKey
from gateway.crypto.errors import CryptoError
from gateway.crypto.keyed import commitment

CONSENT_LABEL: Final = b"veilgate consent v1"


class ReceiptError(SdkError):
    """The receipt is not one that can be relied on."""

    def __init__(self, what: str) -> None:
        super().__init__(
            what, "Do not rely on it: get it anew from the gateway, and the key from its operator."
        )


@dataclass(frozen=True, slots=True)
class ReceiptEvent:
    """A change of the consent's state: ``state`` is given, paused, withdrawn or expired."""

    kind: str
    state: str
    time: str
    institution: str
    event_id: str
    log_index: int
    subject_tag: str = field(repr=False)
    salt: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A verified receipt. ``document`` is the whole of it, under the names that were signed.

    ``state`` is the consent's at ``issued_at`` (RFC 3339). The first of ``events`` is the grant.
    """

    receipt_id: str
    consent_id: str
    state: str
    issued_at: str
    controller: str
    collector: str
    purposes: tuple[str, ...]
    datasets: tuple[str, ...]
    log_origin: str
    events: tuple[ReceiptEvent, ...]
    document: Mapping[str, Any] = field(repr=False)

    def verify_event(
        self, event: ReceiptEvent, proof: InclusionProof, log_verifier_key: str
    ) -> Checkpoint:
        """Check that the log holds an event of this receipt, and that it is about this consent.

        ``proof`` is `VeilgateClient.inclusion_proof` of ``event.log_index``. Returns the checkpoint
        that the proof leads to.

        Raises:
            ReceiptError: the entry is another one, or of another consent, or of another log.
            CryptoError: the proof does not lead to a checkpoint signed by that key.
        """
        checkpoint = proof.verify(log_verifier_key)
        if checkpoint.origin != self.log_origin:
            raise ReceiptError("the checkpoint is of another log than the receipt names")
        if event not in self.events or proof.index != event.log_index:
            raise ReceiptError("the proof is of an entry that the receipt does not name")
        _require_same(event, self.consent_id, _entry(proof.event))
        return checkpoint


def verify_receipt(receipt: ReceiptEnvelope | bytes, key: str) -> Receipt:
    """What a receipt says, once its signature holds.

    ``receipt`` is what `get_consent_receipt` gave, or the bytes of the file that was kept (DSSE in
    JSON). ``key`` is the gateway's receipt key: an Ed25519 public key of 64 hex digits, got from
    the operator (``receipt_key`` of a profile), never from the receipt.

    Raises:
        ReceiptError: the signature, the key or the content is not what it must be.
    """
    try:
        envelope = receipt if isinstance(receipt, ReceiptEnvelope) else _envelope(receipt)
        payload = envelope.dsse().verify(RECEIPT_TYPE, [PublicKey(bytes.fromhex(key))])
    except ValueError as error:
        raise ReceiptError("the receipt key is not 64 hexadecimal digits") from error
    except CryptoError as error:
        raise ReceiptError(f"the receipt does not verify: {error}") from error
    return _read(payload)


def _envelope(raw: bytes) -> ReceiptEnvelope:
    return ReceiptEnvelope.from_json(raw)


def _read(payload: bytes) -> Receipt:
    try:
        shape = msgspec.json.decode(payload, type=Shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReceiptError("the receipt is signed, and is not in the form of one") from error
    if shape.schema_version != SCHEMA_VERSION:
        raise ReceiptError(f"the receipt is not of the schema {SCHEMA_VERSION}")
    events = tuple(_event(one) for one in shape.event)
    indexes = [one.log_index for one in events]
    if sorted(set(indexes)) != indexes or not events or events[0].kind != "CONSENT_GRANTED":
        raise ReceiptError("the receipt's events do not begin with a grant, or are out of order")
    if shape.pii_principal_id != events[0].subject_tag:
        raise ReceiptError("the receipt names another principal than its grant")
    own = shape.x_veilgate
    return Receipt(
        receipt_id=shape.receipt_id,
        consent_id=shape.record_id,
        state=own.state,
        issued_at=own.issued_at,
        controller=shape.party("pii_controller"),
        collector=shape.party("collector"),
        purposes=tuple(one.purpose_type for one in shape.pii_processing.purposes),
        datasets=tuple(one.id for one in own.datasets),
        log_origin=own.log_origin,
        events=events,
        document=json.loads(payload),
    )


def _event(one: Event) -> ReceiptEvent:
    try:
        salt = bytes.fromhex(one.x_commitment_salt)
    except ValueError as error:
        raise ReceiptError("a salt of the receipt is not hexadecimal") from error
    return ReceiptEvent(
        kind=one.event_type,
        state=one.event_state,
        time=one.event_time,
        institution=one.entity_id,
        event_id=one.x_event_id,
        log_index=one.x_log_index,
        subject_tag=one.x_subject_tag,
        salt=salt,
    )


class _Entry(msgspec.Struct, frozen=True):
    """What is compared of an entry of the log."""

    id: str
    kind: str
    time: str
    institution: str
    subject: str
    consent: str


def _entry(event: bytes) -> _Entry:
    try:
        return msgspec.json.decode(event, type=_Entry)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReceiptError("the log's entry is not the event of a consent") from error


def _require_same(event: ReceiptEvent, consent_id: str, entry: _Entry) -> None:
    told = (event.event_id, event.kind, event.time, event.institution, event.subject_tag)
    if told != (entry.id, entry.kind, entry.time, entry.institution, entry.subject):
        raise ReceiptError("the log's entry is not the event that the receipt tells of")
    try:
        committed = commitment(CONSENT_LABEL, event.salt, consent_id.encode()).hex()
    except CryptoError as error:
        raise ReceiptError("a salt of the receipt is not 32 bytes") from error
    if not hmac.compare_digest(committed.encode(), entry.consent.encode()):
        raise ReceiptError("the log's entry is about another consent")
