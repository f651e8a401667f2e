"""What a legal group of lenders has spent here by ``dp`` jobs, by the bureau's own count.

Owns the accounts in the file of row sets: a job's cost is charged before the answer is made,
whatever comes of it, and refusals are counted in both modes, for each tells something of who is in
the data. It does not believe the gateway's ledger: gateway and lender together could ask the same
rows again and again, and average the noise away. Refuses a job that does not fit.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final, Self

import msgspec

from clients.agent.binning.errors import BinDeclined, BinWord
from clients.agent.data.mirror import standing_at
from clients.agent.data.store import Standing
from gateway.domain.aggregate.contract import Budget
from gateway.domain.privacy.budget import PrivacyAccount
from gateway.domain.privacy.errors import BudgetExhausted, PrivacyError

ACCOUNT_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS account (
    lender TEXT NOT NULL, dataset TEXT NOT NULL, period_end INTEGER NOT NULL,
    spent INTEGER NOT NULL, spent_ever INTEGER NOT NULL, refusals INTEGER NOT NULL,
    PRIMARY KEY (lender, dataset)
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a job costs, and of what."""

    budget: Budget
    """The contract's, of binning."""
    cost: int
    """In micro-rho; 0 in the mode ``exact``."""
    now: int
    """Unix seconds."""


@dataclass(frozen=True)
class JobAccount:
    """The account that a job is charged to, before it is; used within one transaction."""

    lender: str
    dataset: str
    period_end: int
    before: PrivacyAccount
    cost: int

    @classmethod
    def of(cls, database: sqlite3.Connection, lender: str, dataset: str, price: Price) -> Self:
        """Read the account; raises ``BinDeclined``: BUDGET, where the job does not fit."""
        row = database.execute(
            "SELECT period_end, spent, spent_ever, refusals FROM account"
            " WHERE lender = ? AND dataset = ?",
            (lender, dataset),
        ).fetchone()
        kept, budget = Standing(*row) if row else None, price.budget
        try:
            end, account = standing_at(
                kept, budget.period_days, budget.limit, budget.refusals, price.now
            )
            found = cls(lender, dataset, end, account, price.cost)
            found._charged()
        except PrivacyError:
            raise BinDeclined(BinWord.BUDGET) from None
        return found

    def answered(self, database: sqlite3.Connection) -> None:
        """Keep the account as it stands after an answer."""
        self._keep(database, self._charged())

    def refused(self, database: sqlite3.Connection) -> None:
        """Keep the account as it stands after a refusal: charged like an answer, and counted."""
        after = self._charged()
        self._keep(database, msgspec.structs.replace(after, refusals=after.refusals + 1))

    def _charged(self) -> PrivacyAccount:
        if self.cost:
            return self.before.charge(self.cost)
        # Nothing is charged in the mode ``exact``; the limit of refusals holds there as well.
        if self.before.refusals >= self.before.max_refusals:
            raise BudgetExhausted("too many jobs of the period were refused")
        return self.before

    def _keep(self, database: sqlite3.Connection, account: PrivacyAccount) -> None:
        numbers = (account.spent, account.spent_ever, account.refusals)
        database.execute(
            "INSERT OR REPLACE INTO account VALUES (?, ?, ?, ?, ?, ?)",
            (self.lender, self.dataset, self.period_end, *numbers),
        )
