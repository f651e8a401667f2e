"""The port to a data provider: one subject's values for the fields that a plan names."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from gateway.domain.stages import Value
from gateway.domain.subject import SubjectKey


class Inquiry(msgspec.Struct, frozen=True):
    """What a provider is asked; ``event_id`` is the intent's."""

    dataset: str
    subject: SubjectKey
    fields: tuple[str, ...]
    purpose: str
    recipient: str
    consent_id: str
    event_id: str
    request_id: str = ""
    """The recipient's own; the same request asked again has the same."""
    path: tuple[str, ...] = ()
    """Log origins of the gateways that the request came through; empty if from an institution."""


class Fetched(msgspec.Struct, frozen=True):
    """Exactly the fields that were asked for, and the provider's own event, if it keeps a log."""

    values: Mapping[str, Value]
    event: str = ""

    def __repr__(self) -> str:
        """Show no value."""
        return "Fetched(...)"


class Provider(Protocol):
    """A source of records behind a dataset contract."""

    async def fetch(self, inquiry: Inquiry) -> Fetched | None:
        """Return the values of exactly these fields, or None if there is no such subject.

        Raises ``Refused``: PROVIDER_UNAVAILABLE, PROVIDER_TIMEOUT, PROVIDER_BUSY,
        PROVIDER_ANSWER_INVALID, IDENTIFIER_NEEDED, FEDERATION_LOOP. Bounded in time by the adapter.
        """
        ...
