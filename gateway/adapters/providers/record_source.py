"""What stands behind a guard: a source of one dataset's records, asked by address.

Owns the line between the guard, which all providers share, and the kinds of providers.
"""

from typing import Protocol

from gateway.adapters.providers.addressing import Address
from gateway.application.ports.provider import Fetched, Inquiry
from gateway.domain.policy.documents import DatasetDocument


class RecordSource(Protocol):
    """A provider of one kind. Started before gRPC if it has a process, closed at the end."""

    async def look_up(self, address: Address, inquiry: Inquiry) -> Fetched | None:
        """Return the values of exactly the inquiry's fields, or None if nobody has this address.

        Raises ``Refused``: PROVIDER_UNAVAILABLE, PROVIDER_TIMEOUT, PROVIDER_ANSWER_INVALID, and
        what a provider itself may refuse. Bounded in time by the guard as well, which cancels it.
        """
        ...

    def use_contract(self, contract: DatasetDocument) -> None:
        """Learn the types that the answers must have; at the start and at each reload."""
        ...

    def close(self) -> None:
        """End it; waiting calls fail."""
        ...
