"""The ristretto255 group (RFC 9496), from the libsodium that `rbcl` brings.

Owns loading it, at first use and not before. Refuses to leave rbcl's copy of the library behind:
rbcl writes it to a temporary file at import and forgets it, so it is unlinked here once mapped.
"""

from __future__ import annotations

import functools
import importlib
from pathlib import Path
from typing import Protocol, cast

SCALAR_SIZE = 32
ELEMENT_SIZE = 32
HASH_INPUT_SIZE = 64
IDENTITY = bytes(ELEMENT_SIZE)
ORDER = 2**252 + 27742317777372353535851937790883648493
"""Order of the group, a prime (RFC 9496, section 4)."""


class Group(Protocol):
    """The functions of `rbcl` in use; scalars and elements are 32 bytes, little-endian.

    An installed rbcl checks no lengths and hands pointers to C: whoever calls has checked them.
    """

    def crypto_core_ristretto255_is_valid_point(self, p: bytes) -> bool:
        """Whether the lower 255 bits encode an element, the identity included.

        The highest bit is not looked at in libsodium's release 1.0.18: the caller does.
        """

    def crypto_core_ristretto255_from_hash(self, h: bytes) -> bytes:
        """Map 64 uniform bytes to an element."""

    def crypto_core_ristretto255_add(self, p: bytes, q: bytes) -> bytes:
        """Add two valid elements; of an invalid one the result means nothing."""

    def crypto_core_ristretto255_scalar_random(self) -> bytes:
        """A uniform scalar other than zero, from the operating system's random source."""

    def crypto_core_ristretto255_scalar_reduce(self, s: bytes) -> bytes:
        """Reduce 64 bytes modulo the group's order."""

    def crypto_core_ristretto255_scalar_invert(self, s: bytes) -> bytes:
        """The inverse modulo the order of a scalar other than zero."""

    def crypto_core_ristretto255_scalar_mul(self, s: bytes, t: bytes) -> bytes:
        """The product modulo the order."""

    def crypto_core_ristretto255_scalar_sub(self, s: bytes, t: bytes) -> bytes:
        """The difference modulo the order."""

    def crypto_scalarmult_ristretto255(self, s: bytes, p: bytes) -> bytes:
        """Multiply an element; RuntimeError where the product is the identity."""

    def crypto_scalarmult_ristretto255_base(self, s: bytes) -> bytes:
        """Multiply the generator; RuntimeError where the product is the identity."""


@functools.cache
def group() -> Group:
    """Load rbcl once in this process and remove the file that it leaves.

    Raises:
        ImportError: rbcl is not installed.
        OSError: the temporary directory forbids loading a library, or removing the file.
    """
    library = importlib.import_module("rbcl")
    Path(importlib.import_module("rbcl._sodium").lib_path).unlink(missing_ok=True)
    return cast(Group, library)
