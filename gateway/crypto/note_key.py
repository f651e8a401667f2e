"""Names and keys of signed notes: the verifier key text and the signer.

Owns the `<name>+<hash>+<base64>` form (C2SP signed-note; Go's golang.org/x/mod/sumdb/note) and
the key id. Refuses key types other than those of Ed25519: 0x01, which signs notes, and 0x04, which
cosigns checkpoints as a witness (C2SP tlog-cosignature).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from hashlib import sha256

from gateway.crypto import base64_strict
from gateway.crypto.base64_strict import Base64Error
from gateway.crypto.ed25519 import PublicKey, SigningKey
from gateway.crypto.errors import KeyMaterialError


class SignatureType(Enum):
    """What a key signs; the value is the type byte in its id and its verifier key text."""

    NOTE = b"\x01"
    COSIGNATURE = b"\x04"


def require_key_name(name: str) -> None:
    """Check a key name: not empty, no white space, no plus sign, no control character.

    Raises:
        KeyMaterialError: it is not a key name.
    """
    if not name or "+" in name or any(c.isspace() or c < " " for c in name):
        raise KeyMaterialError("a key name is not empty and holds neither space nor plus")
    if any("\ud800" <= char <= "\udfff" for char in name):
        raise KeyMaterialError("a key name is valid Unicode")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A named Ed25519 public key of a log (the default) or of a witness.

    One public key under two types is two keys: a signature of the one says nothing of the other.

    Raises:
        KeyMaterialError: the name is not a key name.
    """

    name: str
    public_key: PublicKey
    signature_type: SignatureType = SignatureType.NOTE

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        require_key_name(self.name)

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of SHA-256(name || 0x0A || type || public key)."""
        return sha256(self.name.encode() + b"\n" + self._typed_key()).digest()[:4]

    def encode(self) -> str:
        """The verifier key text, for example ``log.example+c74f20a3+ARpc2Q...``."""
        return f"{self.name}+{self.key_id.hex()}+{base64_strict.encode(self._typed_key())}"

    def _typed_key(self) -> bytes:
        return self.signature_type.value + self.public_key.raw

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Parse a verifier key text; `parse(text).encode() == text`.

        Raises:
            KeyMaterialError: it has another form or type, or the hash is not the key's.
        """
        # Base64 may itself hold a plus sign, a name and a hash may not.
        name, _, rest = text.partition("+")
        _, _, encoded = rest.partition("+")
        try:
            value = base64_strict.decode(encoded)
        except Base64Error as error:
            raise KeyMaterialError("a verifier key ends in base64") from error
        try:
            signature_type = SignatureType(value[:1])
        except ValueError:
            raise KeyMaterialError("the verifier key is not an Ed25519 key") from None
        key = cls(name, PublicKey(value[1:]), signature_type)
        if key.encode() != text:
            raise KeyMaterialError("the verifier key's hash is not that of its name and key")
        return key


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A named signing key, as a log has it; a witness has a `cosignature.Cosigner`.

    Raises:
        KeyMaterialError: the name is not a key name.
    """

    name: str
    signing_key: SigningKey

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        require_key_name(self.name)

    @property
    def verifier_key(self) -> VerifierKey:
        """What to hand to verifiers."""
        return VerifierKey(self.name, self.signing_key.public_key)

    def sign(self, text: str) -> bytes:
        """The 64-byte Ed25519 signature over the text's UTF-8."""
        return self.signing_key.sign(text.encode())
