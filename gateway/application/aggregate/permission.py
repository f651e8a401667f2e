"""Whom a contract lets ask what for: the check that all kinds share.

Owns the reading of ``purposes`` and ``recipients``, and which of an institution's certificates is
its agent's: another one, of an online system say, neither hears orders nor declines. A purpose
counts as it stands there and nothing below it does: agents read the contract without the tree of
purposes, and must come to the same.
"""

from __future__ import annotations

from typing import Final

from gateway.domain.aggregate.contract import (
    AggregateContract,
    BinningTerms,
    Budget,
    CohortTerms,
    SubjectTerms,
)
from gateway.domain.institution import Principal
from gateway.domain.policy.document_base import Recipients
from gateway.domain.reasons import ErrorReason, refuse

AGENT: Final = "agent"
"""The workload that a certificate of an agent names."""
Terms = CohortTerms | SubjectTerms | BinningTerms


def require_permitted(
    principal: Principal, terms: Terms | None, purpose: str, missing: str
) -> None:
    """Raise ``Refused`` (AGGREGATE_NOT_PERMITTED) unless the terms let the caller ask."""
    if terms is None:
        raise refuse(ErrorReason.AGGREGATE_NOT_PERMITTED, missing)
    if purpose not in terms.purposes:
        raise refuse(ErrorReason.AGGREGATE_NOT_PERMITTED, purpose)
    if not names(terms.recipients, principal):
        raise refuse(ErrorReason.AGGREGATE_NOT_PERMITTED)


def require_agent(principal: Principal) -> None:
    """Raise ``Refused`` (AGGREGATE_NOT_PERMITTED) unless the caller is an institution's agent."""
    if principal.workload != AGENT:
        raise refuse(ErrorReason.AGGREGATE_NOT_PERMITTED, AGENT)


def names(recipients: Recipients, principal: Principal) -> bool:
    """Return whether the selector speaks of this institution."""
    listed = principal.institution in recipients.institutions
    return listed or not principal.roles.isdisjoint(recipients.roles)


def terms_of(contract: AggregateContract) -> tuple[Terms, ...]:
    """Return the terms of all kinds that the contract has."""
    every: tuple[Terms | None, ...] = (contract.cohort, contract.subject, contract.binning)
    return tuple(one for one in every if one is not None)


def may_read(contract: AggregateContract, principal: Principal) -> bool:
    """Return whether the contract concerns the caller: it may ask, or it contributes."""
    return principal.institution in contract.contributors or any(
        names(one.recipients, principal) for one in terms_of(contract)
    )


def budget_of(contract: AggregateContract) -> Budget | None:
    """Return the budget of a dataset's account: the cohorts', else the binnings'."""
    if contract.cohort is not None:
        return contract.cohort.budget
    return None if contract.binning is None else contract.binning.budget
