"""What every policy document is made of: its words, and the frozen, strict base of its parts.

Owns the forms of names, ids, texts and counts. Refuses unknown fields, wherever a part stands.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gateway.domain.vocabulary import Role

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,62}$", description="a lower-case word")]
DottedName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*$", max_length=96)]
RuleId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{2,62}$", description="unique")]
InstitutionId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")]
Text = Annotated[str, Meta(min_length=1, max_length=400)]
Citation = Annotated[str, Meta(min_length=2, max_length=80, description="e.g. 'PIPL 23'")]
Days = Annotated[int, Meta(ge=1, le=3650)]
Count = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Version = Literal[1]


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base of every part of a policy document: frozen, strict."""


class Bilingual(Document, frozen=True):
    """A text in both languages of the product."""

    en: Text
    zh: Text


class Recipients(Document, frozen=True):
    """Who a rule speaks of: any institution with one of the roles, or the named ones."""

    roles: tuple[Role, ...] = ()
    institutions: tuple[InstitutionId, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an empty selector: it would be a catch-all or a dead rule."""
        if not self.roles and not self.institutions:
            raise ValueError("recipients needs roles or institutions")
