"""One step of a witness: from the last checkpoint it vouched for to the next.

Owns the checks before a cosignature (<https://c2sp.org/tlog-witness>, "add-checkpoint") and what a
refusal means. Refuses to keep state and to cosign: the caller stores the checkpoint that it gets,
in the transaction in which it read the previous one, and cosigns only after. For a log of a million
entries it needs no entry: the signed checkpoint and at most 21 hashes, below 1 KiB together.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from gateway.crypto.checkpoint import Checkpoint, CheckpointError, open_checkpoint
from gateway.crypto.errors import CryptoError
from gateway.crypto.merkle import EMPTY_ROOT, ProofError
from gateway.crypto.merkle_proof import consistency_roots, verify_consistency
from gateway.crypto.note_key import VerifierKey


class WitnessRefusal(Enum):
    """Why a witness does not go on."""

    FORKED = "the log shows two histories"
    """Proven: the two signed checkpoints, and the proof for different sizes, convince anybody."""
    STALE = "the checkpoint is older than the last one"
    """The log lost entries, or somebody replays: the log has to show a checkpoint that is not."""
    BAD_PROOF = "the proof does not join the two checkpoints"
    """Either the proof is wrong or the log forked: only a proof that verifies clears the log."""


class WitnessError(CryptoError):
    """The log's signed checkpoint is not a continuation of the previous one.

    Holds what there is of evidence: `refusal`, the `previous` checkpoint (None before the first),
    the `offered` one, `note` (its signed bytes) and `proof`. A caller that keeps the previous
    signed note beside these can show a fork to anybody who has the log's key.
    """

    def __init__(
        self,
        refusal: WitnessRefusal,
        previous: Checkpoint | None,
        offered: Checkpoint,
        note: bytes,
        proof: Sequence[bytes],
    ) -> None:
        self.refusal = refusal
        self.previous = previous
        self.offered = offered
        self.note = note
        self.proof = tuple(proof)
        super().__init__(f"{refusal.value}: {_shown(previous)} before, {_shown(offered)} offered")


def advance(
    previous: Checkpoint | None,
    note: bytes,
    log_key: VerifierKey,
    consistency_proof: Sequence[bytes],
    origin: str | None = None,
) -> Checkpoint:
    """Verify that a signed checkpoint continues the previous one, and return it.

    Args:
        previous: the last checkpoint that the witness stored for this log; None before the first,
            which is taken on trust.
        note: the signed checkpoint.
        log_key: the log's key, obtained out of band.
        consistency_proof: from the previous size to the new one (RFC 9162, section 2.1.4), 32
            bytes each; empty where the sizes are equal or there is no previous entry.
        origin: the origin line to insist on; where it is left out, the previous checkpoint's, and
            before the first the key's name.

    Raises:
        WitnessError: the checkpoint is the log's, but does not continue the previous one.
        CheckpointError: the text is not a checkpoint, or is another log's than the previous one.
        SignatureError: the log's key has not signed it.
        NoteError: the bytes are not a signed note.
    """
    expected = previous.origin if origin is None and previous is not None else origin
    offered = open_checkpoint(note, log_key, expected)
    if previous is not None and previous.origin != offered.origin:
        raise CheckpointError("the previous checkpoint is of another log")
    refusal = _refusal(previous, offered, consistency_proof)
    if refusal is not None:
        raise WitnessError(refusal, previous, offered, note, consistency_proof)
    return offered


def _refusal(
    previous: Checkpoint | None, offered: Checkpoint, proof: Sequence[bytes]
) -> WitnessRefusal | None:
    size, root = (0, EMPTY_ROOT) if previous is None else (previous.size, previous.root)
    if offered.size < size:
        return WitnessRefusal.STALE
    if offered.size == size and offered.root != root:
        return WitnessRefusal.FORKED
    try:
        verify_consistency(size, root, offered.size, offered.root, proof)
    except ProofError:
        forked = _proves_a_fork(size, root, offered, proof)
        return WitnessRefusal.FORKED if forked else WitnessRefusal.BAD_PROOF
    return None


def _proves_a_fork(size: int, root: bytes, offered: Checkpoint, proof: Sequence[bytes]) -> bool:
    """Whether a proof that failed leads to the offered root all the same.

    Then what failed is the other end: the log's first `size` entries are not those that were seen.
    """
    try:
        _, reached = consistency_roots(size, root, offered.size, proof)
    except ProofError:
        return False
    return reached == offered.root


def _shown(checkpoint: Checkpoint | None) -> str:
    if checkpoint is None:
        return "nothing"
    return f"size {checkpoint.size} with root {checkpoint.root.hex()}"
