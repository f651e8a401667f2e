"""The mirror of the ledger: what each recipient has spent here, by this provider's own count.

Owns periods and limits: the contract's, or this provider's own where they are lower. It does not
believe the gateway's ledger. Refuses a charge that does not fit, a clock that runs back, and a
contract that shortens its period: a period that began keeps its end, and none is begun before it.
"""

from __future__ import annotations

import msgspec

from clients.agent.data.config import Allowance
from clients.agent.data.store import Standing, Transaction
from gateway.domain.aggregate.contract import Budget
from gateway.domain.privacy.budget import PrivacyAccount

_DAY_S = 86_400


class Charged(msgspec.Struct, frozen=True):
    """An account before a question, and where it is kept."""

    recipient: str
    dataset: str
    period_end: int
    account: PrivacyAccount

    def put(self, transaction: Transaction, account: PrivacyAccount) -> None:
        """Keep the account as it stands after the question."""
        transaction.put_account(self.recipient, self.dataset, self.period_end, account)


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
    limit, refusals = budget.limit, budget.refusals
    if allowance is not None:
        limit, refusals = min(limit, allowance.limit), min(refusals, allowance.refusals)
    kept = transaction.standing(recipient, dataset)
    end, account = standing_at(kept, budget.period_days, limit, refusals, now)
    return Charged(recipient, dataset, end, account)


def standing_at(
    kept: Standing | None, period_days: int, limit: int, refusals: int, now: int
) -> tuple[int, PrivacyAccount]:
    """Return the end of the period of ``now`` and the account in it, from what was kept.

    Raises:
        BoundsRefused: more is spent than the limit allows by now: it was lowered.
    """
    period = period_days * _DAY_S
    if kept is not None and now < kept.period_end:
        end, spent, refused = kept.period_end, kept.spent, kept.refusals
    else:
        end, spent, refused = now - now % period + period, 0, 0
    account = PrivacyAccount(
        limit=limit,
        spent=spent,
        spent_ever=kept.spent_ever if kept else 0,
        refusals=refused,
        max_refusals=refusals,
    )
    return end, account
