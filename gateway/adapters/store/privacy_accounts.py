"""Accounts of privacy as rows: one for each legal group and dataset, moved on period by period.

Owns how a stored row is read at a moment. A period begins at a multiple of its length in Unix time
and ends when it was to end, also where the contract's length changes meanwhile: a steward's edit
must not give anybody a second budget. Cohorts and binnings of one dataset share an account, for
their losses add up; each is held to its own contract's limit.
"""

from typing import Any, Final

from gateway.application.ports.aggregates import AccountView
from gateway.domain.privacy.budget import PrivacyAccount

SELECT_ACCOUNT: Final = (
    "SELECT period_start, period_end, spent, spent_ever, refusals FROM privacy_account"
    " WHERE legal_group=? AND dataset=?"
)
KEEP_ACCOUNT: Final = (
    "INSERT INTO privacy_account(legal_group, dataset, period_start, period_end, spent, spent_ever,"
    " refusals) VALUES (?,?,?,?,?,?,?) ON CONFLICT (legal_group, dataset) DO UPDATE SET"
    " period_start=excluded.period_start, period_end=excluded.period_end, spent=excluded.spent,"
    " spent_ever=excluded.spent_ever, refusals=excluded.refusals"
)


def account_at(
    rows: list[tuple[Any, ...]],
    dataset: str,
    period_s: int,
    limit: int,
    max_refusals: int,
    now: int,
) -> AccountView:
    """Return the account at ``now`` (Unix seconds) from what ``SELECT_ACCOUNT`` gave.

    A limit that was lowered below what is spent counts as spent.
    """
    start, end, spent, spent_ever, refusals = rows[0] if rows else (0, 0, 0, 0, 0)
    account = PrivacyAccount(
        limit=max(limit, spent),
        spent=spent,
        spent_ever=spent_ever,
        refusals=refusals,
        max_refusals=max_refusals,
    )
    if now >= end:
        start = now - now % period_s
        end, account = start + period_s, account.next_period(limit)
    return AccountView(dataset, account, start, end)


def account_row(legal_group: str, view: AccountView) -> tuple[object, ...]:
    """Return the values of ``KEEP_ACCOUNT``."""
    one = view.account
    return (
        *(legal_group, view.dataset, view.period_start, view.period_end),
        *(one.spent, one.spent_ever, one.refusals),
    )
