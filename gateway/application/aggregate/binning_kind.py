"""Jobs of binning (protocol B): what is checked of one before it is charged.

Owns that the consents which the lender names are the ones that it signed for, one for each row, and
each of the subject that the lender names for that row. Refuses a job without them: it is opened by
``Binnings`` only, never by ``Ask``.
"""

from __future__ import annotations

from gateway.application.aggregate.bound_rows import JobRows, RowBinder
from gateway.application.aggregate.cohort_kind import charge_of
from gateway.application.aggregate.kinds import Accepted, Charge, Request
from gateway.application.aggregate.permission import require_permitted
from gateway.application.ports.contribution_tree import ContributionTree
from gateway.domain.aggregate.binning import BinningPlan, require_binning
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import Asked, BinningJob, WrongContract
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, refuse

BINNING = "binning"
MOST_ROWS = 10_000
"""Rows of one job here: their consents are read in one transaction, twice."""


class BinningKind:
    """Implements ``Kind``."""

    name = BINNING

    def __init__(self, tree: ContributionTree, binder: RowBinder) -> None:
        """Take the tree that a job's rows are hashed in, and what binds them to their subjects."""
        self._tree = tree
        self._binder = binder

    async def accept(
        self, principal: Principal, contract: AggregateContract, asked: Asked, request: Request
    ) -> Accepted:
        """Check terms, plan and rows; raises as ``Kind.accept``."""
        require_permitted(principal, contract.binning, asked.purpose, self.name)
        if not isinstance(asked, BinningJob) or contract.binning is None:
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "kind")
        plan = _plan(asked, contract)
        self._require_rows(asked, request.consents)
        bureau, rows = contract.binning.bureau, JobRows(request.consents, request.subjects)
        bound = await self._binder.bind(principal.institution, asked.id, bureau, rows)
        budget = contract.binning.budget
        return Accepted(
            question=asked,
            kind=self.name,
            contributors=(bureau,),
            minimum=1,
            ciphertexts=lambda _: sum(plan.bins),
            charge=charge_of(asked.cost, budget) if budget is not None else Charge(),
            consents=request.consents,
            rows=bound,
        )

    def _require_rows(self, job: BinningJob, consents: tuple[str, ...]) -> None:
        # One consent for two rows would let one person's leave stand for another's.
        if len(consents) != job.rows or len(set(consents)) != job.rows or job.rows > MOST_ROWS:
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "rows")
        if self._tree.root([one.encode() for one in consents]).hex() != job.row_root:
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "row_root")


def _plan(job: BinningJob, contract: AggregateContract) -> BinningPlan:
    try:
        return require_binning(job, contract)
    except WrongContract as wrong:
        raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, str(wrong)) from None
