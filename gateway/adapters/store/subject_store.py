"""Subjects and consents in the store, read only: the consent reader, and the sealing of new ones.

Owns how a subject is found and opened. Consent terms and subject secrets are remembered by their
stored bytes, which never change for a consent id or a subject; states and counts are read anew.
"""

import os
from functools import lru_cache
from typing import Any

import msgspec

from gateway.adapters.keys.keyring import Keyring
from gateway.adapters.store.reader import Row, StoreReader, Values
from gateway.application.ports.ledger import NewConsent, SignedArtefact
from gateway.application.ports.store import StoredConsent
from gateway.crypto.envelope import DataKey, WrappedKey, open_, seal
from gateway.crypto.errors import CryptoError
from gateway.domain.consent import Consent, ConsentState, ConsentTerms, Standing
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.stages import Authenticated, Repeat, Resolved
from gateway.domain.subject import Subject, SubjectIdentifier, SubjectKey

MAX_CONSENTS = 32
_REMEMBERED = 16_384
_COLUMNS = (
    "s.id, s.kek_id, s.wrapped_key, s.sealed_secret,"
    " c.terms, c.state, c.uses, c.use_window, c.window_uses"
)
_KEY_COLUMNS = ("lookup", "id")
# By an expression, so that no engine reads all consents of a controller in the index's order rather
# than sort the few of a subject.
_RESOLVE = {
    column: f"SELECT {_COLUMNS} FROM subject s"
    " JOIN consent c ON c.subject_id = s.id AND c.controller = ?"
    f" WHERE s.{column} = ? ORDER BY c.granted_at + 0 DESC, c.id LIMIT ?"
    for column in _KEY_COLUMNS
}
_RESOLVE_ONE = {
    column: f"SELECT {_COLUMNS} FROM subject s"
    " JOIN consent c ON c.subject_id = s.id AND c.controller = ? AND c.id = ?"
    f" WHERE s.{column} = ?"
    for column in _KEY_COLUMNS
}
_REPEAT = "SELECT consent_id, use_window FROM request WHERE id=? AND consent_id IS NOT NULL"
_CONSENT = (
    f"SELECT {_COLUMNS}, c.sealed_artefact, c.key_id, c.signature, c.granted_at"
    " FROM consent c JOIN subject s ON s.id = c.subject_id WHERE c.id = ?"
)
_SUBJECT = "SELECT kek_id, wrapped_key, sealed_secret FROM subject WHERE id=?"


class Sealed(msgspec.Struct, frozen=True):
    """A consent ready to be stored: the subject's keys and the artefact under them."""

    subject: Subject
    lookup: bytes | None
    """None where the subject is known by its reference only."""
    wrapped: WrappedKey
    sealed_secret: bytes
    artefact_digest: bytes
    sealed_artefact: bytes


