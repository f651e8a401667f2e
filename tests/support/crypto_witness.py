"""Logs, forks and witnesses for tests of cosignatures.

Owns a log of numbered entries whose checkpoints and proofs can be had for any size, honest or
forked at an entry. Refuses to check anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.crypto.checkpoint import Checkpoint, sign_checkpoint
from gateway.crypto.cosignature import Cosigner
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.crypto.merkle_proof import Proof, prove_consistency
from gateway.crypto.note_key import NoteSigner
from gateway.crypto.signed_note import SignedNote
from support.crypto_log import ORIGIN, SIGNER, reference_nodes

COSIGNERS = tuple(
    Cosigner(f"witness.example/{n}", SigningKey.from_seed(bytes([100 + n]) * 32)) for n in range(5)
)
WITNESSES = tuple(cosigner.verifier_key for cosigner in COSIGNERS)


@dataclass(frozen=True)
class Log:
    """A log of `length` entries, the entry at `fork` and all after it others than in no fork."""

    length: int
    fork: int | None = None
    _read: Callable[[int, int], bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        nodes = reference_nodes(self.leaves)
        object.__setattr__(self, "_read", lambda level, index: nodes[level, index])

    @property
    def leaves(self) -> list[bytes]:
        since = self.length if self.fork is None else self.fork
        return [leaf_hash(b"%d %d" % (n, n >= since)) for n in range(self.length)]

    def checkpoint(self, size: int) -> Checkpoint:
        return Checkpoint(ORIGIN, size, CompactRange.load(size, self._read).root())

    def note(self, size: int, signer: NoteSigner = SIGNER) -> SignedNote:
        return sign_checkpoint(self.checkpoint(size), signer)

    def raw(self, size: int) -> bytes:
        return self.note(size).encode()

    def proof(self, old_size: int, size: int) -> Proof:
        return prove_consistency(old_size, size, self._read)
