"""Offline verification of an exported audit log.

Owns the check of every entry, every tile and every root against a signed checkpoint. Refuses to
trust anything but the verifier key and the checkpoint that the caller kept from the time before:
the export itself, its tiles included, is taken to be written by an adversary.

What a finding can name: an entry, where an entry and its stored leaf hash disagree; a range of
entries, where a stored tile or a root disagrees with entries that agree with their leaf hashes
(whoever rewrote an entry and all hashes above it leaves no trace of which one it was).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.crypto.checkpoint import Checkpoint, open_checkpoint
from gateway.crypto.errors import CryptoError
from gateway.crypto.log_walk import LogMismatch, LogWalk, Progress, Read, ignore_progress
from gateway.crypto.note_key import VerifierKey

__all__ = ["LogMismatch", "VerifiedLog", "verify_log"]

CHECKPOINT = "checkpoint"
PREVIOUS_CHECKPOINT = "previous checkpoint"


@dataclass(frozen=True, slots=True)
class VerifiedLog:
    """A log whose every entry is under `root`, and the size up to which it extends the older one.

    `consistent_from` is None where the caller had no previous checkpoint: then nothing rules out
    that the log's operator showed another history to others, or to the caller earlier.
    """

    origin: str
    size: int
    root: bytes
    consistent_from: int | None


def verify_log(
    checkpoint: bytes,
    vkey: str,
    read: Read,
    previous_checkpoint: bytes | None = None,
    progress: Progress = ignore_progress,
) -> VerifiedLog:
    """Verify an export and return what it proves.

    Args:
        checkpoint: the export's signed checkpoint.
        vkey: the log's verifier key text, obtained out of band; its name is the log's origin.
        read: tlog-tiles path to bytes; raises FileNotFoundError or KeyError where there is none.
        previous_checkpoint: the signed checkpoint that the caller kept from an earlier check.
        progress: called with (entries checked, log size) after each bundle.

    Raises:
        LogMismatch: the first disagreement in the order of the entries.
        KeyMaterialError: `vkey` is not a verifier key.
    """
    key = VerifierKey.parse(vkey)
    current = _open(checkpoint, key, CHECKPOINT)
    previous = None
    if previous_checkpoint is not None:
        previous = _open(previous_checkpoint, key, PREVIOUS_CHECKPOINT)
        _require_growth(previous, current)
    walk = LogWalk(current.size, read, _root_check(previous))
    walk.run(progress)
    _require_root(walk.root(), previous, current)
    size = None if previous is None else previous.size
    return VerifiedLog(current.origin, current.size, current.root, size)


def _open(raw: bytes, key: VerifierKey, path: str) -> Checkpoint:
    try:
        return open_checkpoint(raw, key)
    except CryptoError as error:
        raise LogMismatch(
            None, path, f"it is not a checkpoint signed by this key: {error}"
        ) from error


def _require_growth(previous: Checkpoint, current: Checkpoint) -> None:
    if current.size < previous.size:
        raise LogMismatch(
            current.size,
            CHECKPOINT,
            f"the log ends at {current.size} entries, the previous checkpoint covers "
            f"{previous.size}",
            range(current.size, previous.size),
        )


def _root_check(previous: Checkpoint | None) -> tuple[int, Callable[[bytes], None]] | None:
    if previous is None:
        return None
    size, expected = previous.size, previous.root

    def check(root: bytes) -> None:
        if root != expected:
            raise LogMismatch(
                None,
                PREVIOUS_CHECKPOINT,
                f"the first {size} entries are not those that it covers",
                range(size),
            )

    return size, check


def _require_root(root: bytes, previous: Checkpoint | None, current: Checkpoint) -> None:
    if root == current.root:
        return
    trusted = 0 if previous is None else previous.size
    raise LogMismatch(
        None,
        CHECKPOINT,
        "entries and tiles agree with each other, but not with the signed root",
        range(trusted, current.size),
    )
