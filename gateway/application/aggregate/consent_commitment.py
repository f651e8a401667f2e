"""The commitment to a consent that stands in a subject's question: one for all contributors.

Owns its form. Salted with a key of the gateway's, so that nobody can try consents against it, and
not at random, so that the gateway can say later which consent it was.
"""

from __future__ import annotations

from hashlib import sha256

from gateway.application.ports.subject_tags import SubjectTags

_LABEL = b"veilgate/consent/v1"


def consent_commitment(
    keyed: SubjectTags, asker: str, consent_id: str, tags: tuple[str, ...]
) -> str:
    """Return the commitment to a consent of the asker's, for these tag commitments, in hex."""
    salt = keyed.consent_salt(asker, consent_id, tags)
    parts = (_LABEL, salt, consent_id.encode())
    return sha256(b"".join(len(one).to_bytes(4, "big") + one for one in parts)).hexdigest()
