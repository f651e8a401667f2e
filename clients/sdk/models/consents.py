"""What the calls about consents return beyond a single consent, as frozen values.

Owns the types of lists, of changes of state, and of a receipt that is not verified yet. Refuses to
hand out the content of such a receipt: `receipt.verify_receipt` does, once the signature holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

from clients.sdk.vocabulary import ConsentState
from gateway.crypto.dsse import DsseEnvelope, DsseError, DsseSignature
from gateway.crypto.dsse_json import decode_envelope, encode_envelope

RECEIPT_TYPE: Final = "application/vnd.veilgate.consent-receipt.v1+json"


@dataclass(frozen=True, slots=True)
class ConsentSummary:
    """A consent without its subject; ``uses_limit`` is None where uses are not limited.

    ``state`` is that of the moment of the answer: expired as soon as the end has passed.
    """

    consent_id: str
    version: int
    state: ConsentState
    controller: str
    collector: str
    providers: tuple[str, ...]
    datasets: tuple[str, ...]
    purposes: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    granted_at: datetime
    uses: int
    uses_limit: int | None = None


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """The state after a pause or a resumption, and the event that recorded it."""

    state: ConsentState
    event_id: str
    log_index: int


@dataclass(frozen=True, slots=True)
class ReceiptEnvelope:
    """A signed receipt, not verified: the bytes of a JSON object, and an Ed25519 signature.

    ``key_id`` names the gateway's receipt key; it is a hint, not what the key is taken from.
    """

    receipt: bytes = field(repr=False)
    key_id: str
    signature: bytes = field(repr=False)

    def dsse(self) -> DsseEnvelope:
        """The same as a DSSE envelope.

        Raises:
            DsseError: a bound of such an envelope is exceeded.
        """
        signature = DsseSignature(self.key_id, self.signature)
        return DsseEnvelope(RECEIPT_TYPE, self.receipt, (signature,))

    def to_json(self) -> bytes:
        """The DSSE JSON form, to be kept in a file and given to the subject."""
        return encode_envelope(self.dsse())

    @classmethod
    def from_json(cls, raw: bytes) -> Self:
        """Read the DSSE JSON form.

        Raises:
            DsseError: it is not an envelope with one signature, or not one of a receipt.
        """
        envelope = decode_envelope(raw)
        if envelope.payload_type != RECEIPT_TYPE or len(envelope.signatures) != 1:
            raise DsseError("this is not the envelope of one consent receipt with one signature")
        (signature,) = envelope.signatures
        return cls(envelope.payload, signature.keyid, signature.sig)
