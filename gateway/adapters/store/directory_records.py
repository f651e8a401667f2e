"""The Directory's records on the store, read only: institutions, agreements, what ends soon.

Owns the queries behind the Directory's own service, as they are committed now. Authentication does
not come here: it reads through ``directory_store``.
"""

from typing import Any, Final

from gateway.adapters.store.expiring_records import expiring_query, expiring_record, place_of
from gateway.adapters.store.reader import Row, StoreReader
from gateway.application.ports.directory import ContractFilter, MemberFilter
from gateway.domain.enrolment import Certificate, Contract, Expiring, Member, SigningKey
from gateway.domain.vocabulary import InstitutionStatus, Jurisdiction, Role

_MEMBER: Final = "SELECT id, legal_group, roles, jurisdiction, status, enrolled_at FROM institution"
_CERTIFICATES: Final = (
    "SELECT institution_id, fingerprint, not_after, retired_at FROM certificate"
    " WHERE institution_id IN ({}) ORDER BY fingerprint"
)
_KEYS: Final = (
    "SELECT institution_id, key_id, public_key, retired_at FROM signing_key"
    " WHERE institution_id IN ({}) ORDER BY key_id"
)
_CONTRACT: Final = (
    "SELECT id, institution_id, datasets, purposes, valid_from, valid_until, evidence_sha256,"
    " ended_at FROM agreement"
)
_LISTED: Final = "',' || {} || ',' LIKE ? ESCAPE '!'"
Values = list[str | int | bytes | None]


class DirectoryRecords:
    """Implements ``DirectoryReader``."""

    def __init__(self, reader: StoreReader) -> None:
        """Take a reader of the store."""
        self._reader = reader

    async def member(self, institution: str) -> Member | None:
        """Return an institution, or None."""
        rows = await self._reader.rows(f"{_MEMBER} WHERE id=?", (institution,))
        found = await self._with_credentials(rows)
        return found[0] if found else None

    async def members(self, wanted: MemberFilter, limit: int, after: str) -> list[Member]:
        """Return at most ``limit`` institutions, in the order of their ids."""
        where: list[str] = ["id > ?"]
        values: Values = [after]
        if wanted.role is not None:
            where.append(_LISTED.format("roles"))
            values.append(_pattern(wanted.role.value))
        if wanted.status is not None:
            where.append("status = ?")
            values.append(wanted.status.value)
        if wanted.legal_group:
            where.append("legal_group = ?")
            values.append(wanted.legal_group)
        query = f"{_MEMBER} WHERE {' AND '.join(where)} ORDER BY id LIMIT ?"
        return await self._with_credentials(await self._reader.rows(query, (*values, limit)))

    async def contract(self, agreement_id: str) -> Contract | None:
        """Return an agreement, or None."""
        rows = await self._reader.rows(f"{_CONTRACT} WHERE id=?", (agreement_id,))
        return _contract(rows[0]) if rows else None

    async def contracts(self, wanted: ContractFilter, limit: int, after: str) -> list[Contract]:
        """Return at most ``limit`` agreements, in the order of their ids."""
        where: list[str] = ["id > ?"]
        values: Values = [after]
        if wanted.institution:
            where.append("institution_id = ?")
            values.append(wanted.institution)
        for column, word in (("datasets", wanted.dataset), ("purposes", wanted.purpose)):
            if word:
                where.append(_LISTED.format(column))
                values.append(_pattern(word))
        if wanted.in_force_at is not None:
            where.append("valid_from <= ? AND valid_until > ?")
            where.append("(ended_at IS NULL OR ended_at > ?)")
            values += [wanted.in_force_at] * 3
        query = f"{_CONTRACT} WHERE {' AND '.join(where)} ORDER BY id LIMIT ?"
        return [_contract(row) for row in await self._reader.rows(query, (*values, limit))]

    async def expiring(
        self, institution: str, begin: int, end: int, limit: int, after: str
    ) -> list[Expiring]:
        """Return what ends after ``begin`` and by ``end``, the next to end first."""
        query, values = expiring_query(institution, begin, end, limit, after)
        return [expiring_record(row) for row in await self._reader.rows(query, values)]

    def place(self, entry: Expiring) -> str:
        """Return where an entry stands in the list of what ends."""
        return place_of(entry)

    async def _with_credentials(self, rows: list[Row]) -> list[Member]:
        if not rows:
            return []
        ids = tuple(row[0] for row in rows)
        places = ",".join("?" * len(ids))
        certificates = _by_institution(await self._reader.rows(_CERTIFICATES.format(places), ids))
        keys = _by_institution(await self._reader.rows(_KEYS.format(places), ids))
        return [
            Member(
                id_,
                group,
                frozenset(Role(role) for role in roles.split(",") if role),
                Jurisdiction(jurisdiction),
                InstitutionStatus(status),
                enrolled_at,
                tuple(Certificate(*one) for one in certificates.get(id_, ())),
                tuple(SigningKey(name, bytes(key), at) for name, key, at in keys.get(id_, ())),
            )
            for id_, group, roles, jurisdiction, status, enrolled_at in rows
        ]


def _by_institution(rows: list[Row]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for institution, *rest in rows:
        found.setdefault(institution, []).append(rest)
    return found


def _pattern(word: str) -> str:
    """Return the LIKE pattern of a word within a list that is joined by commas."""
    for special in "!%_":
        word = word.replace(special, f"!{special}")
    return f"%,{word},%"


def _contract(row: Row) -> Contract:
    id_, institution, datasets, purposes, valid_from, valid_until, evidence, ended_at = row
    names = tuple(datasets.split(",")), tuple(purposes.split(","))
    return Contract(id_, institution, *names, valid_from, valid_until, bytes(evidence), ended_at)
