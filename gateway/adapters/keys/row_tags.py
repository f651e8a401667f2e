"""The tags of a binning's rows over the keyring, beside the event loop.

Owns that thousands of identifiers hold nobody up: they are evaluated on one thread, some at a time,
and the library releases the interpreter while it computes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from gateway.adapters.keys.keyring import Keyring
from gateway.adapters.keys.subject_tags import KeyedSubjectTags
from gateway.application.ports.bound_rows import RowTag
from gateway.domain.subject import SubjectKey, SubjectReference

_BATCH: Final = 1_000


class KeyedRowTags(KeyedSubjectTags):
    """Implements ``RowTags``; one batch at a time."""

    def __init__(self, keyring: Keyring) -> None:
        """Take the keys."""
        super().__init__(keyring)
        self._keys = keyring
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="row-tags")

    async def tagged(self, subjects: Sequence[SubjectKey], scope: str) -> list[RowTag]:
        """Return each subject's key and tag; jobs take turns after every batch."""
        loop = asyncio.get_running_loop()
        found: list[RowTag] = []
        for at in range(0, len(subjects), _BATCH):
            batch = subjects[at : at + _BATCH]
            found += await loop.run_in_executor(self._thread, self._batch, batch, scope)
        return found

    def _batch(self, subjects: Sequence[SubjectKey], scope: str) -> list[RowTag]:
        return [self._tagged(one, scope) for one in subjects]

    def _tagged(self, subject: SubjectKey, scope: str) -> RowTag:
        # Evaluated once for both.
        reference = SubjectReference(self._keys.version, self._keys.reference(subject))
        return RowTag(
            self._keys.subject_id(reference), self._keys.scoped_reference(reference, scope)
        )
