"""A real log of prepared events behind a canned gateway: proofs and checkpoints that verify.

Owns the three answers that a verification needs, from the textbook tree. It is honest; a test that
wants a forked log gives it other events.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.crypto.merkle import leaf_hash
from gateway.crypto.merkle_proof import prove_consistency, prove_inclusion
from gateway.crypto.note_key import NoteSigner
from support.canned_network import Network
from support.crypto_log import SIGNER, export_log, reference_nodes
from veilgate.v1 import audit_pb2


@dataclass
class CannedLog:
    """Events, and who signs their checkpoints. ``attach`` makes a network answer from it."""

    events: list[bytes] = field(default_factory=list)
    signer: NoteSigner = SIGNER

    def attach(self, network: Network) -> None:
        """Answer proofs and checkpoints from these events."""
        network.answers["GetInclusionProof"] = self._inclusion
        network.answers["GetCheckpoint"] = self._checkpoint
        network.answers["GetConsistencyProof"] = self._consistency

    @property
    def note(self) -> bytes:
        """The signed checkpoint over all events."""
        return export_log(self.events, self.signer).checkpoint

    def _read(self, level: int, index: int) -> bytes:
        return reference_nodes([leaf_hash(one) for one in self.events])[level, index]

    def _inclusion(self, asked: Any) -> audit_pb2.GetInclusionProofResponse:
        size = len(self.events)
        return audit_pb2.GetInclusionProofResponse(
            tree_size=size,
            hashes=prove_inclusion(asked.log_index, size, self._read),
            event=self.events[asked.log_index],
            checkpoint=self.note,
        )

    def _checkpoint(self, asked: Any) -> audit_pb2.GetCheckpointResponse:
        return audit_pb2.GetCheckpointResponse(
            checkpoint=self.note, verifier_key=self.signer.verifier_key.encode()
        )

    def _consistency(self, asked: Any) -> audit_pb2.GetConsistencyProofResponse:
        hashes = prove_consistency(asked.old_size, asked.new_size, self._read)
        return audit_pb2.GetConsistencyProofResponse(new_size=asked.new_size, hashes=hashes)
