"""The local providers under the provider's port, for contract tests: each must pass the same ones.

Owns a small table of subjects as each engine holds one, and the damage an operator can meet. An
engine says which wrong values it can hold at all: a CSV file has no numbers to be wrong with, a
typed column no second type.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from clients.cli.local.home import packaged_policies
from gateway.adapters.policy_files.yaml_policies import read_policies
from gateway.adapters.providers.addressing import by_identifier
from gateway.adapters.providers.breaker import Breaker, BreakerSettings
from gateway.adapters.providers.guarded_provider import GuardedProvider, GuardLimits
from gateway.adapters.providers.process_provider import ProcessProvider
from gateway.adapters.providers.sources import Source
from gateway.application.ports.provider import Inquiry
from gateway.domain.stages import Value
from gateway.domain.subject import SubjectKey
from support.live_gateway import DATASET, UNDERWRITING

TIMEOUT_S: Final = 1.0
TYPE_COLUMN, IDENTIFIER_COLUMN = "kind", "number"
COLUMNS: Final = ("name", "phone", "credit_amount", "remark")
HEADER: Final = (TYPE_COLUMN, IDENTIFIER_COLUMN, *COLUMNS)
Row = tuple[str, str, object, object, object, object]
"""Identifier type and normalised identifier, then ``COLUMNS``; any type, to be wrong with."""
NEVER_OPENS: Final = BreakerSettings(1_000_000, 1.0, 1_000_000, 1.0, 1.0)
"""The breaker has tests of its own; here each call is to reach the source."""


class ProviderEngine(Protocol):
    """Makes and damages a provider's data."""

    @property
    def wrong(self) -> tuple[dict[str, object], ...]:
        """Changes to ``ANN`` that this engine can hold and that break the contract."""
        ...

    def fill(self, folder: Path, rows: list[Row]) -> None:
        """Hold exactly these rows; duplicates are the source's right."""
        ...

    def drop_column(self, folder: Path, column: str) -> None:
        """Lose a column."""
        ...

    def drop_all(self, folder: Path) -> None:
        """Lose the table."""
        ...

    def source(self, folder: Path) -> Source:
        """Say where the data is."""
        ...


class RunningProvider:
    """A guarded provider of the demo's dataset over an engine's data, with its process."""

    def __init__(self, source: Source, timeout_s: float = TIMEOUT_S) -> None:
        self._process = ProcessProvider(source, timeout_s)
        for contract in read_policies(packaged_policies()).documents.datasets:
            self._process.use_contract(contract)
        # The process's own limit is the one to be seen here: the guard's is a little longer.
        limits = GuardLimits(timeout_s + 30, 1_000, 0)
        breaker = Breaker(NEVER_OPENS, time.monotonic)
        self._guarded = GuardedProvider(self._process, by_identifier, limits, breaker)

    async def fetch(
        self, subject: SubjectKey, fields: tuple[str, ...] = COLUMNS, dataset: str = DATASET
    ) -> Mapping[str, Value] | None:
        """The values, or None, or ``Refused``."""
        found = await self._guarded.fetch(inquiry(subject, fields, dataset))
        return None if found is None else found.values

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    def close(self) -> None:
        """Stop it."""
        self._process.close()


def inquiry(
    subject: SubjectKey, fields: tuple[str, ...] = COLUMNS, dataset: str = DATASET
) -> Inquiry:
    """What a gateway would ask for such a call."""
    return Inquiry(dataset, subject, fields, UNDERWRITING, "lender-a", "consent-1", "0" * 32)


ANN: Final[dict[str, Value]] = {
    "name": "Ann",
    "phone": "(213) 555-0167",
    "credit_amount": 1169,
    "remark": None,
}
