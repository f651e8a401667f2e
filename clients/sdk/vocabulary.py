"""The closed word lists of ``veilgate.v1``, as Python enumerations.

Owns the words and their way to and from the wire numbers. Refuses a number that this release does
not know: a value released by an unknown operator is not used.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol, TypeVar

from clients.sdk.failure import AnswerError, RequestError


class IdentifierType(StrEnum):
    """What kind of number names a natural person."""

    CN_RESIDENT_ID = "CN_RESIDENT_ID"
    US_SSN = "US_SSN"


class Operator(StrEnum):
    """What was done to the value of a field."""

    KEEP = "keep"
    MASK = "mask"
    PSEUDONYMISE = "pseudonymise"
    GENERALISE = "generalise"
    DETECT = "detect"
    WITHHOLD = "withhold"


class WithheldBecause(StrEnum):
    """Why a wanted field is not released."""

    C3 = "c3"
    RULE = "rule"
    CONSENT = "consent"
    DETECTION_FAILED = "detection_failed"


class LawfulBasis(StrEnum):
    """PIPL article 13."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    PUBLIC_EMERGENCY = "public_emergency"
    PUBLIC_INTEREST = "public_interest"
    PUBLISHED_DATA = "published_data"
    OTHER_LAW = "other_law"


class SeparateConsent(StrEnum):
    """Consents asked apart from the general one: PIPL articles 23, 29 and 39."""

    THIRD_PARTY = "third_party"
    SENSITIVE = "sensitive"
    CROSS_BORDER = "cross_border"


class Period(StrEnum):
    """A fixed window aligned to the Unix epoch; a month is 30 days."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class ConsentState(StrEnum):
    """Where a consent stands; revoked and expired are final."""

    ACTIVE = "active"
    PAUSED = "paused"
    REVOKED = "revoked"
    EXPIRED = "expired"


Word = TypeVar("Word", bound=StrEnum)
Number = TypeVar("Number", bound=int)
_Number = TypeVar("_Number", bound=int, contravariant=True)


class WireEnum(Protocol[_Number]):
    """What the generated wrapper of a proto enumeration offers (protobuf's EnumTypeWrapper)."""

    def Name(self, number: _Number) -> str: ...  # noqa: D102, N802


def word_of(words: type[Word], text: str) -> Word:
    """The word that a caller wrote, in either case.

    Raises:
        RequestError: the list has no such word. The message shows the list, not the text, which
            may be a personal value in the wrong place.
    """
    for word in words:
        if text.lower() == word.value.lower():
            return word
    listed = ", ".join(word.value for word in words)
    raise RequestError(
        f"this is not one of the words for {words.__name__}", f"Use one of: {listed}."
    )


def from_wire(words: type[Word], wire: WireEnum[Number], prefix: str, number: Number) -> Word:
    """The word of a wire number.

    Raises:
        AnswerError: the number is unspecified or of a later release.
    """
    try:
        return words[wire.Name(number).removeprefix(prefix)]
    except (KeyError, ValueError) as error:
        raise AnswerError(f"holds no known word for {words.__name__}") from error
