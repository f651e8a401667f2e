"""The consent artefact on the collector's side: drafted and checked.

Owns the draft's bounds (those of ``veilgate.v1.ConsentArtefact``) and its JSON form. Refuses to
build a draft that the gateway would refuse for its form, and to print who its subject is. `signing`
signs it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import msgspec

from clients.sdk.failure import SdkError
from clients.sdk.subject import MAX_SUBJECT_LENGTH, Subject, SubjectReference
from clients.sdk.vocabulary import LawfulBasis, Period, SeparateConsent

__all__ = [
    "DEFAULT_DATA_LIFE_DAYS",
    "DEFAULT_VALIDITY",
    "MAX_LIST_LENGTH",
    "MAX_SUBJECT_LENGTH",
    "MAX_VALIDITY",
    "ConsentDraft",
    "ConsentDraftError",
    "ConsentTerms",
    "Draft",
    "Frequency",
    "ReferencedDraft",
    "Subject",
    "SubjectReference",
    "read_draft",
    "read_terms",
]

MAX_LIST_LENGTH = 100
MAX_VALIDITY = timedelta(days=3653)
"""Ten years, leap days included."""
DEFAULT_VALIDITY = timedelta(days=90)
DEFAULT_DATA_LIFE_DAYS = 30
_HEX = frozenset("0123456789abcdef")


class ConsentDraftError(SdkError):
    """The draft is not a consent that could be granted."""

    def __init__(self, what: str) -> None:
        super().__init__(what, "Correct the draft; nothing was signed and nothing was sent.")


class Frequency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At most ``count`` (1 to 1,000,000) uses in each window."""

    count: int
    per: Period

    def __post_init__(self) -> None:
        """Refuse a count out of bounds."""
        if not 1 <= self.count <= 1_000_000:
            raise ValueError("a frequency's count is 1 to 1,000,000")


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


class ConsentTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a subject agrees to, the subject left out.

    ``controller`` receives, ``collector`` asked the subject and signs. Times have a zone; the end
    is exclusive. ``evidence_sha256`` is the SHA-256, in lower-case hex, of the evidence that the
    collector keeps. The same grant from JSON has the same names.

    Raises:
        ValueError: a term is out of its bounds.
    """

    controller: str
    collector: str
    providers: tuple[str, ...]
    datasets: tuple[str, ...]
    purposes: tuple[str, ...]
    evidence_sha256: str
    fields: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    lawful_basis: LawfulBasis = LawfulBasis.CONSENT
    separate_consents: tuple[SeparateConsent, ...] = ()
    valid_from: datetime = msgspec.field(default_factory=_now)
    valid_until: datetime = msgspec.field(default_factory=lambda: _now() + DEFAULT_VALIDITY)
    uses: int | None = None
    frequency: Frequency | None = None
    data_life_days: int = DEFAULT_DATA_LIFE_DAYS
    consent_id: str = msgspec.field(default_factory=lambda: str(uuid4()))
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse terms out of their bounds."""
        self._check_words()
        self._check_names()
        self._check_numbers()
        if self.valid_from.tzinfo is None or self.valid_until.tzinfo is None:
            raise ValueError("valid_from and valid_until name their time zone, such as Z")
        if not timedelta(0) < self.valid_until - self.valid_from <= MAX_VALIDITY:
            raise ValueError("valid_until lies after valid_from, by ten years at most")
        if len(self.evidence_sha256) != 64 or not _HEX.issuperset(self.evidence_sha256):
            raise ValueError("evidence_sha256 is 64 lower-case hexadecimal digits")
        if str(UUID(self.consent_id)) != self.consent_id:
            raise ValueError("consent_id is a UUID in lower case")

    def _check_words(self) -> None:
        basis = isinstance(self.lawful_basis, LawfulBasis)
        if not basis or not all(isinstance(one, SeparateConsent) for one in self.separate_consents):
            raise ValueError("lawful_basis and separate_consents are LawfulBasis, SeparateConsent")
        lists = (self.providers, self.datasets, self.purposes, self.fields, self.categories)
        if not all(isinstance(one, tuple) for one in lists):
            raise ValueError("lists of names are tuples of texts")

    def _check_names(self) -> None:
        if not self.controller or not self.collector:
            raise ValueError("controller and collector are institutions' ids")
        for name in ("providers", "datasets", "purposes"):
            if not getattr(self, name):
                raise ValueError(f"{name} names at least one")
        if not self.fields and not self.categories:
            raise ValueError("fields or categories name at least one")
        for name in ("providers", "datasets", "purposes", "fields", "categories"):
            listed = getattr(self, name)
            if len(listed) > MAX_LIST_LENGTH or len(set(listed)) < len(listed) or "" in listed:
                raise ValueError(f"{name} are at most {MAX_LIST_LENGTH}, none empty or twice")

    def _check_numbers(self) -> None:
        if not 1 <= self.version < 2**31:
            raise ValueError("version is 1 or more")
        if self.uses is not None and not 1 <= self.uses <= 1_000_000:
            raise ValueError("uses, where limited, are 1 or more")
        if not 1 <= self.data_life_days <= 3650:
            raise ValueError("data_life_days are 1 to 3650")


class ConsentDraft(ConsentTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The terms and the subject that agrees to them: all that an artefact holds."""

    subject: Subject


class ReferencedDraft(ConsentTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The terms and a subject of whom the gateway is not to see the identifier.

    In JSON the reference is ``{"key_version": "1", "value": "<base64>"}``.
    """

    subject: SubjectReference


Draft = ConsentDraft | ReferencedDraft

Terms = TypeVar("Terms", bound=ConsentTerms)


def read_terms(document: dict[str, Any], kind: type[Terms]) -> Terms:
    """Build terms, or a draft, from a decoded JSON object.

    Raises:
        ConsentDraftError: with the path of what is wrong, and no value.
    """
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise ConsentDraftError(f"the draft is refused: {_without_values(str(error))}") from None


def read_draft(document: dict[str, Any]) -> Draft:
    """Build a draft whose subject is an identifier or, where it has a key version, a reference.

    Raises:
        ConsentDraftError: with the path of what is wrong, and no value.
    """
    subject = document.get("subject")
    if isinstance(subject, dict) and "key_version" in subject:
        return read_terms(document, ReferencedDraft)
    return read_terms(document, ConsentDraft)


def _without_values(message: str) -> str:
    # msgspec quotes a wrong enumeration word, which may be a personal value in the wrong place.
    if not message.startswith("Invalid enum value"):
        return message
    _, _, path = message.rpartition(" - at ")
    return f"an unknown word - at {path}"
