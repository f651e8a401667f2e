"""What callers see of the Directory: operators and auditors everything, others their own."""

from collections.abc import Callable
from typing import Final

import msgspec

from gateway.application.ports.directory import ContractFilter, DirectoryReader, MemberFilter
from gateway.domain.enrolment import Contract, Expiring, Member
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.vocabulary import Role

_SEES_ALL: Final = frozenset({Role.OPERATOR, Role.AUDITOR})
_DAY_S: Final = 86_400


class ViewDirectory:
    """Reads for a caller. ``limit`` and ``after`` are a page's; ``clock`` is Unix seconds."""

    def __init__(self, records: DirectoryReader, clock: Callable[[], float]) -> None:
        """Take the records and a clock."""
        self._records = records
        self._clock = clock

    async def member(self, principal: Principal, institution: str) -> Member:
        """Return an institution, or raise ``Refused`` with INSTITUTION_NOT_FOUND."""
        if institution != principal.institution and not _sees_all(principal):
            raise refuse(ErrorReason.INSTITUTION_NOT_FOUND)
        member = await self._records.member(institution)
        if member is None:
            raise refuse(ErrorReason.INSTITUTION_NOT_FOUND)
        return member

    async def members(
        self, principal: Principal, wanted: MemberFilter, limit: int, after: str
    ) -> list[Member]:
        """Return institutions by id. Raises ``Refused``: ROLE_MISSING."""
        if not _sees_all(principal):
            raise refuse(ErrorReason.ROLE_MISSING, Role.OPERATOR.value)
        return await self._records.members(wanted, limit, after)

    async def contracts(
        self,
        principal: Principal,
        wanted: ContractFilter,
        in_force_only: bool,
        limit: int,
        after: str,
    ) -> list[Contract]:
        """Return agreements by id: all, or the caller's own.

        Raises ``Refused``: INSTITUTION_NOT_FOUND where another's are asked for.
        """
        if not _sees_all(principal):
            if wanted.institution not in ("", principal.institution):
                raise refuse(ErrorReason.INSTITUTION_NOT_FOUND)
            wanted = msgspec.structs.replace(wanted, institution=principal.institution)
        if in_force_only:
            wanted = msgspec.structs.replace(wanted, in_force_at=int(self._clock()))
        return await self._records.contracts(wanted, limit, after)

    async def expiring(
        self, principal: Principal, within_days: int, limit: int, after: str
    ) -> list[Expiring]:
        """Return what ends within so many days: everybody's for operators, else the caller's."""
        whose = "" if Role.OPERATOR in principal.roles else principal.institution
        now = int(self._clock())
        return await self._records.expiring(whose, now, now + within_days * _DAY_S, limit, after)

    def place(self, entry: Expiring) -> str:
        """Return where an entry stands in the list of what ends."""
        return self._records.place(entry)


def _sees_all(principal: Principal) -> bool:
    return not _SEES_ALL.isdisjoint(principal.roles)
