"""Jobs of binning (protocol B): what is checked of one before it is charged.

Owns its terms and its size. Its rows are bound to their consents as they come (``bound_rows``); a
job is opened by ``Binnings`` only, and refused by ``Ask``, where no rows are.
"""

from __future__ import annotations

from gateway.application.aggregate.cohort_kind import charge_of
from gateway.application.aggregate.kinds import Accepted, Request
from gateway.application.aggregate.permission import require_permitted
from gateway.domain.aggregate.binning import BinningPlan, require_binning
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import Asked, BinningJob, WrongContract
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, refuse

BINNING = "binning"
MOST_ROWS = 1_000_000
"""Rows of one job here: some 400 bytes each while it begins, 96 until the bureau has them."""


class BinningKind:
    """Implements ``Kind``."""

    name = BINNING

    async def accept(
        self, principal: Principal, contract: AggregateContract, asked: Asked, request: Request
    ) -> Accepted:
        """Check terms and plan; raises as ``Kind.accept``."""
        require_permitted(principal, contract.binning, asked.purpose, self.name)
        if not isinstance(asked, BinningJob) or contract.binning is None:
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "kind")
        plan = _plan(asked, contract)
        if asked.rows > MOST_ROWS or not request.rows_follow:
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "rows")
        return Accepted(
            question=asked,
            kind=self.name,
            contributors=(contract.binning.bureau,),
            minimum=1,
            ciphertexts=lambda _: sum(plan.bins),
            charge=charge_of(asked.cost, contract.binning.budget),
        )


def _plan(job: BinningJob, contract: AggregateContract) -> BinningPlan:
    try:
        return require_binning(job, contract)
    except WrongContract as wrong:
        raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, str(wrong)) from None
