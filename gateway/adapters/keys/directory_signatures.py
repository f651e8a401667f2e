"""The check of an institution's signature over what it asks of the Directory (DSSE, Ed25519)."""

from gateway.crypto.dsse import pae
from gateway.crypto.ed25519 import PublicKey
from gateway.crypto.errors import CryptoError
from gateway.domain.reasons import ErrorReason, refuse


def verify_request(payload_type: str, payload: bytes, public_key: bytes, signature: bytes) -> None:
    """Return if the signature is the key's over these bytes, else raise ``Refused``."""
    try:
        PublicKey(public_key).verify(signature, pae(payload_type, payload))
    except CryptoError as error:
        raise refuse(ErrorReason.ENROLMENT_SIGNATURE_INVALID, "signature") from error
