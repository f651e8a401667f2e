"""Masking profiles as a steward writes them: mask formats, free text, what must stay hidden.

Owns the shape of ``masking/*.yaml``. What does not fit together within a profile is refused by
``masking_checks.py``; FF3 and small domains can be written, so that the refusal can say why.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gateway.domain.policy.document_base import Days, Document, DottedName, Name, Text, Version
from gateway.domain.policy.operators import Generalise, Mask, Pseudonymise

EntityName = Annotated[
    str, Meta(pattern=r"^[A-Z][A-Z0-9_]{0,63}$", description="a type of Presidio's, or of ours")
]
Hundredths = Annotated[int, Meta(ge=0, le=100, description="a score in hundredths: 50 is 0.5")]


class MaskFormat(Document, frozen=True):
    """How one kind of value is masked: characters kept at both ends, the rest replaced.

    A value no longer than ``keep_first + keep_last`` is replaced whole. With ``fixed_length`` the
    replaced part has that many characters, so that the length tells nothing.
    """

    source: Text
    keep_first: Annotated[int, Meta(ge=0, le=8)] = 0
    keep_last: Annotated[int, Meta(ge=0, le=8)] = 0
    fixed_length: Annotated[int, Meta(ge=1, le=32)] | None = None


class Replace(Document, frozen=True, tag_field="operator", tag="replace"):
    """Put the type in the value's place: ``<CN_MOBILE_NUMBER>``."""


class Token(Document, frozen=True, tag_field="operator", tag="token"):
    """Put a token in its place that the gateway can open again, for this recipient and purpose."""


class FormatPreserving(Document, frozen=True, tag_field="operator", tag="format_preserving"):
    """Put other digits in the digits' place: as many, separators stay; the same for one recipient.

    For values of digits only; others are replaced by their type, as those with fewer digits are.
    """

    algorithm: Literal["FF1", "FF3", "FF3-1"] = "FF1"
    """FF1 alone is accepted: FF3 and FF3-1 are withdrawn."""
    min_digits: Annotated[int, Meta(ge=1, le=40)] = 6
    """At least 6: below a domain of one million FF1 is not safe."""


class Shift(Document, frozen=True, tag_field="operator", tag="shift"):
    """Move a date by up to ``days`` either way: as far for all dates of one subject, never by 0."""

    days: Days


TextOperator = Replace | Mask | Pseudonymise | Token | FormatPreserving | Shift | Generalise


class TextProfile(Document, frozen=True):
    """What becomes of the personal data found in free text, by its type.

    A value that its operator cannot read is replaced by its type. ``zh`` goes before ``operators``
    for values with a Chinese character in them: a text may be mixed, a value is of one language.
    """

    default: TextOperator = Replace()
    operators: Annotated[dict[EntityName, TextOperator], Meta(min_length=1, max_length=200)] = (
        msgspec.field(default_factory=dict)
    )
    zh: Annotated[dict[EntityName, TextOperator], Meta(min_length=1, max_length=200)] = (
        msgspec.field(default_factory=dict)
    )
    entities: Annotated[tuple[EntityName, ...], Meta(min_length=1, max_length=200)] | None = None
    """What is looked for; everything if absent. The subject's own values are always."""
    threshold: Hundredths = 50
    thresholds: Annotated[dict[EntityName, Hundredths], Meta(min_length=1, max_length=200)] = (
        msgspec.field(default_factory=dict)
    )


class Bound(Document, frozen=True):
    """How much of a value stays hidden from one recipient, whatever it is shown over time."""

    hidden_at_least: Annotated[int, Meta(ge=1, le=64)]
    length: Annotated[int, Meta(ge=1, le=64)]
    """How many characters such a value has: the mask alone must leave enough of these hidden."""


class MaskingDocument(Document, frozen=True):
    """``masking/*.yaml``: one versioned profile."""

    version: Version
    profile: DottedName
    masks: Annotated[dict[Name, MaskFormat], Meta(min_length=1, max_length=100)]
    text: TextProfile = TextProfile()
    composition: Annotated[dict[Name, Bound], Meta(min_length=1, max_length=100)] = msgspec.field(
        default_factory=dict
    )
    """By mask: what must stay hidden of a value when its releases are laid over one another."""
    on_exceed: Literal["tighten", "refuse"] = "tighten"
    """When less would stay hidden: replace the value whole, or withhold the field."""
