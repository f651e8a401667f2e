"""The check of a collector's signature over a consent artefact (DSSE, Ed25519)."""

from typing import Final

from gateway.application.ports.ledger import NewConsent
from gateway.crypto.dsse import pae
from gateway.crypto.ed25519 import PublicKey
from gateway.crypto.errors import CryptoError
from gateway.domain.reasons import ErrorReason, refuse

PAYLOAD_TYPE: Final = "application/vnd.veilgate.consent.v1+protobuf"


def verify_consent(public_key: bytes, consent: NewConsent) -> None:
    """Return if the signature is the key's over these bytes, else raise ``Refused``."""
    signed = consent.signed
    try:
        PublicKey(public_key).verify(signed.signature, pae(PAYLOAD_TYPE, signed.artefact))
    except CryptoError as error:
        raise refuse(ErrorReason.CONSENT_SIGNATURE_INVALID, "signature") from error
