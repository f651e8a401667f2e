"""Tying the rows of a job to their consents, before it is charged.

Owns that a row's subject is its consent's: the lender says who each row is about, and the bureau
will find only that person behind the row. Rows are bound as they come, and whom they are about is
forgotten then; what stays of a row is its consent's id and 96 bytes. The same rows of a job are
bound to the same bytes again, for a job that is gone on with.

Refuses a consent of another controller, one of another subject and one that is none alike, and rows
other than the job was signed over. Whether consents stand and cover the job is the ledger's to say,
in its transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import msgspec

from gateway.application.ports.bound_rows import ConsentVersions, RowTags
from gateway.application.ports.contribution_tree import ContributionTree
from gateway.domain.aggregate.binning_rows import RowBinding, bound, consent_version
from gateway.domain.aggregate.question import BinningJob
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.subject import SubjectKey

_ROW_SET: Final = "row-set"
_SALT: Final = "row-salt"
_MODULUS: Final = 1 << 256


class JobRows(msgspec.Struct, frozen=True):
    """Some of a job's consents and whose they are said to be, in the rows' order."""

    consents: tuple[str, ...]
    subjects: tuple[SubjectKey, ...]

    def __repr__(self) -> str:
        """Show how many there are."""
        return f"JobRows({len(self.consents)})"


class BoundRows(msgspec.Struct, frozen=True):
    """A job's rows: their consents, the root over their leaves, their bindings, in order.

    ``row_set`` is the same for the same consents of the same lender, and says nothing of them.
    """

    consents: tuple[str, ...]
    root: bytes
    bindings: bytes
    row_set: bytes

    def __repr__(self) -> str:
        """Show how many there are."""
        return f"BoundRows({len(self.consents)})"


class RowBinder:
    """Checks and binds rows."""

    def __init__(self, consents: ConsentVersions, tags: RowTags, tree: ContributionTree) -> None:
        """Take the consents, the keys that tags are made with, and the tree over rows."""
        self._consents = consents
        self._tags = tags
        self._tree = tree

    async def bind(self, job: BinningJob, bureau: str, rows: AsyncIterator[JobRows]) -> BoundRows:
        """Return each row bound to its consent, for this bureau and this job alone.

        Raises ``Refused``: AGGREGATE_QUESTION_INVALID, CONSENT_ABSENT, REFERENCE_KEY_UNKNOWN,
        STORE_UNAVAILABLE.
        """
        consents: list[str] = []
        named, leaves = self._tree.growing(), self._tree.growing()
        bindings, row_set = bytearray(), 0
        async for part in rows:
            # One consent for two rows would let one person's leave stand for another's.
            if len(part.subjects) != len(part.consents) or len(consents) > job.rows:
                raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "rows")
            consents += part.consents
            bound_part = await self._bound(job, bureau, part)
            named.add([one.encode() for one in part.consents])
            leaves.add([one.leaf for one in bound_part])
            bindings += b"".join([one.encoded() for one in bound_part])
            row_set += sum(self._share(job.asker, one) for one in part.consents)
            await asyncio.sleep(0)
        if len(consents) != job.rows or len(set(consents)) != job.rows:
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "rows")
        if named.root().hex() != job.row_root:
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "row_root")
        # A keyed sum does not depend on the rows' order, and nobody can aim at one (Clarke et al.,
        # Incremental multiset hash functions, ASIACRYPT 2003).
        total = f"{row_set % _MODULUS:064x}"
        own = self._tags.consent_salt(job.asker, _ROW_SET, (total, str(job.rows)))
        return BoundRows(tuple(consents), leaves.root(), bytes(bindings), own)

    async def _bound(self, job: BinningJob, bureau: str, rows: JobRows) -> list[RowBinding]:
        known = await self._consents.versions(rows.consents)
        tagged = await self._tags.tagged(rows.subjects, bureau)
        bindings: list[RowBinding] = []
        for consent_id, one in zip(rows.consents, tagged, strict=True):
            found = known.get(consent_id)
            # Another's consent, another subject's and none look alike.
            if found is None or (found.controller, found.subject_id) != (
                *(job.asker, one.subject_id),
            ):
                raise refuse(ErrorReason.CONSENT_ABSENT)
            own = self._tags.consent_salt(job.asker, consent_id, (job.id,))
            salt = self._tags.consent_salt(job.asker, consent_id, (job.id, _SALT))
            version = consent_version(own, consent_id, found.digest)
            bindings.append(bound(salt, one.tag, version))
        return bindings

    def _share(self, lender: str, consent_id: str) -> int:
        """Return what a consent adds to the hash of a set of rows."""
        return int.from_bytes(self._tags.consent_salt(lender, consent_id, (_ROW_SET,)), "big")
