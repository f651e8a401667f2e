"""The closed word lists that requests, consents, policies and events share.

Owns the enumerations; refuses free text where a closed list exists. Values are the words that stand
in YAML, in the store and in audit events, so they never change meaning once released.
"""

from enum import StrEnum


class IdentifierType(StrEnum):
    """What kind of number names a natural person."""

    CN_RESIDENT_ID = "CN_RESIDENT_ID"  # GB 11643-1999
    US_SSN = "US_SSN"


class LawfulBasis(StrEnum):
    """PIPL article 13(1) to (7), and the terms of W3C DPV where they fit."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    PUBLIC_EMERGENCY = "public_emergency"
    PUBLIC_INTEREST = "public_interest"
    PUBLISHED_DATA = "published_data"
    OTHER_LAW = "other_law"


class SeparateConsent(StrEnum):
    """Consents that PIPL wants asked one by one, apart from the general consent."""

    THIRD_PARTY = "third_party"  # article 23
    SENSITIVE = "sensitive"  # article 29
    CROSS_BORDER = "cross_border"  # article 39


class DataClass(StrEnum):
    """JR/T 0171-2020: C3 is never released, C2 and C1 as a rule says."""

    C1 = "C1"
    C2 = "C2"
    C3 = "C3"


class Identifies(StrEnum):
    """How far a field alone leads to a person (GB/T 37964-2019)."""

    DIRECT = "direct"
    QUASI = "quasi"
    NONE = "none"


class FieldType(StrEnum):
    """The type of a field's values as a provider delivers them."""

    STRING = "string"
    INTEGER = "integer"
    DATE = "date"  # ISO 8601 calendar date
    TEXT = "text"  # free text, may hold anybody's personal data


class Role(StrEnum):
    """What an institution may be in the Directory; it may be several."""

    LENDER = "lender"
    BUREAU = "bureau"
    DATA_PROVIDER = "data_provider"
    AUDITOR = "auditor"
    REGULATOR = "regulator"
    OPERATOR = "operator"  # of this gateway: enrols and suspends
    WITNESS = "witness"  # cosigns checkpoints
    GATEWAY = "gateway"  # passes requests on for its own institutions


class InstitutionStatus(StrEnum):
    """Only an active institution gets anything."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class Jurisdiction(StrEnum):
    """Where a party handles data. A release from one to another is cross-border."""

    CN = "CN"
    US = "US"
    GB = "GB"
    AU = "AU"
    SG = "SG"


class Period(StrEnum):
    """A fixed window, aligned to the Unix epoch, in which releases are counted."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"  # 30 days

    @property
    def seconds(self) -> int:
        """Return the window's length in seconds."""
        return _SECONDS[self]


_SECONDS = {Period.HOUR: 3_600, Period.DAY: 86_400, Period.MONTH: 2_592_000}
