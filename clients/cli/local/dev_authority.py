"""Owns a DEVELOPMENT certificate authority, for the demo and the tests.

Its key lies unencrypted beside its certificates, and it issues whatever it is asked for. The
gateway issues no certificate and does not import this module; a deployment brings its own
authority. No leaf lives longer than thirty days.
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

TRUST_DOMAIN: Final = "veilgate.example"
MAX_LIFETIME: Final = timedelta(days=30)
_AUTHORITY_LIFETIME: Final = timedelta(days=60)
_CLOCK_SKEW: Final = timedelta(minutes=5)
_STEM: Final = "authority"


class Usage(Enum):
    """An extended key usage (RFC 5280, 4.2.1.12)."""

    CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
    SERVER = ExtendedKeyUsageOID.SERVER_AUTH


class DevAuthorityError(Exception):
    """A certificate that even a development authority does not issue, or files it cannot use."""


def spiffe_uri(institution_id: str, workload: str, trust_domain: str = TRUST_DOMAIN) -> str:
    """The name of a workload of an institution, as the gateway expects it in the SAN."""
    return f"spiffe://{trust_domain}/institution/{institution_id}/workload/{workload}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafRequest:
    """What a leaf certificate says. The names are not checked: tests need wrong ones.

    ``starts_in`` counts from the time of issue, so an expired leaf starts two days ago and lives
    one. Raises DevAuthorityError for a lifetime that is not positive or exceeds thirty days.
    """

    common_name: str
    usages: tuple[Usage, ...] = (Usage.CLIENT,)
    uris: tuple[str, ...] = ()
    dns_names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    starts_in: timedelta = -_CLOCK_SKEW
    lifetime: timedelta = timedelta(hours=24)

    def __post_init__(self) -> None:
        """Check the lifetime."""
        if not timedelta(0) < self.lifetime <= MAX_LIFETIME:
            raise DevAuthorityError("a development certificate lives between 0 and 30 days")

    @classmethod
    def institution(
        cls,
        institution_id: str,
        workload: str = "integrator",
        lifetime: timedelta = timedelta(hours=24),
    ) -> Self:
        """A client certificate for a workload of an institution."""
        uris = (spiffe_uri(institution_id, workload),)
        return cls(common_name=institution_id, uris=uris, lifetime=lifetime)

    @classmethod
    def gateway(cls) -> Self:
        """A server certificate for a gateway on this machine."""
        return cls(
            common_name="veilgate gateway",
            usages=(Usage.SERVER,),
            dns_names=("localhost",),
            addresses=("127.0.0.1",),
        )


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its private key, both PEM (the key PKCS #8, unencrypted)."""

    certificate: bytes
    private_key: bytes = field(repr=False)

    def write(self, directory: Path, stem: str) -> tuple[Path, Path]:
        """Write ``<stem>.pem`` and ``<stem>.key`` (mode 0600); returns the two paths."""
        directory.mkdir(parents=True, exist_ok=True)
        certificate, key = directory / f"{stem}.pem", directory / f"{stem}.key"
        certificate.write_bytes(self.certificate)
        with open(key, "wb", opener=_open_private) as file:
            # The mode of a file that was there before is not changed by opening it.
            os.fchmod(file.fileno(), 0o600)
            file.write(self.private_key)
        return certificate, key


@dataclass(frozen=True, slots=True)
class DevAuthority:
    """A root with an EC P-256 key that signs leaves and nothing else (path length 0)."""

    _certificate: x509.Certificate
    _key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def create(cls, name: str = "Veilgate development authority") -> Self:
        """A new authority with a key of its own, valid for sixty days."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject, now = _name(name), datetime.now(UTC)
        unsigned = _builder(subject, subject, key, now - _CLOCK_SKEW, _AUTHORITY_LIFETIME)
        unsigned = unsigned.add_extension(x509.BasicConstraints(True, 0), critical=True)
        unsigned = unsigned.add_extension(_key_usage(signs_certificates=True), critical=True)
        return cls(_signed(unsigned, key, key), key)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """The authority that ``save`` wrote. Raises DevAuthorityError."""
        try:
            certificate = (directory / f"{_STEM}.pem").read_bytes()
            secret = (directory / f"{_STEM}.key").read_bytes()
            key = serialization.load_pem_private_key(secret, password=None)
            loaded = x509.load_pem_x509_certificate(certificate)
        except (OSError, ValueError, TypeError) as error:
            raise DevAuthorityError("no usable development authority in that folder") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != (
            loaded.public_key()
        ):
            raise DevAuthorityError("the authority's key does not belong to its certificate")
        return cls(loaded, key)

    def save(self, directory: Path) -> tuple[Path, Path]:
        """Write ``authority.pem`` and ``authority.key``; returns the two paths."""
        return Issued(self.certificate, _private_pem(self._key)).write(directory, _STEM)

    @property
    def certificate(self) -> bytes:
        """The root certificate, PEM."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, request: LeafRequest) -> Issued:
        """A leaf with a new key, signed by this authority."""
        return _leaf(request, self._certificate.subject, self._key)


def self_signed(request: LeafRequest) -> Issued:
    """A leaf that vouches for itself: no authority signed it."""
    return _leaf(request, None, None)


def _leaf(
    request: LeafRequest, issuer: x509.Name | None, signer: ec.EllipticCurvePrivateKey | None
) -> Issued:
    key, subject = ec.generate_private_key(ec.SECP256R1()), _name(request.common_name)
    start = datetime.now(UTC) + request.starts_in
    unsigned = _builder(subject, issuer or subject, key, start, request.lifetime)
    unsigned = unsigned.add_extension(x509.BasicConstraints(False, None), critical=True)
    unsigned = unsigned.add_extension(_key_usage(signs_certificates=False), critical=True)
    if request.usages:
        usages = x509.ExtendedKeyUsage([usage.value for usage in request.usages])
        unsigned = unsigned.add_extension(usages, critical=False)
    if names := _general_names(request):
        unsigned = unsigned.add_extension(x509.SubjectAlternativeName(names), critical=False)
    certificate = _signed(unsigned, key, signer or key)
    return Issued(certificate.public_bytes(serialization.Encoding.PEM), _private_pem(key))


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    start: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lifetime)
    )


def _signed(
    unsigned: x509.CertificateBuilder,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    subject_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    identified = unsigned.add_extension(subject_id, critical=False)
    return identified.add_extension(issuer_id, critical=False).sign(signer, hashes.SHA256())


def _general_names(request: LeafRequest) -> list[x509.GeneralName]:
    return [
        *(x509.UniformResourceIdentifier(uri) for uri in request.uris),
        *(x509.DNSName(name) for name in request.dns_names),
        *(x509.IPAddress(ipaddress.ip_address(address)) for address in request.addresses),
    ]


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
