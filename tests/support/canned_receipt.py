"""A small signed consent receipt, and the event of the log that it tells of, prepared by a test."""

from __future__ import annotations

import json
from typing import Any

from clients.sdk.models.consents import RECEIPT_TYPE, ReceiptEnvelope
from gateway.crypto.dsse import pae
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.keyed import commitment
from support.crypto_log import ORIGIN

RECEIPT_KEY = SigningKey.from_seed(b"\x09" * 32)
PUBLIC_KEY = RECEIPT_KEY.public_key.raw.hex()
CONSENT_ID = "3f0e6a52-9c1d-4b7e-8a55-d2c4e6f80a1b"
TAG = "5a" * 32
SALT = bytes(range(32))
TIME = "2026-01-01T00:00:07.000Z"


def told_event(**changes: Any) -> dict[str, Any]:
    """The grant as a receipt tells it."""
    return {
        "event_time": TIME, "event_type": "CONSENT_GRANTED", "event_state": "given",
        "entity_id": "lender-a", "validity_duration": "2026-01-01T00:00:00Z/2026-06-01T00:00:00Z",
        "x_event_id": "e7", "x_log_index": 7, "x_subject_tag": TAG,
        "x_commitment_salt": SALT.hex(),
    } | changes  # fmt: skip


def document(consent_id: str = CONSENT_ID, **changes: Any) -> dict[str, Any]:
    """A receipt's content."""
    return {
        "schema_version": "urn:veilgate:consent-receipt:1",
        "receipt_id": "0b5c7b9e-7d52-4a71-9c3e-1f2a3b4c5d6e",
        "record_id": consent_id,
        "pii_principal_id": TAG,
        "pii_processing": {
            "purposes": [
                {
                    "purpose": {"en": "Deciding", "zh": "审批"},
                    "purpose_type": "credit.underwriting",
                    "lawful_basis": "consent",
                }
            ]
        },
        "party_identification": [
            {"party_id": "lender-a", "party_role": ["pii_controller", "collector"]}
        ],
        "event": [told_event()],
        "x_veilgate": {
            "issued_at": "2026-01-02T00:00:00Z",
            "state": "active",
            "datasets": [{"id": "credit.applicant"}],
            "log_origin": ORIGIN,
        },
    } | changes


def signed(
    content: dict[str, Any] | bytes, key: SigningKey = RECEIPT_KEY, kind: str = RECEIPT_TYPE
) -> ReceiptEnvelope:
    """The content as a signed receipt."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return ReceiptEnvelope(raw, "receipt-1", key.sign(pae(kind, raw)))


def logged_event(consent_id: str = CONSENT_ID, **changes: Any) -> bytes:
    """The entry of the log that ``told_event`` tells of."""
    committed = commitment(b"veilgate consent v1", SALT, consent_id.encode()).hex()
    entry = {
        "time": TIME, "v": 1, "kind": "CONSENT_GRANTED", "id": "e7", "institution": "lender-a",
        "subject": TAG, "consent": committed,
    }  # fmt: skip
    return json.dumps(entry | changes).encode()
