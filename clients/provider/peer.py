"""Who calls a provider: a gateway, by its certificate, looked at in every call.

Owns the check of name, TLS version and validity. The handshake has checked the chain. Refuses to
say to the caller which of them failed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from cryptography import x509

_SPIFFE: Final = re.compile(
    r"spiffe://([^/]+)/institution/([a-z0-9][a-z0-9-]{1,62})/workload/[a-z0-9][a-z0-9-]{0,62}"
)
_TLS13: Final = (b"TLSv1.3",)


class PeerRefused(Exception):
    """The caller is no gateway that this provider answers. The text names no caller."""


def require_gateway(
    auth_context: Mapping[str, Iterable[bytes]], trust_domain: str, gateways: Iterable[str]
) -> None:
    """Check what gRPC's ``auth_context()`` returns for THIS call.

    Raises:
        PeerRefused: it is not one of the gateways, or not over TLS 1.3, or not valid now.
    """
    if tuple(auth_context.get("ssl_tls_version", ())) != _TLS13:
        raise PeerRefused("the connection is not known to use TLS 1.3")
    pems = tuple(auth_context.get("x509_pem_cert", ()))
    if len(pems) != 1:
        raise PeerRefused("the caller presented no certificate")
    try:
        certificate = x509.load_pem_x509_certificate(pems[0])
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        raise PeerRefused("the caller's certificate cannot be read") from None
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    match = _SPIFFE.fullmatch(uris[0]) if len(uris) == 1 else None
    if match is None or match[1] != trust_domain or match[2] not in gateways:
        raise PeerRefused("the caller is not one of the gateways")
    now = datetime.now(UTC)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise PeerRefused("the caller's certificate is not valid now")
