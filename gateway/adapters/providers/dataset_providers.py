"""One institution's provider: its datasets, each with a source and a guard of its own.

Owns the choice by dataset. Refuses a dataset that is not configured.
"""

from collections.abc import Mapping

from gateway.application.ports.provider import Fetched, Inquiry, Provider
from gateway.domain.reasons import ErrorReason, refuse


class DatasetProviders:
    """Implements ``Provider`` over one for each dataset."""

    def __init__(self, by_dataset: Mapping[str, Provider]) -> None:
        """Take the providers by dataset."""
        self._by_dataset = by_dataset

    async def fetch(self, inquiry: Inquiry) -> Fetched | None:
        """Ask the dataset's provider; raises ``Refused`` with PROVIDER_UNAVAILABLE without one."""
        provider = self._by_dataset.get(inquiry.dataset)
        if provider is None:
            raise refuse(ErrorReason.PROVIDER_UNAVAILABLE)
        return await provider.fetch(inquiry)
