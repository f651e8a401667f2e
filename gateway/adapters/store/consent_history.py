"""The history of a consent in the store, read only: its events of the log, and whom it names.

Owns how an event's tag and salt are made again from the subject's secret. Refuses to tell more of a
subject than what belongs to the events of this one consent.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from gateway.adapters.committer.audit_events import opening
from gateway.adapters.store.reader import StoreReader
from gateway.adapters.store.subject_store import SubjectStore
from gateway.application.ports.consents import ConsentMoment, Party
from gateway.domain.subject import Subject
from gateway.domain.vocabulary import Jurisdiction

MAX_CHANGES: Final = 200
"""The latest changes that a receipt tells; its grant is told in any case."""
_COLUMNS: Final = (
    "SELECT c.log_index, e.event FROM consent_event c JOIN log_entry e ON e.log_index = c.log_index"
    " WHERE c.consent_id = ?"
)
_LATEST: Final = f"{_COLUMNS} ORDER BY c.log_index DESC LIMIT ?"
_FIRST: Final = f"{_COLUMNS} ORDER BY c.log_index LIMIT 1"


class _Said(msgspec.Struct, frozen=True):
    """What is read of a stored event."""

    id: str
    kind: str
    time: str
    institution: str


class ConsentHistoryStore:
    """Implements ``ConsentHistory``."""

    def __init__(self, reader: StoreReader, subjects: SubjectStore) -> None:
        """Take a reader of the store, and where subjects are opened."""
        self._reader = reader
        self._subjects = subjects

    async def moments(self, consent_id: str) -> tuple[ConsentMoment, ...]:
        """Return the grant and the latest changes, in log order."""
        rows = await self._reader.rows(_LATEST, (consent_id, MAX_CHANGES))
        if not rows:
            return ()
        rows += await self._reader.rows(_FIRST, (consent_id,))
        found: dict[int, bytes] = {index: bytes(event) for index, event in rows}
        subject = await self._subjects.subject_of(consent_id)
        return tuple(_moment(index, found[index], subject) for index in sorted(found))

    async def parties(self, institutions: Iterable[str]) -> Mapping[str, Party]:
        """Return those of the institutions that are in the Directory."""
        ids = tuple(institutions)
        places = ",".join("?" * len(ids))
        query = f"SELECT id, legal_group, jurisdiction FROM institution WHERE id IN ({places})"
        rows = await self._reader.rows(query, ids)
        return {row[0]: Party(row[1], Jurisdiction(row[2])) for row in rows}


def _moment(log_index: int, event: bytes, subject: Subject) -> ConsentMoment:
    said = msgspec.json.decode(event, type=_Said)
    tag, salt = opening(subject, said.id)
    return ConsentMoment(
        said.id, said.kind, said.time, log_index, said.institution, tag, salt.hex()
    )
