"""The Directory on the store, as authentication sees it: who may call, as what, under which terms.

Owns the lease on what was read: nothing a call believes is older than ``REFRESH_S``, so a change
that is acknowledged that long after its commit holds for every call on every worker. Refuses to
serve anything older: where the store cannot be read, nobody is authenticated.
"""

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

from gateway.adapters.store.reader import Row, StoreReader
from gateway.domain.institution import Agreement, Institution, Principal
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.vocabulary import InstitutionStatus, Jurisdiction, Role

REFRESH_S: Final = 1.0
"""Seconds for which a reading is believed."""
FORWARDED: Final = "forwarded"
"""The workload of a request that another gateway carries."""
_ATTEMPTS: Final = 2
_NEVER: Final = float("-inf")
_FOR_EVER: Final = 2**62

# One statement, so that institutions, certificates and agreements are of one moment.
_EVERYTHING: Final = (
    "SELECT 'institution', id, legal_group, roles, jurisdiction, status,"
    " CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(NULL AS BIGINT) FROM institution"
    " UNION ALL SELECT 'certificate', fingerprint, institution_id, '', '', '',"
    " NULL, NULL, retired_at FROM certificate WHERE retired_at IS NULL OR retired_at > ?"
    " UNION ALL SELECT 'agreement', id, institution_id, datasets, purposes, '',"
    " valid_from, valid_until, ended_at FROM agreement"
    " WHERE valid_until > ? AND (ended_at IS NULL OR ended_at > ?)"
)
_SIGNING_KEY: Final = (
    "SELECT public_key FROM signing_key"
    " WHERE key_id=? AND institution_id=? AND (retired_at IS NULL OR retired_at > ?)"
)


class _Owner(NamedTuple):
    """Whose a certificate is, and the Unix second from which on it is refused."""

    institution: str
    retired_at: int


class DirectoryStore:
    """Implements ``Directory``. ``clock`` is monotonic seconds, ``now`` Unix seconds."""

    def __init__(
        self, reader: StoreReader, clock: Callable[[], float], now: Callable[[], float]
    ) -> None:
        """Take a reader of the store and the two clocks."""
        self._reader = reader
        self._clock = clock
        self._now = now
        self._read_at = _NEVER
        self._version = 0
        self._reading: asyncio.Future[None] | None = None
        self._institutions: dict[str, Institution] = {}
        self._owners: dict[str, _Owner] = {}
        self._agreements: dict[str, tuple[Agreement, ...]] = {}
        self._principals: dict[tuple[str, str, str], tuple[Principal, int]] = {}

    async def principal(self, institution: str, workload: str, fingerprint: str) -> Principal:
        """Return the principal whose registered certificate this is, or refuse."""
        if self._clock() - self._read_at >= REFRESH_S:
            await self._refreshed()
        key = (institution, workload, fingerprint)
        known = self._principals.get(key)
        if known is None:
            known = self._principals[key] = self._principal(*key)
        principal, retired_at = known
        if retired_at <= self._now():
            raise refuse(ErrorReason.CERTIFICATE_UNKNOWN)
        return principal

    async def member(self, institution: str) -> Principal:
        """Return an institution as the recipient of a forwarded request."""
        if self._clock() - self._read_at >= REFRESH_S:
            await self._refreshed()
        if institution not in self._institutions:
            raise refuse(ErrorReason.INSTITUTION_NOT_FOUND)
        return self._active(institution, FORWARDED)

    async def signing_key(self, institution: str, key_id: str) -> bytes | None:
        """Return the public key that the institution has in use under this id."""
        rows = await self._reader.rows(_SIGNING_KEY, (key_id, institution, int(self._now())))
        return bytes(rows[0][0]) if rows else None

    def invalidate(self) -> None:
        """Believe nothing that was read before now: this process has just changed the Directory."""
        self._version += 1
        self._read_at = _NEVER

    async def settled(self) -> None:
        """Return once no worker believes a Directory older than now."""
        self.invalidate()
        deadline = self._clock() + REFRESH_S
        # A timer may fire early by the time that the loop was busy when it was set.
        while (left := deadline - self._clock()) > 0:  # noqa: ASYNC110 - time is what it waits for
            await asyncio.sleep(left)

    def _principal(
        self, institution: str, workload: str, fingerprint: str
    ) -> tuple[Principal, int]:
        owner = self._owners.get(fingerprint)
        if owner is None or owner.institution != institution:
            raise refuse(ErrorReason.CERTIFICATE_UNKNOWN)
        return self._active(institution, workload), owner.retired_at

    def _active(self, institution: str, workload: str) -> Principal:
        member = self._institutions[institution]
        if member.status is not InstitutionStatus.ACTIVE:
            raise refuse(ErrorReason.INSTITUTION_SUSPENDED)
        return Principal(
            institution,
            workload,
            member.roles,
            member.jurisdiction,
            self._agreements.get(institution, ()),
            member.legal_group,
        )

    async def _refreshed(self) -> None:
        """Read the Directory anew; calls that come meanwhile wait for the same reading."""
        for _ in range(_ATTEMPTS):
            await self._shared_reading()
            if self._clock() - self._read_at < REFRESH_S:
                return
        raise refuse(ErrorReason.STORE_UNAVAILABLE)

    async def _shared_reading(self) -> None:
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._read())
        reading = self._reading
        try:
            await asyncio.shield(reading)
        finally:
            if reading.done() and self._reading is reading:
                self._reading = None

    async def _read(self) -> None:
        began, version, now = self._clock(), self._version, int(self._now())
        rows = await self._reader.rows(_EVERYTHING, (now, now, now))
        found: dict[str, list[Row]] = {"institution": [], "certificate": [], "agreement": []}
        for one in rows:
            found[one[0]].append(one[1:])
        agreements: dict[str, list[Agreement]] = {}
        for row in found["agreement"]:
            agreements.setdefault(row[1], []).append(_agreement(row))
        self._institutions = {row[0]: _institution(row) for row in found["institution"]}
        self._owners = {row[0]: _owner(row) for row in found["certificate"]}
        self._agreements = {
            one: tuple(sorted(some, key=lambda agreement: agreement.id))
            for one, some in agreements.items()
        }
        # Only registered certificates come in here, so it is as small as the Directory.
        self._principals = {}
        # What changed while this was read may not be in it.
        self._read_at = began if version == self._version else _NEVER


def _institution(row: Row) -> Institution:
    id_, group, roles, jurisdiction, status, *_ = row
    return Institution(
        id_,
        group,
        frozenset(Role(role) for role in roles.split(",") if role),
        Jurisdiction(jurisdiction),
        InstitutionStatus(status),
    )


def _owner(row: Row) -> _Owner:
    retired_at = row[-1]
    return _Owner(row[1], _FOR_EVER if retired_at is None else retired_at)


def _agreement(row: Row) -> Agreement:
    id_, _, datasets, purposes, _, valid_from, valid_until, ended_at = row
    until = valid_until if ended_at is None else min(ended_at, valid_until)
    names = frozenset(datasets.split(",")), frozenset(purposes.split(","))
    return Agreement(id_, *names, valid_from, until)
