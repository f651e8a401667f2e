"""What the catalogue says of datasets, as frozen values.

Owns the types. Nothing in them is of a person: they describe what could be asked, and what the
caller would get.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clients.sdk.models.common import Finding, Obligation
from clients.sdk.vocabulary import (
    IdentifierType,
    LawfulBasis,
    Operator,
    Period,
    SeparateConsent,
    WithheldBecause,
)


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """One dataset, and the purposes for which the caller may have it, given a consent."""

    dataset: str
    title_en: str
    title_zh: str
    provider: str
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DatasetField:
    """One field as its provider delivers it; ``type`` is string, integer, date or text.

    ``data_class`` is that of JR/T 0171-2020; ``category`` is what a consent names to cover it.
    """

    field: str
    type: str
    meaning_en: str
    meaning_zh: str
    data_class: str
    category: str
    sensitive: bool


@dataclass(frozen=True, slots=True)
class AcceptedIdentifier:
    """A way to name the subject, and how the gateway brings it to its normal form."""

    type: IdentifierType
    normalisation_en: str
    normalisation_zh: str


@dataclass(frozen=True, slots=True)
class OfferedField:
    """What becomes of a field, and how it looks then."""

    field: str
    operator: Operator
    form_en: str
    form_zh: str


@dataclass(frozen=True, slots=True)
class UseLimit:
    """At most ``count`` releases in each window of ``per``; ``left`` in the one that runs now.

    ``left`` is None for a limit of one subject: it is another for each of them.
    """

    count: int
    per: Period
    left: int | None = None


@dataclass(frozen=True, slots=True)
class PurposeOffer:
    """What the caller gets of a dataset for one purpose, and the consent that is needed.

    ``offered`` is whether rule and agreement allow it; if not, ``findings`` say why. Without a rule
    that speaks of the caller everything after ``articles`` is empty. A consent that covers no
    sensitive field needs no separate consent for ``sensitive``, unless the rule asks for it.
    """

    purpose: str
    label_en: str
    label_zh: str
    offered: bool
    findings: tuple[Finding, ...]
    rule: str
    articles: tuple[str, ...]
    lawful_bases: tuple[LawfulBasis, ...]
    separate_consents: tuple[SeparateConsent, ...]
    max_age_days: int | None
    fields: tuple[OfferedField, ...]
    withheld: Mapping[str, WithheldBecause]
    per_subject: UseLimit | None
    per_recipient: UseLimit | None
    obligations: tuple[Obligation, ...]
    agreement_id: str


@dataclass(frozen=True, slots=True)
class DatasetDescription:
    """One dataset: how to name its subjects, its fields, and what each purpose gives.

    ``by_reference``: an oblivious reference can name the subject too. ``policy_digest`` is the
    SHA-256 of the policy set, in hex.
    """

    dataset: str
    title_en: str
    title_zh: str
    provider: str
    jurisdiction: str
    identifiers: tuple[AcceptedIdentifier, ...]
    by_reference: bool
    fields: tuple[DatasetField, ...]
    offers: tuple[PurposeOffer, ...]
    policy_digest: str
