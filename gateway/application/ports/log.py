"""The port to the audit log, read only."""

from typing import Protocol

import msgspec


class Head(msgspec.Struct, frozen=True):
    """The committed size and root (32 bytes)."""

    size: int
    root: bytes


class Proof(msgspec.Struct, frozen=True):
    """An inclusion proof, the root it leads to, and the entry it is for."""

    tree_size: int
    root: bytes
    hashes: tuple[bytes, ...]
    event: bytes


class Growth(msgspec.Struct, frozen=True):
    """A consistency proof from a smaller size to ``new_size``."""

    new_size: int
    hashes: tuple[bytes, ...]


class LogReader(Protocol):
    """Serves what is committed; raises ``Refused``: LOG_ENTRY_NOT_FOUND, STORE_UNAVAILABLE."""

    @property
    def verifier_key(self) -> str:
        """Return the log's verifier key (C2SP signed note)."""
        ...

    async def head(self) -> Head:
        """Return the committed head."""
        ...

    def sign(self, size: int, root: bytes) -> bytes:
        """Return a signed note over a size and root that this log had."""
        ...

    def concerns(self, event: bytes, institution: str) -> bool:
        """Return whether an event is one of this institution's own."""
        ...

    async def events(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        """Return (log index, event) from ``start`` on, at most ``limit``."""
        ...

    async def inclusion(self, index: int, tree_size: int) -> Proof:
        """Prove that entry ``index`` is in the tree of ``tree_size`` entries (0: the present)."""
        ...

    async def consistency(self, old_size: int, new_size: int) -> Growth:
        """Prove that the tree of ``new_size`` (0: the present) extends that of ``old_size``."""
        ...

    async def tile(self, path: str) -> bytes:
        """Return a tile or entry bundle by its tlog-tiles path."""
        ...
