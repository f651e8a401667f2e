"""Owns how the gateway listens: mutual TLS credentials and the limits of a connection.

It builds no credentials that go without a client certificate and opens no plaintext port. Who the
peer is, is decided in ``gateway.servicers.peer``; the TLS 1.3 floor is in
``gateway.servicers.tls_floor``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

_OTHERS: Final = 0o007
_INT32_MAX: Final = 2**31 - 1


class TransportError(ValueError):
    """Key material or limits that a secure server cannot be built from."""


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """PEM bytes of a server: its key, its chain (leaf first), and the CAs that clients chain to.

    Raises TransportError for a part that cannot be parsed, a key that does not belong to the leaf,
    or a client authority that is not a CA certificate (none at all cannot be parsed either).
    """

    private_key: bytes = field(repr=False)
    certificate_chain: bytes
    client_authorities: bytes

    def __post_init__(self) -> None:
        """Check that the parts parse and fit together."""
        chain = _certificates(self.certificate_chain, "the server certificate chain")
        authorities = _certificates(self.client_authorities, "the client authorities")
        if _public_key(self.private_key) != _spki(chain[0]):
            raise TransportError("the server key does not belong to the server certificate")
        if not all(_is_authority(certificate) for certificate in authorities):
            raise TransportError("a client authority is not a CA certificate")


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Paths of the PEM files that make up a TlsMaterial."""

    private_key: Path
    certificate_chain: Path
    client_authorities: Path

    def load(self) -> TlsMaterial:
        """Read the files. Raises TransportError, also for a key that any user may read."""
        try:
            if self.private_key.stat().st_mode & _OTHERS:
                raise TransportError("the server key file is open to every user of the machine")
            return TlsMaterial(
                private_key=self.private_key.read_bytes(),
                certificate_chain=self.certificate_chain.read_bytes(),
                client_authorities=self.client_authorities.read_bytes(),
            )
        except OSError as error:
            raise TransportError(f"a TLS file cannot be read: {error.filename}") from error


def server_credentials(tls: TlsFiles | TlsMaterial) -> grpc.ServerCredentials:
    """Credentials that demand a client certificate under ``client_authorities``.

    Raises TransportError as TlsFiles.load does.
    """
    material = tls.load() if isinstance(tls, TlsFiles) else tls
    return grpc.ssl_server_credentials(
        [(material.private_key, material.certificate_chain)],
        root_certificates=material.client_authorities,
        require_client_auth=True,
    )


@dataclass(frozen=True, slots=True)
class TransportLimits:
    """What one connection may cost; sizes in bytes, times in milliseconds.

    Defaults suit small unary messages. ``connection_age_ms`` of None sets no age. Raises
    TransportError for a limit that is not positive or exceeds an int32 (grpcio takes -1 as
    "unlimited", which is never meant here).
    """

    receive_message_bytes: int = 64 * 1024
    send_message_bytes: int = 1024 * 1024
    metadata_bytes: int = 8 * 1024
    concurrent_streams: int = 128
    connections: int = 1024
    handshake_timeout_ms: int = 10_000
    keepalive_ms: int = 60_000
    keepalive_timeout_ms: int = 10_000
    client_ping_interval_ms: int = 30_000
    client_ping_strikes: int = 2
    connection_idle_ms: int = 15 * 60_000
    connection_age_ms: int | None = None
    connection_age_grace_ms: int = 30_000
    reset_ping_percent: int = 5
    share_port: bool = False

    def __post_init__(self) -> None:
        """Check the range of every limit."""
        for name, value in self.to_channel_args():
            if name != "grpc.so_reuseport" and not 0 < value <= _INT32_MAX:
                raise TransportError(f"{name} must lie between 1 and {_INT32_MAX}")
        if self.reset_ping_percent > 100:
            raise TransportError("reset_ping_percent is a percentage")

    def to_channel_args(self) -> list[tuple[str, int]]:
        """The ``options`` of ``grpc.aio.server`` (names: grpc's ``channel_arg_names.h``)."""
        args = [
            ("grpc.max_receive_message_length", self.receive_message_bytes),
            ("grpc.max_send_message_length", self.send_message_bytes),
            # Between the soft and the hard limit grpc refuses at random, so the two are one.
            ("grpc.max_metadata_size", self.metadata_bytes),
            ("grpc.absolute_max_metadata_size", self.metadata_bytes),
            ("grpc.max_concurrent_streams", self.concurrent_streams),
            ("grpc.max_allowed_incoming_connections", self.connections),
            ("grpc.server_handshake_timeout_ms", self.handshake_timeout_ms),
            ("grpc.keepalive_time_ms", self.keepalive_ms),
            ("grpc.keepalive_timeout_ms", self.keepalive_timeout_ms),
            ("grpc.http2.min_ping_interval_without_data_ms", self.client_ping_interval_ms),
            ("grpc.http2.max_ping_strikes", self.client_ping_strikes),
            ("grpc.max_connection_idle_ms", self.connection_idle_ms),
            ("grpc.http2.ping_on_rst_stream_percent", self.reset_ping_percent),
            # Two servers on one port share its calls silently unless this is 0.
            ("grpc.so_reuseport", int(self.share_port)),
        ]
        if self.connection_age_ms is not None:
            args.append(("grpc.max_connection_age_ms", self.connection_age_ms))
            args.append(("grpc.max_connection_age_grace_ms", self.connection_age_grace_ms))
        return args


def _certificates(pem: bytes, what: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise TransportError(f"{what} cannot be parsed as PEM certificates") from None


def _spki(certificate: x509.Certificate) -> bytes:
    key = certificate.public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _public_key(private_key: bytes) -> bytes:
    try:
        key = load_pem_private_key(private_key, password=None)
    except (ValueError, TypeError):
        raise TransportError("the server key cannot be parsed as an unencrypted PEM key") from None
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return False
