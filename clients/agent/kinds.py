"""What differs between the kinds of question that an agent answers by a masked contribution.

Owns the seam: what is checked before READY, what a roster must be, and where values come from. The
state machine around it (``rounds``) is the same for all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from clients.agent.orders import QuestionOrder
from clients.agent.roster import CheckedRoster
from gateway.crypto.masks import MaskingKey
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import Question

_LOG: Final = logging.getLogger("veilgate.agent")
Progress = Callable[[int, int], None]
"""Called with the ciphertexts that are done, and all."""


@dataclass(frozen=True, slots=True)
class Willing:
    """What is kept of a question that this agent is willing to answer."""

    contract: AggregateContract
    group: str
    """The asker's legal group."""
    content: bytes
    """What the data's side knows the question by."""
    kept: tuple[int, ...]
    """What the contribution is made from; sealed, and destroyed with the masking key."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A question whose roster is fixed: what a kind makes a contribution of."""

    question: Question
    contract: AggregateContract
    kept: tuple[int, ...]
    roster: CheckedRoster


class Kind(Protocol):
    """One kind of question. Blocking: it may read much data."""

    def accept(self, question: Question, order: QuestionOrder) -> Willing:
        """Check a question that its asker signed, and make ready what is kept for it.

        Raises ``Refused``, ``Unwilling``.
        """
        ...

    def require_roster(self, question: Question, willing: Willing, names: tuple[str, ...]) -> None:
        """Check a roster whose signatures hold; ``willing.kept`` is empty. Raises ``Unwilling``."""
        ...

    def ciphertexts(self, question: Question, contract: AggregateContract, members: int) -> int:
        """Return how many ciphertexts a contribution has."""
        ...

    def contribution(self, fixed: Fixed, own: MaskingKey, progress: Progress) -> bytes:
        """Return the masked and encrypted values."""
        ...


def logged_progress(round_id: str) -> Progress:
    """Return what tells the agent's own log how far a contribution is."""

    def tell(done: int, of: int) -> None:
        _LOG.info("round %s: %d %% encrypted", round_id, 100 * done // of)

    return tell
