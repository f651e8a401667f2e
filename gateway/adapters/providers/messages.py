"""What a worker and a provider's process say to each other.

Owns the bound on one record, so that the answers to a whole batch fit into one frame. Refuses to
show a value in a repr.
"""

from typing import Final

import msgspec

Value = str | int | None
MAX_VALUE_CHARACTERS: Final = 16_384
MAX_RECORD_CHARACTERS: Final = 60_000
"""Of all values together: a batch of 256 such records stays within a frame of 64 MiB."""


class Lookup(msgspec.Struct, frozen=True, array_like=True):
    """One subject's values for these fields; the subject as the source's two columns name it."""

    type: str
    identifier: str
    fields: tuple[str, ...]

    def __repr__(self) -> str:
        """Show no identifier."""
        return f"Lookup({self.type})"


class Found(msgspec.Struct, frozen=True, array_like=True, tag="f"):
    """The values, in the order of the fields asked for."""

    values: tuple[Value, ...]

    def __repr__(self) -> str:
        """Show no value."""
        return "Found(...)"


class Missing(msgspec.Struct, frozen=True, array_like=True, tag="m"):
    """There is no such subject."""


class Unavailable(msgspec.Struct, frozen=True, array_like=True, tag="u"):
    """The source could not be read."""


class Invalid(msgspec.Struct, frozen=True, array_like=True, tag="i"):
    """The source answered, and the answer breaks the contract."""


Answer = Found | Missing | Unavailable | Invalid
