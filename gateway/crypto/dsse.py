"""DSSE version 1 with Ed25519 signatures (<https://github.com/secure-systems-lab/dsse>).

Owns signing bytes together with their type, and the strict JSON form. Refuses to hand out a
payload before a threshold of trusted keys has signed it, and to take a key id for a key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.crypto.ed25519 import PublicKey, SigningKey
from gateway.crypto.errors import CryptoError, SignatureError

MAX_SIGNATURES = 16
MAX_TEXT_SIZE = 255
"""Bytes of a payload type or key id."""
MAX_PAYLOAD_SIZE = 1 << 20


class DsseError(CryptoError):
    """The envelope is malformed, or exceeds a bound."""


def pae(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding: what is signed (DSSE protocol, "Signature Definition")."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


@dataclass(frozen=True, slots=True)
class DsseSignature:
    """A signature and an unauthenticated hint (empty for none) at the key that made it."""

    keyid: str
    sig: bytes

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if len(_utf8(self.keyid)) > MAX_TEXT_SIZE:
            raise DsseError(f"a key id is at most {MAX_TEXT_SIZE} bytes")
        if not 1 <= len(self.sig) <= MAX_TEXT_SIZE:
            raise DsseError(f"a signature is 1 to {MAX_TEXT_SIZE} bytes")


@dataclass(frozen=True, slots=True)
class DsseEnvelope:
    """A typed payload and 1 to 16 signatures, none of them verified yet.

    Raises:
        DsseError: a bound is exceeded or the payload type is empty.
    """

    payload_type: str
    payload: bytes
    signatures: tuple[DsseSignature, ...]

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if not 1 <= len(_utf8(self.payload_type)) <= MAX_TEXT_SIZE:
            raise DsseError(f"a payload type is 1 to {MAX_TEXT_SIZE} bytes")
        if len(self.payload) > MAX_PAYLOAD_SIZE:
            raise DsseError(f"a payload is at most {MAX_PAYLOAD_SIZE} bytes")
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            raise DsseError(f"an envelope has 1 to {MAX_SIGNATURES} signatures")

    def verify(self, payload_type: str, keys: Iterable[PublicKey], *, threshold: int = 1) -> bytes:
        """Return the payload once `threshold` different keys of `keys` have signed it.

        Key ids are not looked at: they are hints that anybody can change.

        Raises:
            DsseError: the payload is of another type.
            SignatureError: fewer than `threshold` keys have signed, or `threshold` is below 1.
        """
        if self.payload_type != payload_type:
            raise DsseError("the envelope's payload is of another type")
        message = pae(self.payload_type, self.payload)
        signers = sum(self._is_signed_by(key, message) for key in frozenset(keys))
        if threshold < 1 or signers < threshold:
            raise SignatureError(f"{signers} trusted keys signed the envelope, not {threshold}")
        return self.payload

    def _is_signed_by(self, key: PublicKey, message: bytes) -> bool:
        for signature in self.signatures:
            try:
                key.verify(signature.sig, message)
            except SignatureError:
                continue
            return True
        return False

    def with_signature(self, keyid: str, key: SigningKey) -> DsseEnvelope:
        """The envelope with one signature more, after those it has."""
        sig = key.sign(pae(self.payload_type, self.payload))
        return DsseEnvelope(
            self.payload_type, self.payload, (*self.signatures, DsseSignature(keyid, sig))
        )


def sign_payload(payload_type: str, payload: bytes, keyid: str, key: SigningKey) -> DsseEnvelope:
    """Sign a payload together with its type.

    Raises:
        DsseError: a bound is exceeded or the payload type is empty.
    """
    sig = key.sign(pae(payload_type, payload))
    return DsseEnvelope(payload_type, payload, (DsseSignature(keyid, sig),))


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise DsseError("the text is not valid Unicode") from error
