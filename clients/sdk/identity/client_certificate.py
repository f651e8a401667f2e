"""A client certificate as its owner holds it: what of it the Directory keeps, and when it ends.

Refuses what could name nobody: a certificate without exactly one URI. Whether it is trusted is the
gateway's to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from clients.sdk.failure import RequestError


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """The first certificate of a PEM text; a chain may follow it.

    Raises:
        RequestError: there is none, or it has not exactly one URI.
    """

    pem: bytes

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if len(_uris(self._parsed())) != 1:
            raise RequestError(
                "the certificate carries not exactly one URI",
                "Ask its authority for one that does.",
            )

    @property
    def der(self) -> bytes:
        """What is sent."""
        return self._parsed().public_bytes(Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the DER form, in lower-case hex."""
        return self._parsed().fingerprint(SHA256()).hex()

    @property
    def ends(self) -> datetime:
        """Its own end, with a time zone."""
        return self._parsed().not_valid_after_utc

    @property
    def uri(self) -> str:
        """The workload that it names (SPIFFE)."""
        return _uris(self._parsed())[0]

    def _parsed(self) -> x509.Certificate:
        try:
            return x509.load_pem_x509_certificates(self.pem)[0]
        except ValueError as error:
            raise RequestError(
                "this is not a certificate in PEM", "Give the file that its authority sent."
            ) from error


def _uris(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return []
    return names.get_values_for_type(x509.UniformResourceIdentifier)
