"""Agreements in the decision: the contract under which an institution receives a dataset.

Owns which agreement covers an ask, and the finding when none does. Refuses to look at the law's
other conditions: an agreement is needed beside a rule and a consent, never instead of one.
"""

from gateway.domain.institution import Agreement
from gateway.domain.reasons import ErrorReason, Finding


def covering_agreement(
    agreements: tuple[Agreement, ...], dataset: str, line: frozenset[str], now: int
) -> str:
    """Return the id of the agreement that covers dataset and purpose at ``now``, or "".

    ``line`` is the purpose and its ancestors. Of several, the one that ends last counts, then the
    smallest id.
    """
    best: Agreement | None = None
    for one in agreements:
        if (
            one.valid_from <= now < one.valid_until
            and dataset in one.datasets
            and not line.isdisjoint(one.purposes)
            and (best is None or (-one.valid_until, one.id) < (-best.valid_until, best.id))
        ):
            best = one
    return "" if best is None else best.id


def agreement_missing(purpose: str) -> Finding:
    """Return the finding that no agreement in force covers the ask."""
    return Finding(ErrorReason.AGREEMENT_MISSING, purpose, "PIPL 23")
