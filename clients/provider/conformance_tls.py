"""Who is let in: checks of the conformance test that present the wrong thing.

Owns a certificate that vouches for itself, and a handshake that offers TLS 1.2 at most.
"""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from typing import Final

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from clients.provider.conformance_calls import Caller, CheckFailed, Target

_REFUSALS: Final = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
)
_LEAST_HANDSHAKE_S: Final = 2.0


def strangers_refused(target: Target, caller: Caller) -> str:
    """Call without a certificate, and with one that no authority signed."""
    caller.describe()
    seen = []
    for who, identity in (("no certificate", None), ("an own certificate", _self_signed(target))):
        code = _described(target, identity)
        if code not in _REFUSALS:
            raise CheckFailed(
                f"{who}: {code.name if code else 'answered'}",
                "Demand a client certificate, and trust the gateway's authority alone.",
            )
        seen.append(f"{who}: {code.name}")
    return ", ".join(seen)


def _described(target: Target, identity: tuple[bytes, bytes] | None) -> grpc.StatusCode | None:
    stranger = Caller(target, target.channel(identity))
    try:
        stranger.describe()
    except grpc.RpcError as error:
        code: grpc.StatusCode = error.code()
        return code
    finally:
        stranger.close()
    return None


def old_tls_refused(target: Target, caller: Caller) -> str:
    """Offer TLS 1.2 at most, with the right certificate."""
    caller.describe()
    context = ssl.create_default_context(cafile=str(target.ca))
    context.load_cert_chain(target.certificate, target.key)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    host, _, port = target.address.rpartition(":")
    name = target.server_name or host.strip("[]")
    patience = max(_LEAST_HANDSHAKE_S, target.timeout_s)
    with socket.create_connection((host.strip("[]"), int(port)), timeout=patience) as plain:
        try:
            with context.wrap_socket(plain, server_hostname=name) as secured:
                version = secured.version()
        except (ssl.SSLError, ConnectionError):
            return "the handshake was refused"
    raise CheckFailed(f"a handshake of {version}", "Set TLS 1.3 as the least version.")


def _self_signed(target: Target) -> tuple[bytes, bytes]:
    """Return a key and a certificate with the names of the right one, signed by itself."""
    right = x509.load_pem_x509_certificate(target.read(target.certificate))
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(right.subject)
        .issuer_name(right.issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
    )
    for one in right.extensions:
        if isinstance(one.value, x509.SubjectAlternativeName | x509.ExtendedKeyUsage):
            builder = builder.add_extension(one.value, one.critical)
    return (
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM),
    )
