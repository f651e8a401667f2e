"""The ports to published checkpoints and to the witnesses that cosign them.

Owns the values. A checkpoint that was given out is published: it stays in the store as it was
signed, so that whoever asks sees the same, and a witness can put its cosignature under it.
Cosignatures stand beside the log and not in it: an event for each would never let the log rest.
"""

from typing import Protocol

import msgspec

from gateway.domain.policy.documents import WitnessesDocument


class Published(msgspec.Struct, frozen=True):
    """A published checkpoint: its note as the log signed it, and when, in Unix seconds."""

    size: int
    root: bytes
    note: bytes
    published_at: int


class Cosignature(msgspec.Struct, frozen=True):
    """A verified cosignature: the key's name and id, the note's line, its time (Unix seconds)."""

    witness: str
    line: str
    time: int


class CheckpointReader(Protocol):
    """Serves what was published; raises ``Refused``: STORE_UNAVAILABLE."""

    async def latest(self) -> Published | None:
        """Return the largest, or None before the first."""
        ...

    async def of_size(self, size: int) -> Published | None:
        """Return the one of this size, or None."""
        ...

    async def lines(self, size: int) -> tuple[str, ...]:
        """Return the signature lines of the witnesses under the one of this size."""
        ...

    async def witnessed(self, witnesses: tuple[str, ...], required: int) -> Published | None:
        """Return the largest that so many of these witnesses cosigned, or None."""
        ...


class CheckpointLedger(Protocol):
    """Records checkpoints and cosignatures, durably; raises ``Refused``: STORE_UNAVAILABLE."""

    async def publish(self, size: int, root: bytes, note: bytes) -> None:
        """Publish a checkpoint, unless one as large is published, or one in this second."""
        ...

    async def add_cosignature(self, institution: str, size: int, one: Cosignature) -> None:
        """Put a cosignature under a checkpoint; of one witness the latest stays.

        Raises ``Refused``: CHECKPOINT_NOT_FOUND, INSTITUTION_SUSPENDED.
        """
        ...


class WitnessSignatures(Protocol):
    """What is known of witnesses' keys and signatures."""

    def identities(self, policy: WitnessesDocument) -> tuple[str, ...]:
        """Return the names and ids of the policy's keys, as ``Cosignature.witness`` has them."""
        ...

    def verified(
        self, policy: WitnessesDocument, institution: str, note: bytes, line: str
    ) -> Cosignature:
        """Return the line as one of a witness of this institution, its signature checked.

        Raises ``Refused``: COSIGNATURE_INVALID.
        """
        ...

    def signed(self, note: bytes, lines: tuple[str, ...]) -> bytes:
        """Return the note with these lines under it."""
        ...

    def count(self, policy: WitnessesDocument, note: bytes) -> int:
        """Return how many of the policy's witnesses have validly cosigned the note."""
        ...
