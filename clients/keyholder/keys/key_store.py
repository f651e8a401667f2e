"""The keys of a keyholder in its folder: one file a key, sealed, mode 0600, never overwritten.

Owns the files and the note of what was registered where. Refuses to write over a file, to use one
that others can read, and to open a box whose clear half was exchanged: the public key is bound to
the private one by the seal.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from clients.keyholder.errors import KeyholderError
from clients.keyholder.files import read_private, remove, write_new
from clients.keyholder.keys.held_key import HeldKey, key_id, read_key
from clients.keyholder.keys.sealing import AskSecret, Sealed, Secret, seal, unseal
from gateway.domain.aggregate.question import AskerKey, Digest, Scheme, UnixTime
from gateway.domain.policy.document_base import InstitutionId

_MAX_FILE: Final = 1 << 20


class KeyHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The clear half of a key's file: what it is, for whom, since when."""

    version: Annotated[int, Meta(ge=1, le=1)] = 1
    institution: InstitutionId
    created_at: UnixTime
    public: AskerKey

    @property
    def id(self) -> str:
        """SHA-256 of the public key's bytes, in hex."""
        return key_id(self.public)

    def encoded(self) -> bytes:
        """Return the bytes that the seal binds."""
        return msgspec.json.encode(self)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    head: KeyHead
    sealed: Sealed


class Registration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a registered key stands in the gateway's log."""

    key: Digest
    event_id: str
    log_index: int


class KeyStore:
    """The keys in ``folder``, which is made at the first key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, key: HeldKey, institution: str, now: int, secret: Secret) -> KeyHead:
        """Seal and store a new key; returns its clear half.

        Raises:
            KeyholderError: it is there already, or cannot be written.
        """
        head = KeyHead(institution=institution, created_at=now, public=key.public)
        file = _File(head, seal(key.stored(), head.encoded(), secret))
        write_new(self._path(head.id), msgspec.json.encode(file))
        return head

    def heads(self) -> tuple[KeyHead, ...]:
        """Return the clear halves of all keys, the newest first.

        Raises:
            KeyholderError: a file cannot be read, is open to others, or is no key.
        """
        heads = [file.head for file in self._files()]
        return tuple(sorted(heads, key=lambda head: (head.created_at, head.id), reverse=True))

    def choose(self, scheme: Scheme, beginning: str = "") -> KeyHead:
        """Return the newest key of a scheme, or the one whose id begins so.

        Raises:
            KeyholderError: there is none, or more than one begins so.
        """
        heads = [head for head in self.heads() if head.public.scheme == scheme]
        if beginning:
            heads = [head for head in heads if head.id.startswith(beginning)]
            if len(heads) > 1:
                raise KeyholderError("several keys begin so", "Write more of the key's id.")
        if not heads:
            raise KeyholderError(
                f"there is no such key of the scheme {scheme}",
                f"Make one: veilgate aggregate keygen --scheme {scheme}",
            )
        return heads[0]

    def open(self, identity: str, ask: AskSecret) -> HeldKey:
        """Return a private key by its id; ``ask`` is called for what it is sealed by.

        Raises:
            KeyholderError: it is not there, or does not open.
        """
        file = self._read(self._path(identity))
        if file.head.id != identity:
            raise _not_a_key(self._path(identity))
        stored = unseal(file.sealed, file.head.encoded(), ask(file.sealed.by))
        return read_key(stored, file.head.public)

    def destroy(self, identity: str) -> None:
        """Delete a private key for good; one that is gone already stays gone.

        Raises:
            KeyholderError: it cannot be deleted.
        """
        remove(self._path(identity))

    def note_registration(self, registration: Registration) -> None:
        """Note that a key was registered; noting it again changes nothing.

        Raises:
            KeyholderError: the note cannot be written.
        """
        path = self._note(registration.key)
        if not path.exists():
            write_new(path, msgspec.json.encode(registration))

    def registration(self, identity: str) -> Registration | None:
        """Return what is noted of a key's registration.

        Raises:
            KeyholderError: the note cannot be read.
        """
        path = self._note(identity)
        if not path.exists():
            return None
        try:
            return msgspec.json.decode(read_private(path, _MAX_FILE), type=Registration)
        except msgspec.MsgspecError:
            raise _not_a_key(path) from None

    def _files(self) -> Iterator[_File]:
        return (self._read(path) for path in sorted(self._folder.glob("*.key.json")))

    def _read(self, path: Path) -> _File:
        try:
            return msgspec.json.decode(read_private(path, _MAX_FILE), type=_File)
        except msgspec.MsgspecError:
            # The cause could repeat a part of the file.
            raise _not_a_key(path) from None

    def _path(self, identity: str) -> Path:
        return self._folder / f"{identity[:32]}.key.json"

    def _note(self, identity: str) -> Path:
        return self._folder / f"{identity[:32]}.registered.json"


def _not_a_key(path: Path) -> KeyholderError:
    return KeyholderError(f"{path} is not a keyholder's", "Restore it from a copy.")
