"""The port to a data provider: one subject's values for the fields that a plan names."""

from collections.abc import Mapping
from typing import Protocol

from gateway.domain.stages import Value
from gateway.domain.subject import SubjectIdentifier


class Provider(Protocol):
    """A source of records behind a dataset contract."""

    async def fetch(
        self, dataset: str, identifier: SubjectIdentifier, fields: tuple[str, ...]
    ) -> Mapping[str, Value] | None:
        """Return the values of exactly these fields, or None if there is no such subject.

        Raises ``Refused``: PROVIDER_UNAVAILABLE, PROVIDER_TIMEOUT, PROVIDER_ANSWER_INVALID. Bounded
        in time by the adapter.
        """
        ...
