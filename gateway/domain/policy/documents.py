"""The policy language: what a steward may write, as types.

Owns the shape of each policy document (the JSON Schemas in ``policies/schema`` are generated from
these types). Refuses unknown fields and empty lists. What documents mean together is the compiler's
business (``compile.py``); how they are read from YAML is the adapter's.
"""

from typing import Annotated, Literal

from msgspec import Meta

from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.policy.document_base import (
    Bilingual,
    Citation,
    Count,
    Days,
    Document,
    DottedName,
    InstitutionId,
    Name,
    Recipients,
    RuleId,
    Version,
)
from gateway.domain.policy.masking import MaskFormat, MaskingDocument
from gateway.domain.policy.operators import (
    Detect,
    Generalise,
    Keep,
    Mask,
    Pseudonymise,
    Release,
    Withhold,
)
from gateway.domain.policy.reidentification import ReidentificationDocument
from gateway.domain.vocabulary import (
    DataClass,
    FieldType,
    IdentifierType,
    Identifies,
    Jurisdiction,
    LawfulBasis,
    Period,
    SeparateConsent,
)

# The parts of the language that have files of their own are taken from here all the same.
__all__ = [
    "Bilingual",
    "Detect",
    "Document",
    "Generalise",
    "Keep",
    "Mask",
    "MaskFormat",
    "MaskingDocument",
    "Pseudonymise",
    "Recipients",
    "Release",
    "Withhold",
]


class Purpose(Document, frozen=True):
    """One node of the purpose tree. A consent or rule for a purpose covers its descendants."""

    id: DottedName
    label: Bilingual
    parent: DottedName | None = None
    dpv: Annotated[str, Meta(pattern=r"^dpv:[A-Za-z]+$")] | None = None


class PurposesDocument(Document, frozen=True):
    """``purposes.yaml``: the whole tree."""

    version: Version
    purposes: Annotated[tuple[Purpose, ...], Meta(min_length=1, max_length=500)]


class FieldContract(Document, frozen=True):
    """One field of a dataset: its type, meaning, class, and whether it identifies."""

    name: Name
    type: FieldType
    meaning: Bilingual
    data_class: DataClass
    identifies: Identifies
    category: Name
    sensitive: bool = False
    entity: Annotated[str, Meta(pattern=r"^[A-Z][A-Z_]{1,40}$")] | None = None
    """The detector's entity type: a value so marked is a known value in the record's free text."""


class DatasetDocument(Document, frozen=True):
    """``datasets/*.yaml``: the contract of one dataset with its provider."""

    version: Version
    dataset: DottedName
    title: Bilingual
    provider: InstitutionId
    jurisdiction: Jurisdiction
    identifiers: Annotated[tuple[IdentifierType, ...], Meta(min_length=1)]
    fields: Annotated[tuple[FieldContract, ...], Meta(min_length=1, max_length=400)]


class ConsentRequirement(Document, frozen=True):
    """What a consent must hold for a rule to apply."""

    lawful_bases: Annotated[tuple[LawfulBasis, ...], Meta(min_length=1)]
    separate: tuple[SeparateConsent, ...] = ()
    max_age_days: Days | None = None


class Limit(Document, frozen=True):
    """At most ``count`` releases in each ``per`` window."""

    count: Count
    per: Period


class Limits(Document, frozen=True):
    """``per_subject``: of one subject to one recipient. ``per_recipient``: of all subjects."""

    per_subject: Limit
    per_recipient: Limit


class Obligation(Document, frozen=True):
    """What the recipient must do with what it got."""

    id: Literal["no_onward_provision", "delete_within", "explain_automated_decision", "log_use"]
    article: Citation
    days: Days | None = None

    def __post_init__(self) -> None:
        """Refuse a deadline where none belongs, or its absence where one does."""
        if (self.id == "delete_within") != (self.days is not None):
            raise ValueError("days goes with delete_within, and only with it")


class PermitRule(Document, frozen=True, tag_field="effect", tag="permit"):
    """Permits a release of one dataset for the named purposes, field by field."""

    id: RuleId
    title: Bilingual
    dataset: DottedName
    purposes: Annotated[tuple[DottedName, ...], Meta(min_length=1)]
    recipients: Recipients
    articles: Annotated[tuple[Citation, ...], Meta(min_length=1)]
    consent: ConsentRequirement
    masking_profile: DottedName
    release: Annotated[dict[Name, Release], Meta(min_length=1, max_length=400)]
    limits: Limits
    obligations: tuple[Obligation, ...] = ()


class ForbidRule(Document, frozen=True, tag_field="effect", tag="forbid"):
    """Forbids a release whatever any permit says. No recipients named: everybody."""

    id: RuleId
    title: Bilingual
    dataset: DottedName
    purposes: Annotated[tuple[DottedName, ...], Meta(min_length=1)]
    articles: Annotated[tuple[Citation, ...], Meta(min_length=1)]
    recipients: Recipients | None = None


Rule = PermitRule | ForbidRule


class RulesDocument(Document, frozen=True):
    """``rules/*.yaml``: sharing rules."""

    version: Version
    rules: Annotated[tuple[Rule, ...], Meta(min_length=1, max_length=2000)]


class Witness(Document, frozen=True):
    """One witness: its verifier key (C2SP signed note, type 0x04) and the institution it is of."""

    name: Annotated[str, Meta(pattern=r"^[^\s+]+$", max_length=150, description="the key's name")]
    key: Annotated[str, Meta(pattern=r"^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$", max_length=250)]
    institution: InstitutionId


class WitnessesDocument(Document, frozen=True):
    """``witnesses.yaml``: a checkpoint counts with ``required`` of these witnesses under it."""

    version: Version
    required: Annotated[int, Meta(ge=1, le=32)]
    witnesses: Annotated[tuple[Witness, ...], Meta(min_length=1, max_length=32)]

    def __post_init__(self) -> None:
        """Refuse to require more than there are, and two witnesses of one name."""
        if self.required > len(self.witnesses):
            raise ValueError("more witnesses are required than there are")
        if len({one.name for one in self.witnesses}) != len(self.witnesses):
            raise ValueError("two witnesses have one name")


class PolicyDocuments(Document, frozen=True):
    """Everything under ``policies/``, read and typed, not yet checked against one another."""

    purposes: PurposesDocument
    datasets: tuple[DatasetDocument, ...]
    masking: tuple[MaskingDocument, ...]
    rules: tuple[RulesDocument, ...]
    witnesses: WitnessesDocument | None = None
    reidentification: ReidentificationDocument | None = None
    aggregates: tuple[AggregateContract, ...] = ()
