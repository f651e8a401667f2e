"""The collector's signature over a consent (DSSE with Ed25519).

Owns encoding a draft once and signing those very bytes. Refuses keys that are not Ed25519, and
artefacts above the gateway's limit. <https://github.com/secure-systems-lab/dsse>
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from clients.sdk.codecs.common import encode_artefact
from clients.sdk.consents.draft import ConsentDraftError, Draft
from clients.sdk.identity.profile import ClientProfile, ProfileError
from gateway.crypto.dsse import sign_payload
from gateway.crypto.ed25519 import SigningKey
from veilgate.v1 import consent_pb2

PAYLOAD_TYPE: Final = "application/vnd.veilgate.consent.v1+protobuf"
MAX_ARTEFACT_SIZE: Final = 16 * 1024


def sign(draft: Draft, signing_key: SigningKey, key_id: str) -> consent_pb2.SignedConsent:
    """Sign a draft under the id by which the Directory knows the key.

    Raises:
        ConsentDraftError: the artefact is above 16 KiB.
        DsseError: the key id is above 255 bytes.
    """
    artefact = encode_artefact(draft).SerializeToString(deterministic=True)
    if len(artefact) > MAX_ARTEFACT_SIZE:
        raise ConsentDraftError(f"the artefact is above {MAX_ARTEFACT_SIZE} bytes")
    envelope = sign_payload(PAYLOAD_TYPE, artefact, key_id, signing_key)
    (signature,) = envelope.signatures
    return consent_pb2.SignedConsent(
        artefact=envelope.payload, key_id=signature.keyid, signature=signature.sig
    )


def load_signing_key(profile: ClientProfile) -> tuple[SigningKey, str]:
    """The profile's signing key and the id under which it is registered.

    Raises:
        ProfileError: the profile names none, or the file is not an Ed25519 key in PKCS #8 PEM.
    """
    if profile.signing_key is None or profile.signing_key_id is None:
        raise ProfileError(
            "the profile names no signing key",
            "Add `signing_key` and `signing_key_id` to it; only a collector grants consents.",
        )
    return read_signing_key(profile.signing_key), profile.signing_key_id


def read_signing_key(path: Path) -> SigningKey:
    """The signing key of a file.

    Raises:
        ProfileError: the file is not an Ed25519 key in PKCS #8 PEM.
    """
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _not_a_key(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _not_a_key(path)
    return SigningKey.from_seed(key.private_bytes_raw())


def _not_a_key(path: Path) -> ProfileError:
    return ProfileError(
        f"{path} is not an unencrypted Ed25519 private key",
        "Put a PKCS #8 PEM file there, as `openssl genpkey -algorithm ed25519` writes it.",
    )
