"""Tying the rows of a job to their consents, before it is charged.

Owns that a row's subject is its consent's: the lender says who each row is about, and the bureau
will find only that person behind the row. Refuses a consent of another controller, one of another
subject and one that is none alike. Whether consents stand and cover the job is the ledger's to say,
in its transaction.
"""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec

from gateway.application.ports.bound_rows import ConsentVersions, RowTags
from gateway.domain.aggregate.binning_rows import RowBinding, bound, consent_version
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.subject import SubjectKey

_ROW_SET: Final = "row-set"
_AT_A_TIME: Final = 500
"""Rows, after which others have their turn."""


class JobRows(msgspec.Struct, frozen=True):
    """A job's consents and whose they are said to be, in the rows' order."""

    consents: tuple[str, ...]
    subjects: tuple[SubjectKey, ...]

    def __repr__(self) -> str:
        """Show how many there are."""
        return f"JobRows({len(self.consents)})"


class BoundRows(msgspec.Struct, frozen=True):
    """The rows' leaves and bindings, in order.

    ``row_set`` is the same for the same consents of the same lender, and says nothing of them.
    """

    leaves: tuple[bytes, ...]
    bindings: bytes
    row_set: bytes

    def __repr__(self) -> str:
        """Show how many there are."""
        return f"BoundRows({len(self.leaves)})"


class RowBinder:
    """Checks and binds rows."""

    def __init__(self, consents: ConsentVersions, tags: RowTags) -> None:
        """Take the consents, and the keys that tags are made with."""
        self._consents = consents
        self._tags = tags

    async def bind(self, lender: str, job: str, bureau: str, rows: JobRows) -> BoundRows:
        """Return each row bound to its consent, for this bureau and this job alone.

        Raises ``Refused``: AGGREGATE_QUESTION_INVALID, CONSENT_ABSENT, REFERENCE_KEY_UNKNOWN,
        STORE_UNAVAILABLE.
        """
        if len(rows.subjects) != len(rows.consents):
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "subjects")
        known = await self._consents.versions(rows.consents)
        tagged = await self._tags.tagged(rows.subjects, bureau)
        bindings: list[RowBinding] = []
        for consent_id, one in zip(rows.consents, tagged, strict=True):
            found = known.get(consent_id)
            # Another's consent, another subject's and none look alike.
            if found is None or (found.controller, found.subject_id) != (lender, one.subject_id):
                raise refuse(ErrorReason.CONSENT_ABSENT)
            own = self._tags.consent_salt(lender, consent_id, (job,))
            version = consent_version(own, consent_id, found.digest)
            bindings.append(bound(self._tags.salts(1)[0], one.tag, version))
            if len(bindings) % _AT_A_TIME == 0:
                await asyncio.sleep(0)
        row_set = self._tags.consent_salt(lender, _ROW_SET, sorted(rows.consents))
        content = b"".join(one.encoded() for one in bindings)
        return BoundRows(tuple(one.leaf for one in bindings), content, row_set)
