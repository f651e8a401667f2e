"""The ports of the Directory's own service: reading its records, and changing them.

What authentication needs of the Directory is ``store.Directory``. Every method raises ``Refused``
with STORE_UNAVAILABLE when the store cannot be read or nothing could be made durable.
"""

from typing import Protocol

import msgspec

from gateway.application.ports.ledger import Recorded
from gateway.domain.enrolment import (
    Contract,
    CredentialChange,
    Enrolment,
    Expiring,
    InstitutionEvent,
    Member,
)
from gateway.domain.vocabulary import InstitutionStatus, Role


class MemberFilter(msgspec.Struct, frozen=True):
    """Which institutions are wanted; what is empty does not filter."""

    role: Role | None = None
    status: InstitutionStatus | None = None
    legal_group: str = ""


class ContractFilter(msgspec.Struct, frozen=True):
    """Which agreements are wanted; ``in_force_at`` is a Unix second."""

    institution: str = ""
    dataset: str = ""
    purpose: str = ""
    in_force_at: int | None = None


class DirectoryReader(Protocol):
    """Reads what is committed. ``after`` is the last entry of the page before, empty at first."""

    async def member(self, institution: str) -> Member | None:
        """Return an institution, or None."""
        ...

    async def members(self, wanted: MemberFilter, limit: int, after: str) -> list[Member]:
        """Return at most ``limit`` institutions, in the order of their ids."""
        ...

    async def contract(self, agreement_id: str) -> Contract | None:
        """Return an agreement, or None."""
        ...

    async def contracts(self, wanted: ContractFilter, limit: int, after: str) -> list[Contract]:
        """Return at most ``limit`` agreements, in the order of their ids."""
        ...

    async def expiring(
        self, institution: str, begin: int, end: int, limit: int, after: str
    ) -> list[Expiring]:
        """Return what ends after ``begin`` and by ``end`` (Unix seconds), the next to end first.

        Of one institution, or of all for the empty one. ``after`` is a ``place`` of this reader.
        """
        ...

    def place(self, entry: Expiring) -> str:
        """Return where an entry stands in the list of what ends."""
        ...


class ChangedCredentials(msgspec.Struct, frozen=True):
    """A change in the log; what it retired is refused from ``retired_at`` on, None if nothing."""

    recorded: Recorded
    retired_at: int | None


class DirectoryLedger(Protocol):
    """Changes the Directory, with an event of the log for each change; ``by`` is who acts.

    Raises ``Refused``: INSTITUTION_SUSPENDED if ``by`` is not active by then.
    """

    async def enrol(self, by: str, enrolment: Enrolment) -> Recorded:
        """Add an institution.

        Raises ``Refused``: INSTITUTION_ALREADY_EXISTS, CREDENTIAL_IN_USE.
        """
        ...

    async def change_credentials(
        self, by: str, change: CredentialChange, signed_by: str
    ) -> ChangedCredentials:
        """Add and retire credentials.

        Raises ``Refused``: ENROLMENT_SIGNATURE_INVALID if ``signed_by`` is no key in use,
        CREDENTIAL_IN_USE, LAST_CREDENTIAL, REQUEST_ID_REUSED, and INVALID_FIELD with the field that
        goes beyond a bound.
        """
        ...

    async def change_status(
        self, by: str, institution: str, transition: InstitutionEvent
    ) -> Recorded:
        """Take an institution through a transition.

        Raises ``Refused``: INSTITUTION_NOT_FOUND, INSTITUTION_TRANSITION_REFUSED.
        """
        ...

    async def add_agreement(self, by: str, contract: Contract) -> Recorded:
        """Record an agreement.

        Raises ``Refused``: INSTITUTION_NOT_FOUND, AGREEMENT_ALREADY_EXISTS.
        """
        ...

    async def end_agreement(self, by: str, contract: Contract) -> Recorded:
        """End an agreement now. Raises ``Refused``: AGREEMENT_NOT_FOUND."""
        ...
