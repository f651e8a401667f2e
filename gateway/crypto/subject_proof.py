"""Subject proofs: whose record a provider answers with, bound to one inquiry.

Owns the proof's form: HMAC-SHA256 keyed by the inquiry's id over the subject as the provider has
it. A provider makes it from the record that it found and not from the inquiry, so that a record of
somebody else shows. It is no secret and no signature: it catches errors, not a provider that lies.
"""

from __future__ import annotations

import hmac

from gateway.crypto.errors import CryptoError

PROOF_SIZE = 32
INQUIRY_ID_SIZE = 32
"""Hexadecimal digits, lower case."""

_DIGITS = frozenset("0123456789abcdef")


class SubjectProofError(CryptoError):
    """The inquiry's id is malformed, or the proof is not that of the subject."""


def subject_proof(inquiry_id: str, subject: bytes) -> bytes:
    """Return the 32 bytes of a proof.

    Args:
        inquiry_id: 32 lower-case hexadecimal digits; they are the key as they stand.
        subject: ``TYPE|value`` in normal form, or a scoped reference's 32 bytes.

    Raises:
        SubjectProofError: the id is malformed.
    """
    if len(inquiry_id) != INQUIRY_ID_SIZE or not _DIGITS.issuperset(inquiry_id):
        raise SubjectProofError("an inquiry's id is 32 lower-case hexadecimal digits")
    return hmac.digest(inquiry_id.encode(), subject, "sha256")


def verify_subject_proof(inquiry_id: str, subject: bytes, proof: bytes) -> None:
    """Check that a proof is that of this subject in this inquiry.

    Raises:
        SubjectProofError: it is not, or the id is malformed.
    """
    if not hmac.compare_digest(subject_proof(inquiry_id, subject), proof):
        raise SubjectProofError("the record is not proven to be that of the subject asked for")
