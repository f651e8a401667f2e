"""What an asker gets to see about one subject, and what that still discloses.

Owns the answer as a value that can be stored and printed again. Refuses to be read as more than it
is: amounts are sums of rounded amounts, the worst days past due are a bucket, and where a count
says what a single contributor holds, the answer says so of itself.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from clients.keyholder.exposure.opening import ExposureSums, VerifiedExposure
from gateway.domain.policy.document_base import Bilingual

Disclosure = Literal["nobody", "one", "some", "everybody"]


class Bucket(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lenders whose worst loan is ``low`` to ``high`` days past due; None is no end."""

    low: int
    high: int | None
    lenders: int


class ExposureAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All of an answer. ``outstanding`` is a sum of amounts that were rounded to ``unit`` each."""

    id: str
    dataset: str
    snapshot: str
    title: Bilingual
    purpose: str
    consent_id: str
    asker: str
    contributors: tuple[str, ...]
    lenders: int
    outstanding: int
    unit: int
    buckets: tuple[Bucket, ...]
    """Lenders whose loans are none past due are in none of them."""
    consents: int
    log_index: int
    event_id: str
    released_at: int

    @property
    def worst(self) -> Bucket | None:
        """The worst bucket that any lender is in."""
        held = [one for one in self.buckets if one.lenders]
        return held[-1] if held else None

    @property
    def disclosed(self) -> Disclosure:
        """What the count says of single contributors."""
        if self.lenders == 0:
            return "nobody"
        if self.lenders == len(self.contributors):
            return "everybody"
        return "one" if self.lenders == 1 else "some"

    @property
    def apart(self) -> int:
        """Contributors besides the asker itself."""
        return sum(one != self.asker for one in self.contributors)


def answer_of(verified: VerifiedExposure, sums: ExposureSums) -> ExposureAnswer:
    """Return what is shown of an opened result."""
    opened, result = verified.opened, verified.round.result
    question, contract, terms = opened.question, opened.contract, opened.terms
    highs = (*(edge - 1 for edge in terms.buckets[1:]), None)
    return ExposureAnswer(
        id=question.id,
        dataset=question.dataset,
        snapshot=question.snapshot,
        title=contract.title,
        purpose=question.purpose,
        consent_id=opened.consent_id,
        asker=question.asker,
        contributors=verified.round.members,
        lenders=sums.lenders,
        outstanding=sums.units * terms.unit,
        unit=terms.unit,
        buckets=tuple(map(Bucket, terms.buckets, highs, sums.buckets)),
        consents=result.consents,
        log_index=result.log_index,
        event_id=str(verified.round.event.says.get("id", "")),
        released_at=result.released_at,
    )
