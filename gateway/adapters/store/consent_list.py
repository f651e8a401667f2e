"""The list of consents in the store, read only: an institution's consents by their grants.

Owns the order (granted_at, id), the latest first, over the indexes by controller and by collector;
a consent that one institution both collected and controls is in both and is listed once.
"""

from functools import lru_cache
from typing import Final

import msgspec

from gateway.adapters.keys.keyring import Keyring
from gateway.adapters.store.reader import Row, StoreReader, Values
from gateway.application.ports.consents import Listed, Place
from gateway.domain.consent import Consent, ConsentState, ConsentTerms, Standing
from gateway.domain.subject import SubjectKey

_REMEMBERED: Final = 16_384
_ORDER: Final = "ORDER BY granted_at DESC, id DESC LIMIT ?"


def _select(where: str) -> str:
    return (
        "SELECT granted_at, id, terms, state, uses, use_window, window_uses FROM consent"
        f" WHERE {where} {_ORDER}"
    )


_AFTER: Final = " AND (granted_at, id) < (?, ?)"
_BY_CONTROLLER: Final = "controller = ?"
_BY_COLLECTOR: Final = "collector = ?"
_OF_SUBJECT: Final = "subject_id = ? AND ? IN (controller, collector)"


class ConsentListStore:
    """Implements ``ConsentList``."""

    def __init__(self, reader: StoreReader, keyring: Keyring) -> None:
        """Take a reader of the store, and the keys by which a subject is found."""
        self._reader = reader
        self._keyring = keyring
        self._terms = lru_cache(_REMEMBERED)(msgspec.msgpack.Decoder(ConsentTerms).decode)

    async def following(
        self, institution: str, subject: SubjectKey | None, after: Place | None, most: int
    ) -> list[Listed]:
        """Return the next consents of the institution, the latest first."""
        if subject is not None:
            subject_id = self._keyring.subject_id(subject)
            values: Values = (subject_id, institution)
            rows = await self._rows(_OF_SUBJECT, values, after, most)
        else:
            own = await self._rows(_BY_CONTROLLER, (institution,), after, most)
            collected = await self._rows(_BY_COLLECTOR, (institution,), after, most)
            merged = {row[1]: row for row in (*own, *collected)}
            rows = sorted(merged.values(), key=lambda row: row[:2], reverse=True)[:most]
        return [self._listed(row) for row in rows]

    async def _rows(self, where: str, values: Values, after: Place | None, most: int) -> list[Row]:
        if after is None:
            return await self._reader.rows(_select(where), (*values, most))
        place = (after.granted_at, after.consent_id)
        return await self._reader.rows(_select(where + _AFTER), (*values, *place, most))

    def _listed(self, row: Row) -> Listed:
        granted_at, _, terms, state, uses, window, window_uses = row
        standing = Standing(ConsentState(state), uses, window, window_uses)
        return Listed(Consent(self._terms(bytes(terms)), standing), granted_at)