class SubjectStore:
    """Implements ``ConsentReader``: point look-ups only."""

    def __init__(self, reader: StoreReader, keyring: Keyring) -> None:
        """Take a reader of the store and the keys."""
        self._reader = reader
        self._keyring = keyring
        self._terms = lru_cache(_REMEMBERED)(msgspec.msgpack.Decoder(ConsentTerms).decode)
        self._opened = lru_cache(_REMEMBERED)(self._open)

    async def resolve(self, authenticated: Authenticated) -> Resolved:
        """Return the subject and the caller's consents of it, the latest first."""
        received, controller = authenticated.received, authenticated.principal.institution
        column, key = self._subject_key(received.subject)
        rows = await self._consent_rows(column, key, controller, received.consent_id)
        if not rows and column == "lookup":
            # The consents may have come by reference, which an identifier leads to as well.
            key = self._keyring.subject_id(received.subject)
            rows = await self._consent_rows("id", key, controller, received.consent_id)
        if not rows:
            return Resolved(authenticated, None, ())
        subject = self._opened(*rows[0][:4])
        consents = tuple([self._consent(row) for row in rows])
        return Resolved(authenticated, subject, consents)

    async def _consent_rows(
        self, column: str, key: bytes, controller: str, consent_id: str
    ) -> list[Row]:
        if consent_id:
            values: Values = (controller, consent_id, key)
            return await self._reader.rows(_RESOLVE_ONE[column], values)
        return await self._reader.rows(_RESOLVE[column], (controller, key, MAX_CONSENTS))

    async def repeat(self, authenticated: Authenticated) -> Repeat | None:
        """Return under which consent this request id of the caller was released before."""
        request_id = authenticated.received.request_id
        institution = authenticated.principal.institution
        rows = await self._reader.rows(_REPEAT, (f"{institution}|{request_id}",))
        return Repeat(rows[0][0], rows[0][1] or 0) if rows else None

    async def consent(self, consent_id: str) -> StoredConsent | None:
        """Return a consent with its artefact, or None."""
        rows = await self._reader.rows(_CONSENT, (consent_id,))
        if not rows:
            return None
        row = rows[0]
        wrapped = WrappedKey(row[1], row[2])
        try:
            key = self._keyring.kek.unwrap(wrapped, row[0])
            artefact = open_(key, row[9], _artefact_context(consent_id))
        except CryptoError as error:
            raise refuse(ErrorReason.STORE_UNAVAILABLE) from error
        return StoredConsent(
            self._consent(row), SignedArtefact(artefact, row[10], row[11]), row[12]
        )

    async def subject_of(self, consent_id: str) -> Subject:
        """Return the subject of a consent; raises ``Refused`` with CONSENT_NOT_FOUND."""
        rows = await self._reader.rows(_CONSENT, (consent_id,))
        if not rows:
            raise refuse(ErrorReason.CONSENT_NOT_FOUND)
        return self._opened(*rows[0][:4])

    async def seal(self, consent: NewConsent) -> Sealed:
        """Seal a consent's artefact under its subject's key, an existing one or a fresh one."""
        subject_id = self._keyring.subject_id(consent.subject)
        rows = await self._reader.rows(_SUBJECT, (subject_id,))
        if rows:
            wrapped, sealed_secret = WrappedKey(rows[0][0], rows[0][1]), rows[0][2]
            subject = self._opened(subject_id, *rows[0])
            key = self._keyring.kek.unwrap(wrapped, subject_id)
        else:
            key, subject = DataKey.generate(), Subject(subject_id, os.urandom(32))
            wrapped = self._keyring.kek.wrap(key, subject_id)
            sealed_secret = self._keyring.seal_secret(key, subject.secret)
        signed = consent.signed
        return Sealed(
            subject,
            self._lookup(consent.subject),
            wrapped,
            sealed_secret,
            self._keyring.body_digest(signed.artefact, signed.key_id.encode(), signed.signature),
            seal(key, signed.artefact, _artefact_context(consent.terms.consent_id)),
        )

    def _subject_key(self, subject: SubjectKey) -> tuple[str, bytes]:
        """Return by which column the subject is found, and its value there."""
        if isinstance(subject, SubjectIdentifier):
            return "lookup", self._keyring.lookup(subject)
        return "id", self._keyring.subject_id(subject)

    def _lookup(self, subject: SubjectKey) -> bytes | None:
        if isinstance(subject, SubjectIdentifier):
            return self._keyring.lookup(subject)
        return None

    def _consent(self, row: Any) -> Consent:
        _, _, _, _, terms, state, uses, window, window_uses, *_ = row
        return Consent(self._terms(terms), Standing(_STATES[state], uses, window, window_uses))

    def _open(self, subject_id: bytes, kek_id: str, wrapped: bytes, sealed: bytes) -> Subject:
        try:
            return self._keyring.open_subject(subject_id, WrappedKey(kek_id, wrapped), sealed)
        except CryptoError as error:
            raise refuse(ErrorReason.STORE_UNAVAILABLE) from error


_STATES: dict[object, ConsentState] = {state.value: state for state in ConsentState}


def _artefact_context(consent_id: str) -> bytes:
    return b"consent.sealed_artefact|" + consent_id.encode()
