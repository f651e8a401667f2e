"""Institutions for tests of the Directory below gRPC: enrolments and agreements, each a fresh one.

Owns ids that no other test of the process uses. Refuses real certificates: a fingerprint will do.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import count
from typing import Any
from uuid import uuid4

import msgspec

from gateway.domain.enrolment import (
    Certificate,
    Contract,
    CredentialChange,
    Enrolment,
    SigningKey,
)
from gateway.domain.vocabulary import Jurisdiction, Role

_FRESH = count(1)
FAR = 4_000_000_000
"""A second that never comes here."""


def fingerprint(name: str) -> str:
    """A fingerprint that follows from a name."""
    return sha256(name.encode()).hexdigest()


def certificate(name: str, not_after: int = FAR) -> Certificate:
    """A certificate's record."""
    return Certificate(fingerprint(name), not_after)


def key(name: str) -> SigningKey:
    """A signing key's record."""
    return SigningKey(name, sha256(b"key" + name.encode()).digest())


def enrolment(*roles: Role, name: str = "", **changes: Any) -> Enrolment:
    """An enrolment with one certificate ``<id>-c1`` and one key ``<id>-k1``."""
    institution = name or f"member-{next(_FRESH)}"
    plain = Enrolment(
        institution,
        f"{institution}-group",
        frozenset(roles or (Role.LENDER,)),
        Jurisdiction.CN,
        (certificate(f"{institution}-c1"),),
        (key(f"{institution}-k1"),),
        b"",
    )
    changed = msgspec.structs.replace(plain, **changes)
    digest = sha256(msgspec.json.encode(changed, enc_hook=sorted)).digest()
    return msgspec.structs.replace(changed, digest=digest)


def change(institution: str, **parts: Any) -> CredentialChange:
    """A change with a fresh id; ``parts`` are fields of it."""
    whole: dict[str, Any] = {
        "certificates": (),
        "signing_keys": (),
        "retired_certificates": (),
        "retired_signing_keys": (),
        "overlap_s": 0,
        "digest": sha256(repr(sorted(parts.items())).encode()).digest(),
    }
    return CredentialChange(institution, str(uuid4()), **{**whole, **parts})


def contract(institution: str, **parts: Any) -> Contract:
    """An agreement over all time with a fresh id; ``parts`` are fields of it."""
    whole: dict[str, Any] = {
        "datasets": ("credit.applicant",),
        "purposes": ("credit",),
        "valid_from": 0,
        "valid_until": FAR,
        "evidence_sha256": bytes(32),
    }
    return Contract(str(uuid4()), institution, **{**whole, **parts})
