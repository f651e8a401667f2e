"""The contract of a dataset for aggregates: ``policies/aggregates/*.yaml``.

Owns its shape: who contributes, which dimensions and measures exist with which closed domains and
clips, what may be asked by whom and at what cost in privacy. Refuses open domains: a group key
taken from the data would leak it, and misalign the contributors' vectors (protocols, rule 6).
"""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gateway.domain.policy.document_base import (
    Bilingual,
    Citation,
    Document,
    DottedName,
    InstitutionId,
    Name,
    Recipients,
    Version,
)

MAX_CELLS = 4096
"""Cells of one question: groups times the people in them are what a vector enumerates."""
MAX_VALUES = 16_384
"""Numbers in one contribution."""
MicroRho = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Edge = Annotated[int, Meta(ge=-(10**12), le=10**12)]


class Dimension(Document, frozen=True):
    """A property of a person with a closed list of values, in the order of the cells."""

    name: Name
    title: Bilingual
    values: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=120)], ...],
        Meta(min_length=1, max_length=512),
    ]

    def __post_init__(self) -> None:
        """Refuse a value that is listed twice."""
        if len(set(self.values)) != len(self.values):
            raise ValueError("a dimension lists a value twice")


class Measure(Document, frozen=True):
    """A number of a person. Values are clipped to [low, high]; ``edges`` part its histogram.

    With n edges there are n + 1 bins: below the first, [edge, next edge), from the last on.
    """

    name: Name
    title: Bilingual
    low: Edge
    high: Edge
    unit: Annotated[str, Meta(max_length=20)] = ""
    edges: Annotated[tuple[Edge, ...], Meta(max_length=256)] = ()

    def __post_init__(self) -> None:
        """Refuse an empty range, and edges out of order."""
        if self.low >= self.high:
            raise ValueError("a measure's low lies below its high")
        if any(a >= b for a, b in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError("edges rise")

    @property
    def clip(self) -> int:
        """The largest absolute value."""
        return max(abs(self.low), abs(self.high))


class Budget(Document, frozen=True):
    """What one legal entity may ask in a period, in micro-rho."""

    limit: MicroRho
    a_question: MicroRho
    """The most that one question may cost."""
    period_days: Annotated[int, Meta(ge=1, le=366)]
    refusals: Annotated[int, Meta(ge=1, le=1000)]
    delta: Annotated[str, Meta(pattern=r"^1e-[1-9][0-9]?$")] = "1e-9"

    @property
    def shown_delta(self) -> Decimal:
        """The delta for which an epsilon is shown."""
        return Decimal(self.delta)


class CohortTerms(Document, frozen=True):
    """Questions about cohorts over all contributors (protocol H)."""

    purposes: Annotated[tuple[DottedName, ...], Meta(min_length=1)]
    recipients: Recipients
    articles: Annotated[tuple[Citation, ...], Meta(min_length=1)]
    dimensions: Annotated[tuple[Dimension, ...], Meta(max_length=64)]
    measures: Annotated[tuple[Measure, ...], Meta(max_length=64)]
    budget: Budget
    minimum_cohort: Annotated[int, Meta(ge=2, le=100_000)]
    """k, in people."""
    cells_a_person: Annotated[int, Meta(ge=1, le=16)] = 1
    """G: of one contributor's cells, how many one person may be in."""
    people_at_most: Annotated[int, Meta(ge=1, le=10**9)] = 2_000_000
    """Of one contributor. Values beyond it are clamped."""


class SubjectTerms(Document, frozen=True):
    """Questions about one consenting subject over all contributors (protocol E)."""

    purposes: Annotated[tuple[DottedName, ...], Meta(min_length=1)]
    recipients: Recipients
    articles: Annotated[tuple[Citation, ...], Meta(min_length=1)]
    identifiers: Annotated[tuple[Literal["CN_RESIDENT_ID", "US_SSN"], ...], Meta(min_length=1)]
    unit: Annotated[int, Meta(ge=1, le=10**6)]
    """Amounts are rounded to it."""
    largest: Annotated[int, Meta(ge=1, le=10**12)]
    """Of one contributor, before rounding; a larger amount counts as this."""
    buckets: Annotated[
        tuple[Annotated[int, Meta(ge=0, le=10_000)], ...], Meta(min_length=1, max_length=16)
    ]
    """Lower edges of the buckets of days past due; what lies below the first is in none."""
    a_subject_a_day: Annotated[int, Meta(ge=1, le=1000)] = 3

    def __post_init__(self) -> None:
        """Refuse edges out of order."""
        if any(a >= b for a, b in zip(self.buckets, self.buckets[1:], strict=False)):
            raise ValueError("edges rise")


class BinnedFeature(Document, frozen=True):
    """A feature of the bureau and its bins: edges of a number, or the groups of a category."""

    name: Name
    title: Bilingual
    edges: Annotated[tuple[Edge, ...], Meta(max_length=64)] = ()
    groups: Annotated[tuple[tuple[str, ...], ...], Meta(max_length=64)] = ()

    def __post_init__(self) -> None:
        """Refuse both, none, edges out of order and a value in two groups."""
        if bool(self.edges) == bool(self.groups):
            raise ValueError("a binned feature has edges or groups")
        if any(a >= b for a, b in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError("edges rise")
        values = [value for group in self.groups for value in group]
        if len(set(values)) != len(values):
            raise ValueError("a value is in one group")


class BinningTerms(Document, frozen=True, kw_only=True):
    """Binning between a lender and this dataset's bureau (protocol B)."""

    bureau: InstitutionId
    purposes: Annotated[tuple[DottedName, ...], Meta(min_length=1)]
    recipients: Recipients
    articles: Annotated[tuple[Citation, ...], Meta(min_length=1)]
    features: Annotated[tuple[BinnedFeature, ...], Meta(min_length=1, max_length=2000)]
    modes: Annotated[tuple[Literal["exact", "dp"], ...], Meta(min_length=1, max_length=2)]
    minimum_rows: Annotated[int, Meta(ge=10, le=10**7)]
    minimum_bin: Annotated[int, Meta(ge=2, le=100_000)]
    """k, in rows."""
    rows_at_most: Annotated[int, Meta(ge=10, le=10**7)] = 1_000_000
    zero_cell: Annotated[str, Meta(pattern=r"^0\.[0-9]{1,6}$")] = "0.5"
    """Stands for a count of zero in a weight of evidence."""
    budget: Budget
    """Of the mode ``dp``, and of refusals in both: each says something of the bureau's people."""


class AggregateContract(Document, frozen=True):
    """``aggregates/*.yaml``: one dataset that several institutions hold a part of."""

    version: Version
    dataset: DottedName
    title: Bilingual
    snapshot: Annotated[str, Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$")]
    """Which frozen state of the data is asked, such as a reporting date."""
    contributors: Annotated[tuple[InstitutionId, ...], Meta(min_length=1, max_length=256)]
    minimum_contributors: Annotated[int, Meta(ge=1, le=256)]
    """A cohort question goes on with so many; one about a subject needs all."""
    colluding: Annotated[int, Meta(ge=0, le=255)] = 0
    """t: contributors that may tell the asker their noise."""
    data_life_days: Annotated[int, Meta(ge=1, le=3650)] | msgspec.UnsetType = msgspec.UNSET
    """For so long what came of a question is kept; left out, which is 30, the digest is as ever."""
    cohort: CohortTerms | None = None
    subject: SubjectTerms | None = None
    binning: BinningTerms | None = None

    def __post_init__(self) -> None:
        """Refuse what does not fit together."""
        if list(self.contributors) != sorted(set(self.contributors)):
            raise ValueError("contributors are sorted, each once")
        if self.minimum_contributors > len(self.contributors):
            raise ValueError("more contributors are needed than there are")
        if self.cohort is not None or self.subject is not None:
            if self.minimum_contributors < 3:
                raise ValueError("a sum over fewer than three shows single contributions")
            if self.colluding > self.minimum_contributors - 2:
                raise ValueError("two contributors at least must be assumed honest")
        if self.binning is not None and self.binning.bureau not in self.contributors:
            raise ValueError("the bureau of a binning is a contributor")

    @property
    def life_days(self) -> int:
        """Return for how many days contributions and answers are kept."""
        return 30 if self.data_life_days is msgspec.UNSET else self.data_life_days

    def encoded(self) -> bytes:
        """Return the contract as JSON in one fixed form, in which it travels and is hashed."""
        return msgspec.json.encode(self)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the fixed form, in hex: a question names it as its policy."""
        return sha256(self.encoded()).hexdigest()


def read_contract(encoded: bytes) -> AggregateContract:
    """Read a contract from its fixed form; raises ``ValueError`` for any other bytes."""
    contract = msgspec.json.decode(encoded, type=AggregateContract)
    if contract.encoded() != encoded:
        raise ValueError("a contract travels in its fixed form")
    return contract
