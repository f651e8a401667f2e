"""Whose many consents are, read in few statements.

Owns the columns that say it; both digests are keyed, so that no row of them names a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gateway.adapters.store.reader import StoreReader
from gateway.application.ports.bound_rows import ConsentVersion

_KEYS: Final = 500
"""In one statement: an engine bounds its places."""
_SELECT: Final = "SELECT id, controller, subject_id, artefact_digest FROM consent WHERE id IN ({})"


class StoredVersions:
    """Implements ``ConsentVersions``."""

    def __init__(self, reader: StoreReader) -> None:
        """Take a reader of the store."""
        self._reader = reader

    async def versions(self, consent_ids: Sequence[str]) -> dict[str, ConsentVersion]:
        """Return those that there are."""
        found: dict[str, ConsentVersion] = {}
        for at in range(0, len(consent_ids), _KEYS):
            part = tuple(consent_ids[at : at + _KEYS])
            # Only question marks are set into the statement.
            query = _SELECT.format(",".join("?" * len(part)))
            for name, controller, subject_id, digest in await self._reader.rows(query, part):
                found[name] = ConsentVersion(controller, bytes(subject_id), bytes(digest))
        return found
