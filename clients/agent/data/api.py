"""What the protocol's side of an agent asks of its data.

Owns the interface and the words of a refusal. Refuses detail: why a question is declined is one
fixed word for the agent's own log, and no word says a count or whose cohort was too close.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import msgspec

from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.plan import CohortPlan
from gateway.domain.aggregate.question import CohortQuestion


class DataWord(StrEnum):
    """Why the data's side declined."""

    DATASET = "dataset"
    """Not held here, or held in another snapshot."""
    CONTRACT = "contract"
    """The contract has a dimension or measure, or a domain, that the frozen data does not."""
    SOURCE = "source"
    """The data cannot be read, or is not what was frozen."""
    BUDGET = "budget"
    """The recipient's budget here does not cover the cost, or too many questions were refused."""
    OVERLAP = "overlap"
    """The cohorts, put together with answered ones, would single out too few people."""
    ROSTER = "roster"
    """The same cohorts were answered among other contributors."""
    UNKNOWN = "unknown"
    """Nothing was prepared for this content."""


class Declined(Exception):
    """The data's side does not answer; ``word`` is all there is to know."""

    def __init__(self, word: DataWord) -> None:
        super().__init__(word.value)
        self.word = word


class Prepared(msgspec.Struct, frozen=True):
    """An agent's values, durable before they are returned.

    ``values`` has ``Shape.length`` integers in the order of ``Shape.figures`` cell by cell: the
    counters 0 or 1 without noise, all others in steps with this agent's share of the noise.
    ``content`` (32 bytes) names recipient group and cohort question; the same content always has
    the same values.
    """

    values: tuple[int, ...]
    content: bytes


class CohortData(Protocol):
    """Answers cohort questions. Calls block for up to some seconds: make them in a thread.

    Safe to be called by several threads; calls take turns.
    """

    def prepare(
        self,
        question: CohortQuestion,
        contract: AggregateContract,
        plan: CohortPlan,
        recipient_group: str,
    ) -> Prepared:
        """Evaluate, add noise, charge and store; the same content costs nothing the second time.

        ``plan`` is what ``require_plan`` returned for this question and contract;
        ``recipient_group`` is the asker's legal group as this provider knows it.

        Raises:
            Declined: DATASET, CONTRACT, SOURCE and BUDGET without a charge; OVERLAP is charged and
                counted, once: the same content is declined again for nothing.
        """
        ...

    def settle(self, content: bytes, roster: tuple[str, ...]) -> None:
        """Bind a content to the contributors of its round, for good; the same again is no change.

        Raises:
            Declined: ROSTER if this content, or another of the recipient's with a cohort in common,
                is bound to other contributors; UNKNOWN if no values were prepared for it.
        """
        ...
