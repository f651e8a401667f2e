"""The operators that a rule releases a field by, as a steward writes them.

Owns their shapes. Refuses an operator that says nothing or several things at once. What each does
to a value is ``gateway.domain.deid``'s business.
"""

import itertools
from typing import Annotated, Literal

from msgspec import Meta

from gateway.domain.policy.document_base import Document, Name


class Keep(Document, frozen=True, tag_field="operator", tag="keep"):
    """Release the value as it is."""


class Withhold(Document, frozen=True, tag_field="operator", tag="withhold"):
    """Do not release the value, do not ask the provider for it."""


class Mask(Document, frozen=True, tag_field="operator", tag="mask"):
    """Release the value masked by a format of the rule's profile."""

    using: Name


class Pseudonymise(Document, frozen=True, tag_field="operator", tag="pseudonymise"):
    """Release a keyed pseudonym: stable for one recipient and purpose, unlinkable across."""


class Generalise(Document, frozen=True, tag_field="operator", tag="generalise"):
    """Release a coarser value: exactly one of ``bands``, ``date``, ``address``."""

    bands: Annotated[tuple[int, ...], Meta(min_length=1, max_length=64)] | None = None
    """Ascending edges; a value becomes ``<e0``, ``e0-e1`` (the lower included), ``>=en``."""
    date: Literal["month", "year"] | None = None
    address: Literal["district", "city"] | None = None

    def __post_init__(self) -> None:
        """Refuse none or several ways, and edges that do not ascend."""
        if sum(way is not None for way in (self.bands, self.date, self.address)) != 1:
            raise ValueError("generalise takes exactly one of bands, date, address")
        edges = self.bands or ()
        if any(low >= high for low, high in itertools.pairwise(edges)):
            raise ValueError("bands must ascend")


class Detect(Document, frozen=True, tag_field="operator", tag="detect"):
    """Release free text with the personal data found in it replaced."""


Release = Keep | Withhold | Mask | Pseudonymise | Generalise | Detect
