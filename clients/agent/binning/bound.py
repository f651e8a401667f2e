"""Whether matched rows are those of the consents that the gateway checked.

Owns the bindings of a job's rows as they come, checked against the manifest's root, and the test of
a matched row: its leaf has to open with this bureau's own reference of the person who matched. A
lender that consents of one person stand for, and that puts another into the alignment, gets nothing
of that other. Refuses bindings of another number or under another root.

A row that does not open counts as one that does not match, in both modes and before anything looks
at how many rows there are. So what comes of a job is the same whether the one who was put behind
another's consent is among the bureau's people or not; an end of the job would tell just that.
"""

from __future__ import annotations

import numpy as np

from clients.agent.binning.errors import BinDeclined, BinWord
from clients.agent.binning.setup import BureauSetup, Ordinals
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.domain.aggregate.binning_rows import BINDING, binding_at, read_bindings


class BoundRows:
    """The bindings of one job, part after part."""

    def __init__(self, setup: BureauSetup) -> None:
        """Begin with none."""
        self._setup = setup
        self._content = bytearray()
        self._rows = b""

    def add(self, part: bytes) -> None:
        """Take a part.

        Raises:
            BinDeclined: TALK for too much, UNBOUND where the whole is not what the manifest says.
        """
        size = self._setup.job.rows * BINDING
        if self._rows or not part or len(self._content) + len(part) > size:
            raise BinDeclined(BinWord.TALK)
        self._content += part
        if len(self._content) == size:
            self._finish()

    @property
    def complete(self) -> bool:
        """Whether all rows are bound."""
        return bool(self._rows)

    def _finish(self) -> None:
        rows = bytes(self._content)
        self._content = bytearray()
        tree = CompactRange().extend(leaf_hash(one.leaf) for one in read_bindings(rows))
        if tree.root().hex() != self._setup.row_root:
            raise BinDeclined(BinWord.UNBOUND)
        self._rows = rows

    def only_bound(self, places: Ordinals, ordinals: Ordinals) -> tuple[Ordinals, Ordinals]:
        """Return the matched rows and their people, those that are not bound left out."""
        references = self._setup.data.references()
        bound = np.array(
            [
                binding_at(self._rows, row).opens(references[person])
                for row, person in zip(places.tolist(), ordinals.tolist(), strict=True)
            ],
            dtype=np.bool_,
        )
        return places[bound], ordinals[bound]
