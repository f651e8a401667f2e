"""What a person gets to see of an opened result: figures with their expected errors.

Owns the answer as a value that can be stored and printed again. Refuses to show a cell that any of
the members suppressed: its sums lack that member's people, so they would be read as something that
they are not, and how many members suppressed it is told to nobody.
"""

from __future__ import annotations

import msgspec

from clients.keyholder.wanted import Figure
from gateway.domain.policy.document_base import Bilingual


class Estimate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A noisy figure and its standard error, in the figure's unit.

    ``weak``: the error is first-order, and here the noise is too large beside the people for that.
    """

    value: float
    error: float | None
    weak: bool = False


class Bin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """People whose value lies in [low, high); the last bin includes its high."""

    low: float
    high: float
    people: Estimate


class Shown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One asked figure of one cell; ``estimate`` is None where there are too few people for it."""

    figure: Figure
    estimate: Estimate | None = None
    bins: tuple[Bin, ...] = ()


class Cell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One group; ``people`` is None, and there are no figures, where it is suppressed."""

    group: tuple[str, ...]
    suppressed: bool
    people: Estimate | None = None
    figures: tuple[Shown, ...] = ()


class MeasureName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a measure or dimension is called, and its unit."""

    name: str
    title: Bilingual
    unit: str = ""


class CohortAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All of an answer. ``epsilon`` is the question's own, for ``delta``; ``cost`` is micro-rho."""

    id: str
    dataset: str
    snapshot: str
    title: Bilingual
    purpose: str
    where: tuple[str, ...]
    grouped: tuple[MeasureName, ...]
    measures: tuple[MeasureName, ...]
    members: tuple[str, ...]
    cost: int
    epsilon: str
    delta: str
    log_index: int
    event_id: str
    cells: tuple[Cell, ...]

    def encoded(self) -> bytes:
        """Return JSON."""
        return msgspec.json.encode(self)

    def name_of(self, measure: str) -> MeasureName:
        """Return how a measure is called."""
        return next(one for one in self.measures if one.name == measure)


def read_answer(encoded: bytes) -> CohortAnswer:
    """Read a stored answer; raises ``ValueError`` for anything else."""
    return msgspec.json.decode(encoded, type=CohortAnswer)
