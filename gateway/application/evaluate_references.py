"""Evaluation of blinded identifiers: counted, recorded, then done.

Owns the order: the quota is taken and the event is durable before anything is evaluated, so that
nobody tries all numbers unseen. The log holds how many, never which: the gateway sees blinded
elements only.
"""

import msgspec

from gateway.application.ports.ledger import Ledger
from gateway.application.ports.references import Evaluated, ReferenceEvaluator
from gateway.domain.institution import Principal


class Evaluation(msgspec.Struct, frozen=True):
    """What a client gets: evaluations, the key's version, and what is left of today's quota."""

    evaluated: Evaluated
    key_version: str
    quota_left: int


class EvaluateReferences:
    """Evaluates within a quota of each institution and day."""

    def __init__(self, evaluator: ReferenceEvaluator, ledger: Ledger, a_day: int) -> None:
        """Take the evaluator, the ledger, and the elements that an institution has a day."""
        self._evaluator = evaluator
        self._ledger = ledger
        self._a_day = a_day

    @property
    def key(self) -> tuple[str, bytes]:
        """Return the key's version and its public element."""
        return self._evaluator.key_version, self._evaluator.public_key

    async def __call__(self, principal: Principal, blinded: tuple[bytes, ...]) -> Evaluation:
        """Return the evaluations. Raises ``Refused``: REFERENCE_QUOTA_SPENT, INVALID_FIELD."""
        left = await self._ledger.take_evaluations(principal, len(blinded), self._a_day)
        evaluated = await self._evaluator.evaluate(blinded)
        return Evaluation(evaluated, self._evaluator.key_version, left)
