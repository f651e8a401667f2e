"""Institutions of the Directory and the principal that a call acts as."""

import msgspec

from gateway.domain.vocabulary import InstitutionStatus, Jurisdiction, Role


class Institution(msgspec.Struct, frozen=True):
    """A member: who it is, what it may be, and whether it is served at all."""

    id: str
    legal_group: str
    roles: frozenset[Role]
    jurisdiction: Jurisdiction
    status: InstitutionStatus


class Principal(msgspec.Struct, frozen=True):
    """An authenticated caller: the institution and workload its certificate names.

    Nothing in a request body can make or change one.
    """

    institution: str
    workload: str
    roles: frozenset[Role]
    jurisdiction: Jurisdiction
