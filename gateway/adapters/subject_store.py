"""Subjects and consents on SQLite, read only: the consent reader, and the sealing of new ones.

Owns how a subject is found and opened. Consent terms and subject secrets are remembered by their
stored bytes, which never change for a consent id or a subject; states and counts are read anew.
"""

import os
import sqlite3
from functools import lru_cache
from typing import Any

import msgspec

from gateway.adapters.keyring import Keyring
from gateway.application.ports.ledger import NewConsent, SignedArtefact
from gateway.application.ports.store import StoredConsent
from gateway.crypto.envelope import DataKey, WrappedKey, open_, seal
from gateway.crypto.errors import CryptoError
from gateway.domain.consent import Consent, ConsentState, ConsentTerms, Standing
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.stages import Authenticated, Repeat, Resolved
from gateway.domain.subject import Subject

MAX_CONSENTS = 32
_REMEMBERED = 16_384
_COLUMNS = (
    "s.id, s.kek_id, s.wrapped_key, s.sealed_secret,"
    " c.terms, c.state, c.uses, c.use_window, c.window_uses"
)
_RESOLVE = (
    f"SELECT {_COLUMNS} FROM subject s"
    " JOIN consent c ON c.subject_id = s.id AND c.controller = ?"
    " WHERE s.lookup = ? ORDER BY c.granted_at DESC, c.id LIMIT ?"
)
_RESOLVE_ONE = (
    f"SELECT {_COLUMNS} FROM subject s"
    " JOIN consent c ON c.subject_id = s.id AND c.controller = ? AND c.id = ?"
    " WHERE s.lookup = ?"
)
_REPEAT = "SELECT consent_id, use_window FROM request WHERE id=? AND consent_id IS NOT NULL"
_CONSENT = (
    f"SELECT {_COLUMNS}, c.sealed_artefact, c.key_id, c.signature, c.granted_at"
    " FROM consent c JOIN subject s ON s.id = c.subject_id WHERE c.id = ?"
)
_SUBJECT = "SELECT kek_id, wrapped_key, sealed_secret FROM subject WHERE id=?"


class Sealed(msgspec.Struct, frozen=True):
    """A consent ready to be stored: the subject's keys and the artefact under them."""

    subject: Subject
    lookup: bytes
    wrapped: WrappedKey
    sealed_secret: bytes
    artefact_digest: bytes
    sealed_artefact: bytes


class SubjectStore:
    """Reads over one read-only connection, on the event loop's thread: point look-ups only."""

    def __init__(self, connection: sqlite3.Connection, keyring: Keyring) -> None:
        """Take a connection made by ``open_reader`` and the keys."""
        self._connection = connection
        self._keyring = keyring
        self._terms = lru_cache(_REMEMBERED)(msgspec.msgpack.Decoder(ConsentTerms).decode)
        self._opened = lru_cache(_REMEMBERED)(self._open)

    def resolve(self, authenticated: Authenticated) -> Resolved:
        """Return the subject and the caller's consents of it, the latest first."""
        received, controller = authenticated.received, authenticated.principal.institution
        lookup = self._keyring.lookup(received.identifier)
        if received.consent_id:
            rows = self._rows(_RESOLVE_ONE, (controller, received.consent_id, lookup))
        else:
            rows = self._rows(_RESOLVE, (controller, lookup, MAX_CONSENTS))
        if not rows:
            return Resolved(authenticated, None, ())
        subject = self._opened(*rows[0][:4])
        consents = tuple([self._consent(row) for row in rows])
        return Resolved(authenticated, subject, consents)

    def repeat(self, authenticated: Authenticated) -> Repeat | None:
        """Return under which consent this request id of the caller was released before."""
        request_id = authenticated.received.request_id
        institution = authenticated.principal.institution
        rows = self._rows(_REPEAT, (f"{institution}|{request_id}",))
        return Repeat(rows[0][0], rows[0][1] or 0) if rows else None

    def consent(self, consent_id: str) -> StoredConsent | None:
        """Return a consent with its artefact, or None."""
        rows = self._rows(_CONSENT, (consent_id,))
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

    def subject_of(self, consent_id: str) -> Subject:
        """Return the subject of a consent; raises ``Refused`` with CONSENT_NOT_FOUND."""
        rows = self._rows(_CONSENT, (consent_id,))
        if not rows:
            raise refuse(ErrorReason.CONSENT_NOT_FOUND)
        return self._opened(*rows[0][:4])

    def seal(self, consent: NewConsent) -> Sealed:
        """Seal a consent's artefact under its subject's key, an existing one or a fresh one."""
        subject_id = self._keyring.subject_id(consent.identifier)
        rows = self._rows(_SUBJECT, (subject_id,))
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
            self._keyring.lookup(consent.identifier),
            wrapped,
            sealed_secret,
            self._keyring.body_digest(signed.artefact, signed.key_id.encode(), signed.signature),
            seal(key, signed.artefact, _artefact_context(consent.terms.consent_id)),
        )

    def _rows(self, query: str, values: tuple[object, ...]) -> list[Any]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise refuse(ErrorReason.STORE_UNAVAILABLE) from error

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
