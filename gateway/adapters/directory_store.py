"""The Directory on the store: institutions, certificates, signing keys.

Owns writing them at start from the operator's partner file, and looking them up. What was read is
remembered for a few seconds; the release transaction reads the status again in any case.
"""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from gateway.domain.institution import Institution, Principal
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.vocabulary import InstitutionStatus, Jurisdiction, Role

_REFRESH_S: Final = 5.0


class Partner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One institution of the partner file. Keys are hex: SHA-256 of certificates, Ed25519 keys."""

    id: str
    legal_group: str
    roles: tuple[Role, ...]
    jurisdiction: Jurisdiction
    status: InstitutionStatus = InstitutionStatus.ACTIVE
    certificates: tuple[str, ...] = ()
    signing_keys: dict[str, str] = {}


def write_partners(connection: sqlite3.Connection, partners: Iterable[Partner]) -> None:
    """Make the stored Directory equal to the partner file, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("DELETE FROM certificate")
        connection.execute("DELETE FROM signing_key")
        connection.execute("DELETE FROM institution")
        for partner in partners:
            _write(connection, partner)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _write(connection: sqlite3.Connection, partner: Partner) -> None:
    roles = ",".join(sorted(partner.roles))
    connection.execute(
        "INSERT INTO institution(id, legal_group, roles, jurisdiction, status) VALUES (?,?,?,?,?)",
        (partner.id, partner.legal_group, roles, partner.jurisdiction, partner.status),
    )
    connection.executemany(
        "INSERT INTO certificate(fingerprint, institution_id) VALUES (?,?)",
        [(fingerprint, partner.id) for fingerprint in partner.certificates],
    )
    connection.executemany(
        "INSERT INTO signing_key(key_id, institution_id, public_key) VALUES (?,?,?)",
        [(id_, partner.id, bytes.fromhex(key)) for id_, key in partner.signing_keys.items()],
    )


class DirectoryStore:
    """Implements ``Directory`` over a read-only connection. ``clock`` is monotonic seconds."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], float]) -> None:
        """Take a connection made by ``open_reader``."""
        self._connection = connection
        self._clock = clock
        self._read_at = float("-inf")
        self._institutions: dict[str, Institution] = {}
        self._owners: dict[str, str] = {}
        self._principals: dict[tuple[str, str, str], Principal] = {}

    def principal(self, institution: str, workload: str, fingerprint: str) -> Principal:
        """Return the principal whose registered certificate this is, or refuse."""
        self._refresh()
        key = (institution, workload, fingerprint)
        known = self._principals.get(key)
        if known is None:
            known = self._principals[key] = self._principal(*key)
        return known

    def _principal(self, institution: str, workload: str, fingerprint: str) -> Principal:
        if self._owners.get(fingerprint) != institution:
            raise refuse(ErrorReason.CERTIFICATE_UNKNOWN)
        member = self._institutions[institution]
        if member.status is not InstitutionStatus.ACTIVE:
            raise refuse(ErrorReason.INSTITUTION_SUSPENDED)
        return Principal(institution, workload, member.roles, member.jurisdiction)

    def signing_key(self, institution: str, key_id: str) -> bytes | None:
        """Return the public key that the institution registered under this id."""
        try:
            row = self._connection.execute(
                "SELECT public_key FROM signing_key WHERE key_id=? AND institution_id=?",
                (key_id, institution),
            ).fetchone()
        except sqlite3.Error as error:
            raise refuse(ErrorReason.STORE_UNAVAILABLE) from error
        return None if row is None else bytes(row[0])

    def _refresh(self) -> None:
        now = self._clock()
        if now - self._read_at < _REFRESH_S:
            return
        try:
            members = self._connection.execute(
                "SELECT id, legal_group, roles, jurisdiction, status FROM institution"
            ).fetchall()
            owners = self._connection.execute(
                "SELECT fingerprint, institution_id FROM certificate"
            ).fetchall()
        except sqlite3.Error as error:
            raise refuse(ErrorReason.STORE_UNAVAILABLE) from error
        self._institutions = {row[0]: _institution(row) for row in members}
        self._owners = dict(owners)
        # Only registered certificates come in here, so it is as small as the Directory.
        self._principals = {}
        self._read_at = now


def _institution(row: tuple[str, str, str, str, str]) -> Institution:
    id_, group, roles, jurisdiction, status = row
    return Institution(
        id_,
        group,
        frozenset(Role(role) for role in roles.split(",") if role),
        Jurisdiction(jurisdiction),
        InstitutionStatus(status),
    )
