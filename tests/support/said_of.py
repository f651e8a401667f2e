"""A lender that tells the gateway of other people than it puts into the alignment."""

from collections.abc import Sequence
from dataclasses import dataclass

from clients.keyholder.binning.rows import LabelledRows
from support.binning_world import BinningWorld, resident_id
from veilgate.v1 import aggregate_pb2 as pb

FEATURES = ["housing"]
ROWS = range(300)
SHILLS = range(5_000, 5_300)
"""People who consent to anything, and of whom the bureau knows nothing."""
DP = {"mode": "dp", "cost": 1_000_000}


@dataclass(frozen=True, slots=True)
class SaidOf(LabelledRows):
    """Rows of which the gateway is told others than go into the alignment."""

    told: tuple[int, ...] = ()

    def subjects(self, first: int, end: int) -> list[pb.RowSubject]:
        honest = LabelledRows(names_of(self.told), self.labels, self.consents)
        return honest.subjects(first, end)


def names_of(chosen: Sequence[int]) -> tuple[bytes, ...]:
    return tuple(f"CN_RESIDENT_ID|{resident_id(row)}".encode() for row in chosen)


def behind(world: BinningWorld, victims: Sequence[int], shills: Sequence[int]) -> SaidOf:
    """Victims in the alignment, behind the consents of shills."""
    honest = world.rows(shills)
    return SaidOf(names_of(victims), honest.labels, honest.consents, told=tuple(shills))
