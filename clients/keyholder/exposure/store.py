"""An asker's questions about subjects on the disk: one shelf for a consent and a snapshot.

Owns a folder a shelf: the questions as they are sent (and sent again), each one's fresh private key
sealed until the answer is opened, the mark that a round was opened, and the one answer, sealed. A
shelf is named by a hash; identifiers and tags are nowhere: whose question or answer it is stands
there as a keyed hash, whose key is sealed. Refuses a second answer on a shelf, and to show or go on
with what is another person's.
"""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path
from typing import Final, Literal

import msgspec

from clients.keyholder.errors import KeyholderError
from clients.keyholder.exposure.answer import ExposureAnswer
from clients.keyholder.exposure.errors import ExposureRefused, ExposureWrong
from clients.keyholder.exposure.question import OpenExposure, Wish, open_exposure
from clients.keyholder.files import read_private, write_new
from clients.keyholder.history import FORGOTTEN
from clients.keyholder.keys.held_key import HeldKey, key_id
from clients.keyholder.keys.key_store import KeyStore
from clients.keyholder.keys.sealing import AskSecret, Sealed, Secret, seal, unseal
from clients.keyholder.rounds import RoundStore
from gateway.crypto.keyed import tag
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.contract import read_contract

_MAX_FILE: Final = 16 << 20
_QUESTION: Final = "question.json"
_ANSWER: Final = "answer.json"
_LABEL: Final = b"veilgate/exposure/v1"


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question as it lies in a file; bytes in base64. ``subject`` is keyed by the private key."""

    sealed_by: Literal["password", "file"]
    subject: bytes
    consent_id: str
    contract: bytes
    payload: bytes
    signature: bytes
    chain: tuple[bytes, ...]
    commitments: bytes
    commitments_signature: bytes
    boxes: tuple[bytes, ...]
    life_days: int = 0
    """The consent's; 0 in files that were written before it was asked for."""


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sealed: an answer, and whose it is, keyed by a fresh salt."""

    answer: ExposureAnswer
    salt: bytes
    subject: bytes


class Pending(msgspec.Struct, frozen=True):
    """A question whose result was not opened yet, and what its key is sealed by."""

    opened: OpenExposure
    sealed_by: Literal["password", "file"]


class Shelf:
    """What is kept for one consent on one snapshot, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.rounds = RoundStore(folder / "rounds")
        self.keys = KeyStore(folder / "keys")

    def add(
        self,
        opened: OpenExposure,
        key: HeldKey,
        wish: Wish,
        secret: Secret,
        life_days: int,
    ) -> None:
        """Store a question and its key before it is sent; its answer is kept for so many days.

        Raises:
            KeyholderError: they cannot be written.
        """
        question, statement = opened.question, opened.statement
        self.keys.add(key, question.asker, question.issued_at, secret)
        stored = _Stored(
            sealed_by=secret.by,
            subject=_mark(key, wish),
            consent_id=opened.consent_id,
            contract=opened.contract.encoded(),
            payload=statement.payload,
            signature=statement.signature,
            chain=statement.chain,
            commitments=opened.commitments.payload,
            commitments_signature=opened.commitments.signature,
            boxes=opened.boxes,
            life_days=life_days,
        )
        write_new(self._question(opened.id), msgspec.json.encode(stored))

    def pending(self, now: int) -> Pending | None:
        """Return a question that can be gone on with; ends those whose time is over.

        Raises:
            KeyholderError: a file is damaged or open to others.
        """
        found = None
        for one in self.rounds.identities():
            if self.rounds.state(one) != "open":
                continue
            pending = self._read(one)
            if pending.opened.question.expires_at <= now:
                self.end(pending.opened, "expired")
            else:
                found = pending
        return found

    def key_of(self, opened: OpenExposure, secret: AskSecret) -> HeldKey:
        """Return the private key of a question; raises ``KeyholderError`` where it cannot be."""
        return self.keys.open(key_id(opened.question.key), secret)

    def require_same(self, pending: Pending, key: HeldKey, wish: Wish) -> None:
        """Check whose question it is, and what for.

        Raises:
            ExposureRefused: OTHER_SUBJECT.
            KeyholderError: it is for another purpose.
        """
        stored = self._stored(pending.opened.id)
        if not hmac.compare_digest(stored.subject, _mark(key, wish)):
            raise ExposureRefused(ExposureWrong.OTHER_SUBJECT)
        if pending.opened.question.purpose != wish.purpose:
            raise KeyholderError("the open question is for another purpose", "Name that one.")

    def end(self, opened: OpenExposure, why: str) -> None:
        """Note that a round ended without a result, and destroy its key."""
        self.rounds.end(opened.id, why)
        self.destroy_key(opened)

    def destroy_key(self, opened: OpenExposure) -> None:
        """Destroy a question's private key: nothing is opened by it any more."""
        self.keys.destroy(key_id(opened.question.key))

    def keep(self, answer: ExposureAnswer, wish: Wish, secret: Secret) -> None:
        """Keep the one answer, sealed.

        Raises:
            NameTaken: there is one already.
        """
        salt = secrets.token_bytes(32)
        kept = _Kept(answer, salt, tag(salt, _LABEL, wish.identifier))
        sealed = seal(msgspec.json.encode(kept), _LABEL, secret)
        write_new(self._folder / _ANSWER, msgspec.json.encode(sealed))

    def answer(self, wish: Wish, ask: AskSecret) -> ExposureAnswer | None:
        """Return the kept answer, None where there is none yet.

        Raises:
            ExposureRefused: OTHER_SUBJECT.
            KeyholderError: it does not open, its file is damaged, or its days are over.
        """
        path = self._folder / _ANSWER
        if (self._folder / FORGOTTEN).exists():
            raise KeyholderError(
                "the answer was deleted when its days were over",
                "There is one a consent and snapshot: another question needs another consent.",
            )
        if not path.exists():
            return None
        try:
            sealed = msgspec.json.decode(read_private(path, _MAX_FILE), type=Sealed)
            plain = unseal(sealed, _LABEL, ask(sealed.by))
            kept = msgspec.json.decode(plain, type=_Kept)
        except ValueError:
            raise _damaged(path) from None
        if not hmac.compare_digest(kept.subject, tag(kept.salt, _LABEL, wish.identifier)):
            raise ExposureRefused(ExposureWrong.OTHER_SUBJECT)
        return kept.answer

    def _read(self, identity: str) -> Pending:
        stored = self._stored(identity)
        try:
            contract = read_contract(stored.contract)
        except ValueError:
            raise _damaged(self._question(identity)) from None
        opened = open_exposure(
            SignedStatement(stored.payload, stored.signature, stored.chain),
            contract,
            SignedStatement(stored.commitments, stored.commitments_signature),
            stored.boxes,
            stored.consent_id,
        )
        if opened.id != identity:
            raise _damaged(self._question(identity))
        return Pending(opened, stored.sealed_by)

    def _stored(self, identity: str) -> _Stored:
        path = self._question(identity)
        try:
            return msgspec.json.decode(read_private(path, _MAX_FILE), type=_Stored)
        except ValueError:
            raise _damaged(path) from None

    def _question(self, identity: str) -> Path:
        return self._folder / "rounds" / identity / _QUESTION


def shelf_of(folder: Path, dataset: str, snapshot: str, consent_id: str) -> Shelf:
    """Return the shelf of a consent and a snapshot in a keyholder's folder."""
    parts = (dataset, snapshot, consent_id)
    name = tag(bytes(32), _LABEL, *(one.encode() for one in parts)).hex()[:32]
    return Shelf(folder / "exposures" / name)


def _mark(key: HeldKey, wish: Wish) -> bytes:
    """Return whose question it is, keyed by its private key, which is sealed."""
    return tag(key.stored(), _LABEL, wish.identifier)


def _damaged(path: Path) -> KeyholderError:
    return KeyholderError(f"{path} is damaged", "Restore it from a copy.")
