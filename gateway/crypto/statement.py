"""Statements that institutions sign with the key of their short-lived certificate.

Owns signing (ECDSA P-256 with SHA-256 over the DSSE encoding, so that bytes are signed together
with their type) and checking a chain against the verifier's own anchors: whoever relays a statement
is not asked who made it. Refuses chains that do not lead to an anchor, certificates that are out of
date or live longer than allowed (a relay can hide revocations, so they must run out soon), that are
no workload's, and keys of another kind.

Assumption: the anchors' authorities sign for nobody but the named workload; ECDSA on P-256, some
128 bits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from gateway.crypto.dsse import pae
from gateway.crypto.errors import CryptoError, SignatureError

MAX_CHAIN = 4
MAX_CERTIFICATE_BYTES = 16 * 1024
MAX_LIFE_S = 7 * 24 * 3600
_SPIFFE = re.compile(
    r"spiffe://([^/]+)/institution/([a-z0-9][a-z0-9-]{1,62})/workload/([a-z0-9][a-z0-9-]{0,62})"
)
_ALGORITHM = ec.ECDSA(SHA256())


class StatementError(CryptoError):
    """A statement's chain is malformed, foreign, out of date or too long-lived."""


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """Bytes, the signature over them, and the signer's chain (DER, the leaf first)."""

    payload: bytes
    signature: bytes
    chain: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Signer:
    """Who made a statement, by its certificate."""

    institution: str
    workload: str
    fingerprint: str
    """SHA-256 of the certificate, in hex."""


@dataclass(frozen=True, slots=True, eq=False)
class StatementKey:
    """A workload's key and chain, as it signs with."""

    key: ec.EllipticCurvePrivateKey
    chain: tuple[bytes, ...]

    def sign(self, payload_type: str, payload: bytes) -> SignedStatement:
        """Sign a payload together with its type."""
        return SignedStatement(
            payload, self.key.sign(pae(payload_type, payload), _ALGORITHM), self.chain
        )


def statement_key(key: object, certificates_pem: bytes) -> StatementKey:
    """Put a private key and its PEM chain (leaf first) together.

    Raises:
        StatementError: the key is not on P-256, does not belong to the leaf, or the chain is long.
    """
    try:
        certificates = x509.load_pem_x509_certificates(certificates_pem)
    except ValueError:
        raise StatementError("the certificates are not PEM") from None
    if len(certificates) > MAX_CHAIN:
        raise StatementError("the chain is too long")
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise StatementError("a statement is signed by a key on P-256")
    if key.public_key() != certificates[0].public_key():
        raise StatementError("the key does not belong to the certificate")
    return StatementKey(key, tuple(one.public_bytes(Encoding.DER) for one in certificates))


class Anchors:
    """The authorities that a verifier trusts by itself, of one trust domain."""

    def __init__(self, authorities_pem: bytes, trust_domain: str, max_life_s: int = MAX_LIFE_S):
        """Take PEM certificates.

        Raises:
            StatementError: they are none, or no PEM.
        """
        try:
            self._store = Store(x509.load_pem_x509_certificates(authorities_pem))
        except ValueError:
            raise StatementError("the authorities are not PEM certificates") from None
        self._trust_domain = trust_domain
        self._max_life_s = max_life_s

    def verify(self, payload_type: str, statement: SignedStatement, now: float) -> Signer:
        """Return who signed; ``now`` is Unix seconds.

        Raises:
            StatementError: the chain is not one that the class lets through.
            SignatureError: the signature is not over this payload of this type.
        """
        leaf, signer = self._signer(statement.chain, now)
        key = leaf.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
            raise StatementError("a statement is signed by a key on P-256")
        try:
            key.verify(statement.signature, pae(payload_type, statement.payload), _ALGORITHM)
        except InvalidSignature:
            raise SignatureError("the signature does not hold") from None
        return signer

    def _signer(self, chain: Sequence[bytes], now: float) -> tuple[x509.Certificate, Signer]:
        if not 1 <= len(chain) <= MAX_CHAIN or any(len(c) > MAX_CERTIFICATE_BYTES for c in chain):
            raise StatementError("a chain has 1 to 4 certificates of 16 KiB at most")
        try:
            leaf, *others = (_parsed(one) for one in chain)
            moment = datetime.fromtimestamp(now, UTC)
            verifier = PolicyBuilder().store(self._store).time(moment).build_client_verifier()
            verifier.verify(leaf, others)
        except (ValueError, VerificationError, x509.UnsupportedGeneralNameType):
            raise StatementError("the chain does not lead to a trusted authority") from None
        life = leaf.not_valid_after_utc - leaf.not_valid_before_utc
        if life.total_seconds() > self._max_life_s:
            raise StatementError("the certificate lives too long")
        return leaf, self._named(leaf, chain[0])

    def _named(self, leaf: x509.Certificate, der: bytes) -> Signer:
        try:
            names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            raise StatementError("the certificate names no workload") from None
        uris = names.get_values_for_type(x509.UniformResourceIdentifier)
        match = _SPIFFE.fullmatch(uris[0]) if len(uris) == 1 else None
        if match is None or match[1] != self._trust_domain:
            raise StatementError("the certificate names no workload of this trust domain")
        return Signer(match[2], match[3], sha256(der).hexdigest())


@lru_cache(maxsize=1024)
def _parsed(der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)
