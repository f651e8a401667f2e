"""A private key at rest: sealed by a password or by a key file.

Owns the sealed form: AES-256-GCM (NIST SP 800-38D) under a key that scrypt (RFC 7914) makes of a
password, or HKDF-SHA256 (RFC 5869) of a file of random bytes, with a fresh salt of 32 bytes for
each sealing, so that a nonce never meets its key again. What stands in clear beside the box is
bound to it as associated data. Refuses an empty password, a short or readable key file, and costs
of scrypt that nobody here would have written.

Assumption: the password is hard to guess at 128 MiB and some 0.3 s a guess, or the file is secret.
Level: 128 bits with a file, the password's otherwise.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from msgspec import Meta

from clients.keyholder.errors import KeyholderError
from clients.keyholder.files import read_private

COST: Final = 1 << 17
"""scrypt's N; with r = 8 a guess takes 128 MiB."""
MIN_FILE_BYTES: Final = 32
_MAX_FILE_BYTES: Final = 4096
_SALT: Final = 32
_BLOCK: Final = 8
# One key for one message: the salt is fresh, so the nonce may be fixed.
_NONCE: Final = bytes(12)
_INFO: Final = b"veilgate/keyholder/key-at-rest/v1"
_NEXT: Final = "Give the password or the key file that the key was made with."


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A box as it is stored; bytes are hexadecimal. ``cost`` is scrypt's N, 0 for a key file."""

    by: Literal["password", "file"]
    cost: Annotated[int, Meta(ge=0, le=1 << 20)]
    salt: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    box: Annotated[str, Meta(pattern=r"^([0-9a-f]{2})+$", max_length=65_536)]


@dataclass(frozen=True, slots=True)
class Secret:
    """What seals: a password's bytes, or those of a key file."""

    by: Literal["password", "file"]
    content: bytes = field(repr=False)

    @classmethod
    def password(cls, password: str) -> Secret:
        """Take a password.

        Raises:
            KeyholderError: it is empty.
        """
        if not password:
            raise KeyholderError("an empty password seals nothing", "Give one, or a key file.")
        return cls("password", password.encode())

    @classmethod
    def file(cls, path: Path) -> Secret:
        """Take a key file: 32 random bytes or more, readable by its owner only.

        Raises:
            KeyholderError: it cannot be read, is open to others, or is too short or too long.
        """
        content = read_private(path, _MAX_FILE_BYTES)
        if len(content) < MIN_FILE_BYTES:
            raise KeyholderError(
                "a key file has 32 bytes at least", f"Make one: head -c 32 /dev/urandom > {path}"
            )
        return cls("file", content)


AskSecret = Callable[[Literal["password", "file"]], Secret]
"""Called for the secret of a key when it is about to be used."""


def seal(plain: bytes, beside: bytes, secret: Secret) -> Sealed:
    """Seal bytes, bound to what stands ``beside`` them in clear."""
    salt = secrets.token_bytes(_SALT)
    cost = COST if secret.by == "password" else 0
    box = AESGCM(_key(secret, cost, salt)).encrypt(_NONCE, plain, beside)
    return Sealed(secret.by, cost, salt.hex(), box.hex())


def unseal(sealed: Sealed, beside: bytes, secret: Secret) -> bytes:
    """Open a box.

    Raises:
        KeyholderError: the secret is another one, or the box or what stands beside was changed.
    """
    costs = (COST,) if sealed.by == "password" else (0,)
    if secret.by != sealed.by or sealed.cost not in costs:
        raise KeyholderError(f"the key is sealed by a {sealed.by}", _NEXT)
    try:
        key = _key(secret, sealed.cost, bytes.fromhex(sealed.salt))
        return AESGCM(key).decrypt(_NONCE, bytes.fromhex(sealed.box), beside)
    except InvalidTag:
        raise KeyholderError(
            "the key does not open: another secret, or a changed file", _NEXT
        ) from None


def _key(secret: Secret, cost: int, salt: bytes) -> bytes:
    if secret.by == "password":
        return Scrypt(salt=salt, length=32, n=cost, r=_BLOCK, p=1).derive(secret.content)
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=_INFO).derive(secret.content)
