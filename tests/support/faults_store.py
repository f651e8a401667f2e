"""Stores and operations for the fault tests of the committer, below gRPC.

Owns a migrated store to copy, and operations whose events say in clear what they are about, so
that a log can be compared with the tables beside it. The committer takes an event as opaque bytes.
"""

import itertools
import shutil
import time
import uuid
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import msgspec

from gateway.adapters.committer.messages import Append, Change, Grant, Intend, Release
from gateway.adapters.committer.partner_seed import seed_operations
from gateway.adapters.committer.sqlite_committer import SqliteCommitter
from gateway.adapters.store.migrate import migrate
from gateway.adapters.store.partner_file import Partner
from gateway.adapters.store.sqlite_store import open_writer
from gateway.domain.consent import ConsentEvent, ConsentTerms
from gateway.domain.vocabulary import Jurisdiction, LawfulBasis, Role
from support.agreements import agreement_of, partner_agreement

LENDER = "lender-a"
RULE = "underwriting-applicant"
_DAY_S = 86_400
_MANY = 1_000_000
_ONE_WINDOW_S = 10**10
"""No run crosses from one window of the limits into the next."""
_PREFILL = 250
"""So that a run of the writers goes past the first full tile, of 256 entries."""


def make_store(path: Path) -> Path:
    """A migrated store with one institution and a log that is almost one tile long."""
    migrate(path)
    connection = open_writer(path)
    agreements = (partner_agreement(LENDER),)
    lender = Partner(LENDER, LENDER, (Role.LENDER,), Jurisdiction.CN, agreements=agreements)
    committer = SqliteCommitter(connection, time.time)
    started = [Append(_event("GATEWAY_STARTED"), b"", "") for _ in range(_PREFILL)]
    committer.commit([*seed_operations([lender]), *started])
    connection.close()
    return path


def copy_store(template: Path, path: Path) -> Path:
    """A copy of a store that nobody has open; nothing of what was at ``path`` stays."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(template, path)
    return path


def _event(kind: str, **facts: str) -> bytes:
    return msgspec.json.encode({"v": 1, "kind": kind, "id": uuid.uuid4().hex, **facts})


def event_of(body: bytes) -> dict[str, str]:
    """The event's object."""
    return dict(msgspec.json.decode(body))


@dataclass(slots=True)
class Subject:
    """One person with one consent, and the operations that a caller may ask for over it."""

    uses: int | None = None
    consent_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    _requests: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def id(self) -> bytes:
        return sha256(self.consent_id.encode()).digest()

    def grant(self) -> Grant:
        body = _event("CONSENT_GRANTED", consent=self.consent_id)
        digest = sha256(b"digest" + self.id).digest()
        return Grant(
            *(body, self.id, sha256(b"lookup" + self.id).digest(), "kek-1", b"wrapped", b"sealed"),
            *(self.consent_id, msgspec.msgpack.encode(self._terms()), "key-1", bytes(64)),
            *(digest, b"sealed artefact"),
        )

    def intend(self, request_id: str | None = None) -> Intend:
        request = request_id or str(uuid.uuid4())
        body = _event("INTENT", consent=self.consent_id, request=request)
        digest = sha256(request.encode()).digest()
        return Intend(body, self.id, event_of(body)["id"], LENDER, request, digest)

    def release(self, intent: Intend) -> Release:
        request = intent.request_id
        body = _event("RELEASE", consent=self.consent_id, request=request, intent=intent.event_id)
        return Release(
            *(body, self.id, intent.event_id, LENDER, request, self.consent_id, RULE),
            *(_MANY, _ONE_WINDOW_S, _MANY, _ONE_WINDOW_S, agreement_of(LENDER).id),
        )

    def fail(self, intent: Intend) -> Append:
        body = _event("FAILURE", consent=self.consent_id, intent=intent.event_id)
        return Append(body, self.id, intent.event_id)

    def revoke(self) -> Change:
        body = _event("CONSENT_REVOKED", consent=self.consent_id)
        return Change(body, self.id, self.consent_id, ConsentEvent.REVOKE.value)

    def _terms(self) -> ConsentTerms:
        now, words = int(time.time()), frozenset({"any"})
        return ConsentTerms(
            *(self.consent_id, 1, LENDER, LENDER, words, words, words, words, words),
            *(LawfulBasis.CONSENT, frozenset(), now - 60, now + _DAY_S, self.uses, None, 30),
            bytes(32),
        )
