"""The port to the oblivious function under which a subject is known."""

from typing import Protocol

import msgspec


class Evaluated(msgspec.Struct, frozen=True):
    """Evaluated elements (32 bytes each, in order) and one proof over all of them (64 bytes)."""

    elements: tuple[bytes, ...]
    proof: bytes


class ReferenceEvaluator(Protocol):
    """Evaluates what a client blinded, under the key of the present version."""

    @property
    def key_version(self) -> str:
        """Return the version of the key."""
        ...

    @property
    def public_key(self) -> bytes:
        """Return the public key, 32 bytes."""
        ...

    async def evaluate(self, blinded: tuple[bytes, ...]) -> Evaluated:
        """Return the evaluations with their proof.

        Raises ``Refused`` with INVALID_FIELD for what is no element; costs are bounded by 1,000
        elements, and do not hold up other calls.
        """
        ...
