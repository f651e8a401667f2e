"""What a worker and a provider's process say to each other."""

import msgspec

Value = str | int | None


class Lookup(msgspec.Struct, frozen=True, array_like=True):
    """One subject's values for these fields."""

    dataset: str
    identifier_type: str
    identifier: str
    fields: tuple[str, ...]


class Found(msgspec.Struct, frozen=True, array_like=True, tag="f"):
    """The values, in the order of the fields asked for."""

    values: tuple[Value, ...]


class Missing(msgspec.Struct, frozen=True, array_like=True, tag="m"):
    """There is no such subject."""


class Unavailable(msgspec.Struct, frozen=True, array_like=True, tag="u"):
    """The source could not be read."""


class Invalid(msgspec.Struct, frozen=True, array_like=True, tag="i"):
    """The source answered, and the answer breaks the contract."""


Answer = Found | Missing | Unavailable | Invalid
