"""Owns who the caller is: the client certificate of a call, read again on every call.

gRPC has checked the chain during the handshake. What it does not check is checked here: the
SPIFFE name, the purpose of the certificate, the TLS version, and the validity period NOW, since a
connection may outlive its certificate. It trusts no name from a request, does not know which
institutions exist or whose certificate is revoked (the Directory does), and reads no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID

TRUST_DOMAIN: Final = "veilgate.example"
_INSTITUTION: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_WORKLOAD: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")
_SPIFFE: Final = re.compile(r"spiffe://([^/]+)/institution/([^/]+)/workload/([^/]+)")
_TLS13: Final = (b"TLSv1.3",)
_MAX_PEM_BYTES: Final = 16 * 1024
_CACHED_CERTIFICATES: Final = 1024
_UNREADABLE: Final = (
    ValueError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


class PeerRefusal(StrEnum):
    """Why a peer is nobody to the gateway."""

    TLS_VERSION = "the connection is not known to use TLS 1.3"
    NO_CERTIFICATE = "the peer presented no certificate"
    UNPARSABLE = "the peer certificate cannot be parsed"
    CERTIFICATE_AUTHORITY = "the peer certificate is one of an authority, not of a workload"
    WRONG_USAGE = "the peer certificate is not for client authentication"
    WRONG_NAME = "the peer certificate does not carry exactly one URI of the institution form"
    FOREIGN_TRUST_DOMAIN = "the peer certificate belongs to another trust domain"
    NOT_YET_VALID = "the peer certificate is not valid yet"
    EXPIRED = "the peer certificate has expired"


class PeerRefused(Exception):
    """The peer of a call is not an authenticated workload; carries the reason, never the name."""

    def __init__(self, reason: PeerRefusal) -> None:
        super().__init__(reason.value)
        self.reason: Final = reason


@dataclass(frozen=True, slots=True)
class PeerCertificate:
    """An authenticated workload. Fingerprint: lower-case hex of SHA-256 over the DER certificate.

    ``not_before`` and ``not_after`` are unix seconds, both inclusive (RFC 5280, 4.1.2.5). Raises
    ValueError for parts that no certificate of ours can have.
    """

    fingerprint: str
    institution_id: str
    workload: str
    not_before: int
    not_after: int

    def __post_init__(self) -> None:
        """Check every part against its form."""
        if not _FINGERPRINT.fullmatch(self.fingerprint):
            raise ValueError("fingerprint must be 64 lower-case hex digits")
        if not _INSTITUTION.fullmatch(self.institution_id):
            raise ValueError("institution_id has not the form of an institution id")
        if not _WORKLOAD.fullmatch(self.workload):
            raise ValueError("workload has not the form of a workload name")
        if self.not_before > self.not_after:
            raise ValueError("not_before lies after not_after")


def peer_certificate(
    auth_context: Mapping[str, Iterable[bytes]],
    now: float,
    *,
    trust_domain: str = TRUST_DOMAIN,
) -> PeerCertificate:
    """The workload at the other end of a call, or PeerRefused.

    ``auth_context`` is what gRPC's ``ServicerContext.auth_context()`` returns for THIS call; never
    hand-made, never remembered by ``peer()``, since addresses are reused. ``now`` is in unix
    seconds. A context that does not show the TLS version is refused: grpcio shows it since 1.85.
    Names follow SPIFFE X509-SVID, sections 2 and 4.
    """
    pems = tuple(auth_context.get("x509_pem_cert", ()))
    if not pems:
        raise PeerRefused(PeerRefusal.NO_CERTIFICATE)
    if tuple(auth_context.get("ssl_tls_version", ())) != _TLS13:
        raise PeerRefused(PeerRefusal.TLS_VERSION)
    if len(pems) != 1 or len(pems[0]) > _MAX_PEM_BYTES:
        raise PeerRefused(PeerRefusal.UNPARSABLE)
    peer = _examined(pems[0], trust_domain)
    if isinstance(peer, PeerRefusal):
        raise PeerRefused(peer)
    if now < peer.not_before:
        raise PeerRefused(PeerRefusal.NOT_YET_VALID)
    # Put so that a NaN refuses.
    if not now <= peer.not_after:
        raise PeerRefused(PeerRefusal.EXPIRED)
    return peer


def certificate_to_register(der: bytes, trust_domain: str) -> PeerCertificate:
    """What a certificate (DER) says that is to be registered; it must be one that calls could use.

    Raises PeerRefused; whether it is valid now is left to the caller.
    """
    try:
        return _read(x509.load_der_x509_certificate(der), trust_domain)
    except _UNREADABLE:
        raise PeerRefused(PeerRefusal.UNPARSABLE) from None


@lru_cache(maxsize=_CACHED_CERTIFICATES)
def _examined(pem: bytes, trust_domain: str) -> PeerCertificate | PeerRefusal:
    # A refusal is remembered as well, or a bad certificate would cost a parse on every call.
    try:
        return _read(x509.load_pem_x509_certificate(pem), trust_domain)
    except PeerRefused as refused:
        return refused.reason
    except _UNREADABLE:
        return PeerRefusal.UNPARSABLE


def _read(certificate: x509.Certificate, trust_domain: str) -> PeerCertificate:
    _require_client_leaf(certificate.extensions)
    institution_id, workload = _spiffe_name(certificate.extensions, trust_domain)
    return PeerCertificate(
        fingerprint=certificate.fingerprint(SHA256()).hex(),
        institution_id=institution_id,
        workload=workload,
        not_before=int(certificate.not_valid_before_utc.timestamp()),
        not_after=int(certificate.not_valid_after_utc.timestamp()),
    )


def _require_client_leaf(extensions: x509.Extensions) -> None:
    try:
        if extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise PeerRefused(PeerRefusal.CERTIFICATE_AUTHORITY)
    except x509.ExtensionNotFound:
        pass  # An absent extension says the same as cA FALSE (RFC 5280, 4.2.1.9).
    try:
        usages = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        raise PeerRefused(PeerRefusal.WRONG_USAGE) from None
    if ExtendedKeyUsageOID.CLIENT_AUTH not in usages:
        raise PeerRefused(PeerRefusal.WRONG_USAGE)


def _spiffe_name(extensions: x509.Extensions, trust_domain: str) -> tuple[str, str]:
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        raise PeerRefused(PeerRefusal.WRONG_NAME) from None
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    match = _SPIFFE.fullmatch(uris[0]) if len(uris) == 1 else None
    if match is None:
        raise PeerRefused(PeerRefusal.WRONG_NAME)
    domain, institution_id, workload = match.groups()
    if domain != trust_domain:
        raise PeerRefused(PeerRefusal.FOREIGN_TRUST_DOMAIN)
    if not (_INSTITUTION.fullmatch(institution_id) and _WORKLOAD.fullmatch(workload)):
        raise PeerRefused(PeerRefusal.WRONG_NAME)
    return institution_id, workload
