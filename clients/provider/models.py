"""What a provider is asked and what it answers, typed.

Owns the forms of subjects, inquiries and records. Refuses to show a value or a subject in a repr.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from clients.provider.errors import ProviderError
from clients.sdk.failure import RequestError
from clients.sdk.normal_form import normal_form
from clients.sdk.vocabulary import IdentifierType

Value = str | int | None
FieldType = Literal["string", "integer", "date", "text"]
REFERENCE_SIZE: Final = 32
MAX_TEXT: Final = 16_384
"""Characters of one value."""
MAX_FIELDS: Final = 400
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_DATASET: Final = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*", re.ASCII)
_EVENT: Final = re.compile(r"[A-Za-z0-9._:-]{0,64}", re.ASCII)
_FIELD_TYPES: Final = ("string", "integer", "date", "text")


@dataclass(frozen=True, slots=True)
class Identifier:
    """A natural person by a number, in normal form: no separators, a capital X.

    Raises:
        ValueError: it is not in normal form, or no identifier of its type. Without the value.
    """

    type: IdentifierType
    value: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        try:
            good = normal_form(IdentifierType(self.type), self.value) == self.value
        except RequestError:
            good = False
        if not good:
            raise ValueError(f"this is no {self.type} in normal form")

    def encoded(self) -> bytes:
        """Return what proofs and references are computed over."""
        return f"{self.type}|{self.value}".encode()


@dataclass(frozen=True, slots=True)
class Reference:
    """A natural person by the scoped reference that the provider indexed: 32 bytes."""

    value: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse other lengths."""
        if len(self.value) != REFERENCE_SIZE:
            raise ValueError(f"a scoped reference is {REFERENCE_SIZE} bytes")

    def encoded(self) -> bytes:
        """Return what proofs are computed over."""
        return self.value


Subject = Identifier | Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One subject, some fields of one dataset; ``event_id`` is the gateway's own event."""

    subject: Subject
    dataset: str
    fields: tuple[str, ...]
    purpose: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record that was found.

    ``subject`` is whose record it is: taken from the record itself, never from the inquiry, or the
    proof says nothing. ``values`` may hold more fields than were asked for; only those are sent. An
    integer may come as its decimal digits. ``event_id`` names the provider's own event of having
    answered, if it keeps any: at most 64 of A-Z, a-z, 0-9, ``.``, ``_``, ``:``, ``-``.
    """

    subject: Subject
    values: Mapping[str, Value] = field(repr=False)
    event_id: str = ""

    def __post_init__(self) -> None:
        """Refuse an event id of another form."""
        if not _EVENT.fullmatch(self.event_id):
            raise ValueError("an event id is at most 64 letters, digits and . _ : -")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A dataset that is served: its fields with their types, and how its subjects are named.

    Raises:
        ProviderError: a name or a type is none, or subjects cannot be named at all.
    """

    name: str
    fields: Mapping[str, FieldType]
    identifiers: tuple[IdentifierType, ...] = ()
    by_reference: bool = False

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        fix = "Write the dataset as the gateway's catalogue has it."
        if not _DATASET.fullmatch(self.name):
            raise ProviderError("a dataset has a dotted lower-case name", fix)
        if not 1 <= len(self.fields) <= MAX_FIELDS or not all(map(_NAME.fullmatch, self.fields)):
            raise ProviderError(f"{self.name} has 1 to {MAX_FIELDS} fields, lower-case names", fix)
        if not set(self.fields.values()) <= set(_FIELD_TYPES):
            raise ProviderError(f"a field's type is one of {', '.join(_FIELD_TYPES)}", fix)
        if not self.identifiers and not self.by_reference:
            raise ProviderError(f"{self.name} names no kind of subject", fix)

    def takes(self, subject: Subject) -> bool:
        """Return whether this dataset knows subjects by such a name."""
        if isinstance(subject, Reference):
            return self.by_reference
        return subject.type in self.identifiers
