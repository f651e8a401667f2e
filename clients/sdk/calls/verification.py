"""Verification as one call each: fetch the proof, check it, remember the checkpoint.

Owns what is fetched for a check and its order. Refuses to trust a checkpoint that does not
continue the last one kept, where checkpoints are kept; the key is pinned (`trust`).
"""

from __future__ import annotations

from clients.sdk.calls import audit as audit_calls
from clients.sdk.calls.call import DEFAULT_TIMEOUT, Flow
from clients.sdk.calls.method import TrustedMethod
from clients.sdk.errors import VeilgateError
from clients.sdk.identity.trust import Trust
from clients.sdk.logs.verification import (
    LogForked,
    VerifiedEvent,
    VerifiedGrowth,
    VerifiedRelease,
    checked_event,
    checked_release,
    opened,
)
from clients.sdk.models.common import Record
from clients.sdk.reasons import ErrorReason
from gateway.crypto.checkpoint import Checkpoint
from gateway.crypto.errors import CryptoError
from gateway.crypto.merkle_proof import verify_consistency
from gateway.crypto.note_key import VerifierKey


def _verify_event(
    trust: Trust, index: int, checkpoint_key: str = "", timeout: float = DEFAULT_TIMEOUT
) -> Flow[VerifiedEvent]:
    """Fetch entry ``index`` and its proof, and check both against the log's key.

    For the institution that the event concerns, and for auditors. ``checkpoint_key`` is the log's
    verifier key; the profile's where it is left out.

    Raises:
        VerificationError: the entry does not verify (`LogForked`: nor does the log).
    """
    key = trust.log_key(checkpoint_key)
    proof = yield from audit_calls.inclusion_proof(index, timeout=timeout)
    event = checked_event(proof, key)
    yield from _continued(trust, key, proof.checkpoint, timeout)
    return event


def _verify_record(
    trust: Trust, record: Record, checkpoint_key: str = "", timeout: float = DEFAULT_TIMEOUT
) -> Flow[VerifiedRelease]:
    """Check that the release of a record stands in the log, with these very values.

    Raises:
        VerificationError: the log says otherwise, or does not verify.
    """
    event = yield from _verify_event(trust, record.log_index, checkpoint_key, timeout)
    return checked_release(record, event)


def _verify_consistency(
    trust: Trust,
    old_checkpoint: bytes,
    checkpoint_key: str = "",
    timeout: float = DEFAULT_TIMEOUT,
) -> Flow[VerifiedGrowth]:
    """Check that the log as it is now extends a signed checkpoint of before.

    Raises:
        LogForked: it does not.
        VerificationError: one of the checkpoints is not signed by the log's key.
    """
    key = trust.log_key(checkpoint_key)
    old = opened(old_checkpoint, key)
    present = yield from audit_calls.checkpoint(timeout)
    new = opened(present.note, key)
    yield from _joined((old, old_checkpoint), (new, present.note), timeout)
    yield from _continued(trust, key, present.note, timeout)
    return VerifiedGrowth(old, new)


def _continued(trust: Trust, key: VerifierKey, note: bytes, timeout: float) -> Flow[None]:
    """Join a checkpoint to the last one kept, and keep it."""
    if trust.checkpoints is None:
        return
    kept = trust.checkpoints.last(key)
    if kept is not None:
        both = (opened(kept, key), kept), (opened(note, key), note)
        # Checks at the same time may end in another order than they began.
        older, newer = sorted(both, key=_size)
        yield from _joined(older, newer, timeout)
    trust.checkpoints.remember(key, note)


def _size(signed: tuple[Checkpoint, bytes]) -> int:
    return signed[0].size


def _joined(
    older: tuple[Checkpoint, bytes], newer: tuple[Checkpoint, bytes], timeout: float
) -> Flow[None]:
    (old, old_note), (new, new_note) = older, newer
    hashes: tuple[bytes, ...] = ()
    if 0 < old.size < new.size:
        try:
            proof = yield from audit_calls.consistency_proof(old.size, new.size, timeout)
        except VeilgateError as error:
            if error.reason != ErrorReason.LOG_ENTRY_NOT_FOUND:
                raise
            # The log is smaller than what it signed.
            raise LogForked(old_note, new_note) from error
        hashes = proof.hashes
    try:
        verify_consistency(old.size, old.root, new.size, new.root, hashes)
    except CryptoError as error:
        raise LogForked(old_note, new_note) from error


class VerificationCalls:
    """Checks against the audit log."""

    verify_event = TrustedMethod(_verify_event)
    verify_record = TrustedMethod(_verify_record)
    verify_consistency = TrustedMethod(_verify_consistency)
