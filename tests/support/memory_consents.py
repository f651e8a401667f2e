"""Whose consents are, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.application.ports.bound_rows import ConsentVersion


@dataclass
class MemoryConsents:
    """Whose consents are: by id."""

    granted: dict[str, ConsentVersion] = field(default_factory=dict)

    async def versions(self, consent_ids: Sequence[str]) -> Mapping[str, ConsentVersion]:
        return {one: self.granted[one] for one in consent_ids if one in self.granted}
