"""Questions about cohorts (protocol H): always noisy, charged to the asker's legal entity.

Owns what is checked of one before it is charged. Refuses what the contract does not list; the plan
is computed here from the question and the contract, and nobody's word is taken for it.
"""

from __future__ import annotations

from gateway.application.aggregate.kinds import Accepted, Charge, Request
from gateway.application.aggregate.permission import require_permitted
from gateway.domain.aggregate.contract import AggregateContract, Budget
from gateway.domain.aggregate.packing_plan import layout_of
from gateway.domain.aggregate.plan import CohortPlan, require_plan
from gateway.domain.aggregate.question import Asked, CohortQuestion, WrongContract
from gateway.domain.institution import Principal
from gateway.domain.privacy.errors import BoundsRefused
from gateway.domain.reasons import ErrorReason, refuse

FEWEST_APART = 3
"""The asker knows its own values and noise: the sum of two others would show each to the other."""
_DAY_S = 86_400


class CohortKind:
    """Implements ``Kind``."""

    name = "cohort"

    async def accept(
        self, principal: Principal, contract: AggregateContract, asked: Asked, request: Request
    ) -> Accepted:
        """Check terms, plan and scheme; raises as ``Kind.accept``."""
        require_permitted(principal, contract.cohort, asked.purpose, self.name)
        if not isinstance(asked, CohortQuestion) or contract.cohort is None:
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "kind")
        if request.boxes or request.consent_id or request.commitments is not None:
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "boxes")
        plan = _plan(asked, contract)
        return Accepted(
            question=asked,
            kind=self.name,
            contributors=contract.contributors,
            minimum=contract.minimum_contributors,
            apart=FEWEST_APART,
            ciphertexts=lambda members: layout_of(plan, asked.key, members).ciphertexts,
            charge=charge_of(asked.cost, contract.cohort.budget),
        )


def charge_of(cost: int, budget: Budget) -> Charge:
    """Return a cost with the terms of its account."""
    return Charge(cost, budget.limit, budget.refusals, budget.period_days * _DAY_S)


def _plan(asked: CohortQuestion, contract: AggregateContract) -> CohortPlan:
    try:
        plan = require_plan(asked, contract)
        # Also the largest roster's: it needs the widest slots.
        layout_of(plan, asked.key, len(contract.contributors))
    except WrongContract as wrong:
        raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, str(wrong)) from None
    except BoundsRefused:
        raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "cost") from None
    return plan
