"""Between the SDK's values and the messages of the audit log.

Owns every field of those messages. Refuses pages that skip or repeat entries; whether entries and
proofs are true is checked against a signed checkpoint, not here.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from clients.sdk.failure import AnswerError
from clients.sdk.models.common import (
    ConsistencyProof,
    Cosigned,
    EventPage,
    InclusionProof,
    LogEntry,
    SignedCheckpoint,
)
from gateway.crypto.merkle import HASH_SIZE
from veilgate.v1 import audit_pb2


def decode_events(
    start: int, answer: audit_pb2.ListEventsResponse, filtered: bool = False
) -> EventPage:
    """A page of events that begins at ``start``; one that was filtered may leave entries out.

    Raises:
        AnswerError: its entries are not those from ``start`` on, in order, or it leads nowhere.
    """
    entries = tuple(LogEntry(one.log_index, one.event) for one in answer.entries)
    indices = [one.index for one in entries]
    whole = list(range(start, start + len(entries)))
    if not filtered and indices != whole:
        raise AnswerError("skips, repeats or mixes log entries")
    if filtered and not _ascending([start - 1, *indices, max(answer.next, start)]):
        raise AnswerError("repeats or mixes log entries")
    return EventPage(entries, answer.next, answer.size)


def _ascending(numbers: list[int]) -> bool:
    return all(one < other for one, other in pairwise(numbers))


def decode_checkpoint(answer: audit_pb2.GetCheckpointResponse) -> SignedCheckpoint:
    """A checkpoint, its signature not yet verified."""
    return SignedCheckpoint(
        answer.checkpoint, answer.verifier_key, answer.cosignatures, answer.required
    )


def decode_proof(index: int, answer: audit_pb2.GetInclusionProofResponse) -> InclusionProof:
    """A proof of entry ``index``, not yet verified.

    Raises:
        AnswerError: a hash is not 32 bytes.
    """
    hashes = _hashes(answer.hashes)
    return InclusionProof(index, answer.tree_size, hashes, answer.event, answer.checkpoint)


def decode_consistency(
    old_size: int, answer: audit_pb2.GetConsistencyProofResponse
) -> ConsistencyProof:
    """A proof from ``old_size``, not yet verified.

    Raises:
        AnswerError: a hash is not 32 bytes.
    """
    return ConsistencyProof(old_size, answer.new_size, _hashes(answer.hashes))


def decode_cosigned(answer: audit_pb2.AddCosignatureResponse) -> Cosigned:
    """How many witnesses are on a checkpoint."""
    return Cosigned(answer.cosignatures, answer.required)


def _hashes(hashes: Iterable[bytes]) -> tuple[bytes, ...]:
    found = tuple(hashes)
    if any(len(one) != HASH_SIZE for one in found):
        raise AnswerError("holds a hash that is not 32 bytes")
    return found
