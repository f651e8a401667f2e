"""A log that a witness asks, in memory: any history, signed by the log's own key.

Owns what a gateway answers a witness, honestly about a history that need not be honest. It is how
an operator with the log's key can lie: entries changed, cut off or replaced, and signed anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from clients.sdk.models.common import ConsistencyProof, Cosigned, SignedCheckpoint
from gateway.crypto.checkpoint import Checkpoint, sign_checkpoint
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.crypto.merkle_proof import prove_consistency
from gateway.crypto.note_key import NoteSigner
from gateway.crypto.signed_note import NoteSignature, SignedNote
from support.crypto_log import ORIGIN, SIGNER, VKEY, reference_nodes


@dataclass
class History:
    """A log of these entries; ``taken`` are the cosignatures that it was given."""

    entries: Sequence[bytes]
    signer: NoteSigner = SIGNER
    taken: list[NoteSignature] = field(default_factory=list)

    @property
    def leaves(self) -> list[bytes]:
        return [leaf_hash(entry) for entry in self.entries]

    def note(self) -> SignedNote:
        root = CompactRange().extend(self.leaves).root()
        return sign_checkpoint(Checkpoint(ORIGIN, len(self.entries), root), self.signer)

    def cosigned(self) -> SignedNote:
        note = self.note()
        for one in self.taken:
            note = note.with_signature(one)
        return note

    def checkpoint(self) -> SignedCheckpoint:
        return SignedCheckpoint(self.cosigned().encode(), VKEY, len(self.taken), 0)

    def consistency_proof(self, old_size: int, new_size: int) -> ConsistencyProof:
        nodes = reference_nodes(self.leaves[:new_size])
        hashes = prove_consistency(old_size, new_size, lambda level, index: nodes[level, index])
        return ConsistencyProof(old_size, new_size, hashes)

    def add_cosignature(self, tree_size: int, signature_line: str) -> Cosigned:
        assert tree_size == len(self.entries)
        self.taken.append(NoteSignature.parse(signature_line))
        return Cosigned(len(self.taken), 0)
