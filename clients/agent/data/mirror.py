"""The mirror of the ledger: what each recipient has spent here, by this provider's own count.

Owns periods and limits: the contract's, or this provider's own where they are lower. It does not
believe the gateway's ledger. Refuses a charge that does not fit, and a clock that runs back: a
period that began is not begun anew.
"""

from __future__ import annotations

import msgspec

from clients.agent.data.config import Allowance
from clients.agent.data.store import Transaction
from gateway.domain.aggregate.contract import Budget
from gateway.domain.privacy.budget import PrivacyAccount

_DAY_S = 86_400


class Charged(msgspec.Struct, frozen=True):
    """An account before a question, and where it is kept."""

    recipient: str
    dataset: str
    period_start: int
    account: PrivacyAccount

    def put(self, transaction: Transaction, account: PrivacyAccount) -> None:
        """Keep the account as it stands after the question."""
        transaction.put_account(self.recipient, self.dataset, self.period_start, account)


def account_of(
    transaction: Transaction,
    recipient: str,
    dataset: str,
    budget: Budget,
    allowance: Allowance | None,
    now: int,
) -> Charged:
    """Return a recipient's account in the period of ``now`` (Unix seconds).

    Raises:
        BoundsRefused: more is spent than the limit allows by now: it was lowered.
    """
    period = budget.period_days * _DAY_S
    start = now // period * period
    limit, refusals = budget.limit, budget.refusals
    if allowance is not None:
        limit, refusals = min(limit, allowance.limit), min(refusals, allowance.refusals)
    kept = transaction.standing(recipient, dataset)
    if kept is None:
        return Charged(
            recipient, dataset, start, PrivacyAccount(limit=limit, max_refusals=refusals)
        )
    same = start <= kept.period_start
    account = PrivacyAccount(
        limit=limit,
        spent=kept.spent if same else 0,
        spent_ever=kept.spent_ever,
        refusals=kept.refusals if same else 0,
        max_refusals=refusals,
    )
    return Charged(recipient, dataset, max(start, kept.period_start), account)
