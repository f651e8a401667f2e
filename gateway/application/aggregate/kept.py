"""What the store keeps of a round's result: the combination first, then what was signed over it.

Owns the form. The combination is kept before the release: it is randomised anew and cannot be made
a second time, so a release whose combination was lost would never have a result. Refuses bytes in
another form.
"""

from __future__ import annotations

from hashlib import sha256

import msgspec

from gateway.application.ports.aggregates import Signed


class Contributed(msgspec.Struct, frozen=True):
    """A contribution: its statement, and the ciphertexts that it is about."""

    signed: Signed
    ciphertexts: bytes


class Prepared(msgspec.Struct, frozen=True):
    """A combination, and the statements of the contributions in it, in the roster's order.

    ``proof`` shows to the members that it is one; empty where nothing was combined.
    """

    ciphertexts: bytes
    count: int
    contributions: tuple[Signed, ...]
    proof: bytes = b""
    kept_back: tuple[bytes, ...] = ()
    """Of a binning: the bureau's sealed counts, for the lender with the result."""

    @property
    def digest(self) -> bytes:
        """Return the SHA-256 of the ciphertexts."""
        return sha256(self.ciphertexts).digest()

    @property
    def payloads(self) -> tuple[bytes, ...]:
        """Return what the tree of contributions is made of."""
        return tuple(one.payload for one in self.contributions)


class Sealed(msgspec.Struct, frozen=True):
    """A released combination: signed, and proven to be in the log."""

    prepared: Prepared
    result: Signed
    checkpoint: bytes
    event: bytes
    inclusion: tuple[bytes, ...]


class Kept(msgspec.Struct, frozen=True):
    """The stored form: ``sealed`` once there is one, ``prepared`` before."""

    prepared: Prepared | None = None
    sealed: Sealed | None = None

    def encoded(self) -> bytes:
        """Return the bytes to store."""
        return msgspec.msgpack.encode(self)


def read_kept(stored: bytes) -> Kept:
    """Read the stored form, empty where nothing is; raises ``ValueError`` for other bytes."""
    return msgspec.msgpack.decode(stored, type=Kept) if stored else Kept()
