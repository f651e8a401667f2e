"""Agreements as the tests of decision and release need them: as domain values, and in a store.

Owns the one agreement that each lender of these tests has. Refuses the Directory's ways of making
one: a test of those calls them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from gateway.adapters.store.partner_file import PartnerAgreement
from gateway.domain.institution import Agreement
from support.live_gateway import DATASET

INSERT = (
    "INSERT INTO agreement(id, institution_id, datasets, purposes, valid_from, valid_until,"
    " evidence_sha256, ended_at) VALUES (?,?,?,?,?,?,?,?)"
)


def agreement_of(institution: str) -> Agreement:
    """An agreement on the demo's dataset, for every purpose of credit, over all time."""
    name = str(uuid5(NAMESPACE_URL, f"agreement of {institution}"))
    return Agreement(name, frozenset({DATASET}), frozenset({"credit"}), 0, 4_000_000_000)


def partner_agreement(institution: str) -> PartnerAgreement:
    """The same agreement as it stands in a partner file."""
    one = agreement_of(institution)
    return PartnerAgreement(
        one.id,
        tuple(one.datasets),
        tuple(one.purposes),
        datetime.fromtimestamp(one.valid_from, UTC),
        datetime.fromtimestamp(one.valid_until, UTC),
        "ee" * 32,
    )


def record_agreement(
    execute: Callable[[str, Sequence[object]], object],
    institution: str,
    agreement: Agreement,
    ended_at: int | None = None,
) -> None:
    """Put an agreement into a store; ``execute`` runs one statement with its values."""
    words = [",".join(sorted(some)) for some in (agreement.datasets, agreement.purposes)]
    span = (agreement.valid_from, agreement.valid_until)
    execute(INSERT, (agreement.id, institution, *words, *span, bytes(32), ended_at))
