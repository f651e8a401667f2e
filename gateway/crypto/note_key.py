"""Names and keys of signed notes: the verifier key text and the signer.

Owns the `<name>+<hash>+<base64>` form (C2SP signed-note; Go's golang.org/x/mod/sumdb/note) and
the key id. Refuses key types other than Ed25519 (0x01).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from gateway.crypto import base64_strict
from gateway.crypto.base64_strict import Base64Error
from gateway.crypto.ed25519 import PublicKey, SigningKey
from gateway.crypto.errors import KeyMaterialError

_ED25519 = b"\x01"


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
    """A named Ed25519 public key.

    Raises:
        KeyMaterialError: the name is not a key name.
    """

    name: str
    public_key: PublicKey

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        require_key_name(self.name)

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of SHA-256(name || 0x0A || 0x01 || public key)."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key.raw).digest()[:4]

    def encode(self) -> str:
        """The verifier key text, for example ``log.example+c74f20a3+ARpc2Q...``."""
        key = base64_strict.encode(_ED25519 + self.public_key.raw)
        return f"{self.name}+{self.key_id.hex()}+{key}"

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
        if value[:1] != _ED25519:
            raise KeyMaterialError("the verifier key is not an Ed25519 key")
        key = cls(name, PublicKey(value[1:]))
        if key.encode() != text:
            raise KeyMaterialError("the verifier key's hash is not that of its name and key")
        return key


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A named signing key.

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
