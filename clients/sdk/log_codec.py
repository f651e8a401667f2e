"""Between the SDK's values and the messages of the audit log.

Owns every field of those messages. Refuses pages that skip or repeat entries; whether entries and
proofs are true is checked against a signed checkpoint, not here.
"""

from __future__ import annotations

from clients.sdk.failure import AnswerError
from clients.sdk.models import EventPage, InclusionProof, LogEntry, SignedCheckpoint
from gateway.crypto.merkle import HASH_SIZE
from veilgate.v1 import audit_pb2


def decode_events(start: int, answer: audit_pb2.ListEventsResponse) -> EventPage:
    """A page of events that begins at ``start``.

    Raises:
        AnswerError: its entries are not those from ``start`` on, in order.
    """
    entries = tuple(LogEntry(one.log_index, one.event) for one in answer.entries)
    if [one.index for one in entries] != list(range(start, start + len(entries))):
        raise AnswerError("skips, repeats or mixes log entries")
    return EventPage(entries, answer.next, answer.size)


def decode_checkpoint(answer: audit_pb2.GetCheckpointResponse) -> SignedCheckpoint:
    """A checkpoint, its signature not yet verified."""
    return SignedCheckpoint(answer.checkpoint, answer.verifier_key)


def decode_proof(index: int, answer: audit_pb2.GetInclusionProofResponse) -> InclusionProof:
    """A proof of entry ``index``, not yet verified.

    Raises:
        AnswerError: a hash is not 32 bytes.
    """
    hashes = tuple(answer.hashes)
    if any(len(one) != HASH_SIZE for one in hashes):
        raise AnswerError("holds a hash that is not 32 bytes")
    return InclusionProof(index, answer.tree_size, hashes, answer.event, answer.checkpoint)
