"""The port to the tags by which the composition guard knows a value again."""

from typing import Protocol

from gateway.domain.deid.composition import ValueTag
from gateway.domain.subject import Subject


class ValueTags(Protocol):
    """Makes keyed tags of values; nobody without the subject's secret can try values against."""

    def bound(self, recipient: str, subject: Subject) -> ValueTag:
        """Return the function from a value's one spelling to its tag, 16 bytes."""
        ...
