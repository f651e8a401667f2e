"""The gateway's secret keys, read from files that only the operator can read.

Owns the two key files (a 32-byte master key, the log's Ed25519 key) and the keys derived from the
master key, one for each use. Refuses files that others can read, and shows no key in a repr.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.envelope import DataKey, KeyEncryptionKey, WrappedKey, open_, seal
from gateway.crypto.keyed import derive_key, tag
from gateway.crypto.oprf import OprfKeyPair, derive_key_pair, evaluate
from gateway.crypto.pseudonym import Pseudonymiser
from gateway.crypto.reference import scoped_reference
from gateway.crypto.token import Tokeniser
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.subject import Subject, SubjectIdentifier, SubjectKey

MASTER_FILE: Final = "master.key"
LOG_KEY_FILE: Final = "log.pem"
_SECRET_CONTEXT: Final = b"subject.sealed_secret"


class KeyFileError(Exception):
    """A key file is missing, malformed, or readable by others. Names the file and what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class Keyring:
    """Every secret of one gateway; ``version`` labels the keys derived from this master key."""

    version: str
    kek: KeyEncryptionKey = field(repr=False)
    pseudonymiser: Pseudonymiser = field(repr=False)
    log_key: Ed25519PrivateKey = field(repr=False)
    receipt_key: SigningKey = field(repr=False)
    round_key: SigningKey = field(repr=False)
    """Signs rosters and results of aggregates."""
    _lookup: bytes = field(repr=False)
    _store: bytes = field(repr=False)
    _body: bytes = field(repr=False)
    oblivious: OprfKeyPair = field(repr=False)
    tokeniser: Tokeniser = field(repr=False)
    digits: bytes = field(repr=False)
    """The key of format-preserving encryption (FF1)."""
    shift: bytes = field(repr=False)
    """The key that says how far a subject's dates move."""

    @classmethod
    def derive(cls, master: bytes, log_key: Ed25519PrivateKey, version: str = "1") -> "Keyring":
        """Derive the working keys from a master key of 32 bytes."""
        pair = derive_key_pair(derive_key(master, f"oprf/{version}"), b"veilgate subject")
        return cls(
            version=version,
            kek=KeyEncryptionKey(f"kek-{version}", derive_key(master, f"kek/{version}")),
            pseudonymiser=Pseudonymiser.derive(master, version),
            log_key=log_key,
            receipt_key=SigningKey.from_seed(derive_key(master, f"receipt/{version}")),
            round_key=SigningKey.from_seed(derive_key(master, f"round/{version}")),
            _lookup=derive_key(master, f"lookup/{version}"),
            _store=derive_key(master, f"store/{version}"),
            _body=derive_key(master, f"body/{version}"),
            oblivious=pair,
            tokeniser=Tokeniser.derive(master, version),
            digits=derive_key(master, f"digits/{version}"),
            shift=derive_key(master, f"shift/{version}"),
        )

    def lookup(self, identifier: SubjectIdentifier) -> bytes:
        """Return the 32 bytes by which a call finds a subject: HMAC(lookup key, identifier)."""
        return tag(self._lookup, identifier.encoded())

    def subject_id(self, subject: SubjectKey) -> bytes:
        """Return the store's key of a subject: HMAC(store key, oblivious reference).

        The reference is the VOPRF output (RFC 9497), which clients can have evaluated blinded; for
        an identifier it costs about 100 microseconds and is needed only when a consent is granted.
        Raises ``Refused`` with REFERENCE_KEY_UNKNOWN for a reference under another key.
        """
        return tag(self._store, self.reference(subject))

    def reference(self, subject: SubjectKey) -> bytes:
        """Return the subject's oblivious reference, 64 bytes; never to be emitted as it is."""
        if isinstance(subject, SubjectIdentifier):
            return evaluate(self.oblivious.secret_key, subject.encoded())
        if subject.key_version != self.version:
            raise refuse(ErrorReason.REFERENCE_KEY_UNKNOWN)
        return subject.value

    def scoped_reference(self, subject: SubjectKey, scope: str) -> bytes:
        """Return the 32 bytes by which the institution ``scope`` knows the subject in its index.

        For an identifier it costs what ``subject_id`` does; raises as that.
        """
        return scoped_reference(self.reference(subject), scope)

    def body_digest(self, *parts: bytes) -> bytes:
        """Return a keyed digest, so that a stored one cannot be tried against guessed bodies."""
        return tag(self._body, *parts)

    def seal_secret(self, key: DataKey, secret: bytes) -> bytes:
        """Seal a subject's secret under the subject's data key."""
        return seal(key, secret, _SECRET_CONTEXT)

    def open_subject(self, subject_id: bytes, wrapped: WrappedKey, sealed_secret: bytes) -> Subject:
        """Return the subject with its secret; raises ``SealError`` if anything was altered."""
        key = self.kek.unwrap(wrapped, subject_id)
        return Subject(subject_id, open_(key, sealed_secret, _SECRET_CONTEXT))


def create_keyring(folder: Path) -> None:
    """Write fresh keys into ``folder``; refuses to overwrite any."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_private(folder / MASTER_FILE, os.urandom(32).hex().encode() + b"\n")
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write_private(folder / LOG_KEY_FILE, pem)


def load_keyring(folder: Path) -> Keyring:
    """Read the key files, or raise ``KeyFileError``."""
    try:
        master = bytes.fromhex(_read_private(folder / MASTER_FILE).decode("ascii").strip())
        log_key = serialization.load_pem_private_key(_read_private(folder / LOG_KEY_FILE), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        # TypeError is the library's word for a key that is under a password.
        raise KeyFileError(
            f"{folder}: a key file is malformed; restore it from a backup"
        ) from error
    if len(master) != 32 or not isinstance(log_key, Ed25519PrivateKey):
        raise KeyFileError(
            f"{folder}: {MASTER_FILE} is 64 hex digits, {LOG_KEY_FILE} an Ed25519 key"
        )
    return Keyring.derive(master, log_key)


def _write_private(path: Path, content: bytes) -> None:
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyFileError(f"{path} exists and is not overwritten") from error
    with os.fdopen(number, "wb") as file:
        file.write(content)


def _read_private(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFileError(f"{path} can be read by others: chmod 600 {path}")
        return path.read_bytes()
    except OSError as error:
        raise KeyFileError(
            f"{path} cannot be read: run 'veilgate init', or check the path"
        ) from error
