"""The consent receipt: its shape, a JSON object with the names of ISO/IEC TS 27560:2023.

Owns the names. The specification gives the information and its names, not an encoding; how they are
arranged here is told in docs/consents.md. A name that is not of the specification begins with
``x_``. Refuses what could name the subject: a principal is known by a tag of the log.
"""

from typing import Final

import msgspec

from gateway.domain.citations import Localized

SCHEMA_VERSION: Final = "urn:veilgate:consent-receipt:1"


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """The base of every part of a receipt: what is absent is left out."""


class Purpose(Part, frozen=True):
    """``purpose`` as people read it, ``purpose_type`` as the purpose tree has it."""

    purpose: Localized
    purpose_type: str
    lawful_basis: str
    x_dpv: str = ""


class PiiInformation(Part, frozen=True):
    """One field, or a whole category where the gateway does not know the dataset."""

    pii_type: str
    pii_attribute_id: str = ""
    sensitive_pii_category: bool = False
    x_meaning: Localized | None = None


class PrivacyRight(Part, frozen=True):
    """A right of the subject, and the article that gives it."""

    right: Localized
    x_article: str


class PrivacyNotice(Part, frozen=True):
    """What the subject was shown and agreed to; the collector keeps it, this is its SHA-256."""

    x_evidence_sha256: str


class Processing(Part, frozen=True):
    """The PII processing section. It holds for each of its purposes alike."""

    privacy_notice: PrivacyNotice
    language: tuple[str, ...]
    purposes: tuple[Purpose, ...]
    pii_information: tuple[PiiInformation, ...]
    pii_controllers: tuple[str, ...]
    collection_method: Localized
    processing_method: Localized
    storage_locations: tuple[str, ...]
    """Countries (ISO 3166-1) of the controller, as far as the Directory knows them."""
    retention_period: str
    """ISO 8601 duration: how long the controller may keep what it gets."""
    jurisdiction: tuple[str, ...]
    recipient_third_parties: tuple[str, ...]
    withdrawal_method: Localized
    privacy_rights: tuple[PrivacyRight, ...] = ()


class PartyEntry(Part, frozen=True):
    """An institution. Its name and address are not the gateway's to know."""

    party_id: str
    party_role: tuple[str, ...]
    x_legal_group: str = ""
    x_jurisdiction: str = ""


class Event(Part, frozen=True):
    """A change of the consent's state, and where it stands in the audit log.

    ``event_time`` and ``validity_duration`` are ISO 8601. ``x_commitment_salt`` (64 hex digits)
    opens the event's commitment to the consent's id.
    """

    event_time: str
    event_type: str
    event_state: str
    entity_id: str
    validity_duration: str
    x_event_id: str
    x_log_index: int
    x_subject_tag: str
    x_commitment_salt: str


class DatasetEntry(Part, frozen=True):
    """A dataset, with its title if the gateway has it."""

    id: str
    title: Localized | None = None


class SeparateEntry(Part, frozen=True):
    """A consent that the law wants asked apart from the general one."""

    kind: str
    article: str
    text: Localized


class FrequencyEntry(Part, frozen=True):
    """At most ``count`` uses in each ``per``."""

    count: int
    per: str


class Extension(Part, frozen=True):
    """What the gateway enforces beyond the specification. Times are ISO 8601, in UTC."""

    issued_at: str
    state: str
    version: int
    valid_from: str
    valid_until: str
    uses: int
    datasets: tuple[DatasetEntry, ...]
    providers: tuple[str, ...]
    log_origin: str
    policy_digest: str
    separate_consents: tuple[SeparateEntry, ...] = ()
    uses_limit: int | None = None
    frequency: FrequencyEntry | None = None


class Receipt(Part, frozen=True):
    """The whole receipt. ``record_id`` is the consent's id, ``receipt_id`` a UUID of its own."""

    schema_version: str
    receipt_id: str
    record_id: str
    pii_principal_id: str
    pii_processing: Processing
    party_identification: tuple[PartyEntry, ...]
    event: tuple[Event, ...]
    x_veilgate: Extension
