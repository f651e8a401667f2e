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


class Agreement(msgspec.Struct, frozen=True):
    """For which purposes an institution may receive which datasets, by contract.

    A purpose covers its descendants. Times are Unix seconds, the end is exclusive; ending an
    agreement moves its end.
    """

    id: str
    datasets: frozenset[str]
    purposes: frozenset[str]
    valid_from: int
    valid_until: int


class Principal(msgspec.Struct, frozen=True):
    """An authenticated caller: the institution and workload its certificate names.

    Nothing in a request body can make or change one.
    """

    institution: str
    workload: str
    roles: frozenset[Role]
    jurisdiction: Jurisdiction
    agreements: tuple[Agreement, ...] = ()
    legal_group: str = ""
