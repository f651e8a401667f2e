"""The audit log's methods.

Owns their requests. What comes back is checked for its form only: `verify_event`,
`verify_consistency` and their kin in `verification_calls` check it against the log's key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from clients.sdk.calls.call import DEFAULT_TIMEOUT, Call, Flow, Listing, Page, Rpc
from clients.sdk.calls.method import Method, Pages
from clients.sdk.codecs.log import (
    decode_checkpoint,
    decode_consistency,
    decode_cosigned,
    decode_events,
    decode_proof,
)
from clients.sdk.models.common import (
    ConsistencyProof,
    Cosigned,
    EventPage,
    InclusionProof,
    LogEntry,
    SignedCheckpoint,
)
from veilgate.v1 import audit_pb2 as pb

_SERVICE: Final = "/veilgate.v1.AuditService/"
LIST_EVENTS: Final = Rpc(f"{_SERVICE}ListEvents", pb.ListEventsResponse, safe=True)
CHECKPOINT: Final = Rpc(f"{_SERVICE}GetCheckpoint", pb.GetCheckpointResponse, safe=True)
INCLUSION: Final = Rpc(f"{_SERVICE}GetInclusionProof", pb.GetInclusionProofResponse, safe=True)
CONSISTENCY: Final = Rpc(
    f"{_SERVICE}GetConsistencyProof", pb.GetConsistencyProofResponse, safe=True
)
TILE: Final = Rpc(f"{_SERVICE}GetTile", pb.GetTileResponse, safe=True)
# A witness counts once, however often the same line comes.
COSIGN: Final = Rpc(f"{_SERVICE}AddCosignature", pb.AddCosignatureResponse, safe=True)


def checkpoint(
    timeout: float = DEFAULT_TIMEOUT, *, witnessed: bool = False
) -> Flow[SignedCheckpoint]:
    """A signed checkpoint of the audit log, not yet verified.

    ``witnessed``: the latest that the witness policy counts, instead of one as the log is now.
    """
    request = pb.GetCheckpointRequest(witnessed=witnessed)
    return iter(Call(CHECKPOINT, request, decode_checkpoint, timeout))


def _list_events(
    start: int = 0,
    limit: int = 100,
    timeout: float = DEFAULT_TIMEOUT,
    *,
    kinds: Sequence[str] = (),
    institution: str = "",
) -> Flow[EventPage]:
    """One page of at most ``limit`` (1 to 500) events from ``start`` on; for auditors.

    ``kinds`` and ``institution`` leave out other events; go on from the page's ``next``.
    """
    return iter(_page_call(start, limit, kinds, institution, timeout))


def _page_call(
    start: int, limit: int, kinds: Sequence[str], institution: str, timeout: float
) -> Call[EventPage]:
    request = pb.ListEventsRequest(start=start, limit=limit, kinds=kinds, institution=institution)
    filtered = bool(kinds or institution)

    def read(answer: pb.ListEventsResponse) -> EventPage:
        return decode_events(start, answer, filtered)

    return Call(LIST_EVENTS, request, read, timeout)


def _events(
    start: int = 0,
    *,
    kinds: Sequence[str] = (),
    institution: str = "",
    page_size: int = 500,
    timeout: float = DEFAULT_TIMEOUT,
) -> Listing[LogEntry]:
    """All events from ``start`` on that there are, in log order; for auditors.

    ``kinds`` and ``institution`` leave out other events. ``timeout`` is for each page.
    """

    def page(token: str) -> Call[Page[LogEntry]]:
        call = _page_call(int(token or start), page_size, kinds, institution, timeout)

        def read(answer: pb.ListEventsResponse) -> Page[LogEntry]:
            found = call.read(answer)
            at_end = found.next >= found.size
            return Page(found.entries, "" if at_end else str(found.next))

        return Call(call.rpc, call.request, read, timeout)

    return Listing(page)


def inclusion_proof(
    index: int, size: int = 0, timeout: float = DEFAULT_TIMEOUT
) -> Flow[InclusionProof]:
    """The proof of entry ``index`` in the tree of ``size`` entries; 0 means the present one."""
    request = pb.GetInclusionProofRequest(log_index=index, tree_size=size)

    def read(answer: pb.GetInclusionProofResponse) -> InclusionProof:
        return decode_proof(index, answer)

    return iter(Call(INCLUSION, request, read, timeout))


def consistency_proof(
    old_size: int, new_size: int = 0, timeout: float = DEFAULT_TIMEOUT
) -> Flow[ConsistencyProof]:
    """The proof that the tree of ``new_size`` (0: the present one) extends that of ``old_size``."""
    request = pb.GetConsistencyProofRequest(old_size=old_size, new_size=new_size)

    def read(answer: pb.GetConsistencyProofResponse) -> ConsistencyProof:
        return decode_consistency(old_size, answer)

    return iter(Call(CONSISTENCY, request, read, timeout))


def _add_cosignature(
    tree_size: int, signature_line: str, timeout: float = DEFAULT_TIMEOUT
) -> Flow[Cosigned]:
    """Put a witness's signature line under the checkpoint of that size; for witnesses."""
    request = pb.AddCosignatureRequest(tree_size=tree_size, signature_line=signature_line)
    return iter(Call(COSIGN, request, decode_cosigned, timeout))


def _tile(path: str, timeout: float = DEFAULT_TIMEOUT) -> Flow[bytes]:
    """One tile or entry bundle by its tlog-tiles path; for auditors."""
    return iter(Call(TILE, pb.GetTileRequest(path=path), _content, timeout))


def _content(answer: pb.GetTileResponse) -> bytes:
    return answer.content


class AuditCalls:
    """Events, checkpoints, proofs and tiles."""

    checkpoint = Method(checkpoint)
    list_events = Method(_list_events)
    events = Pages(_events)
    inclusion_proof = Method(inclusion_proof)
    consistency_proof = Method(consistency_proof)
    add_cosignature = Method(_add_cosignature)
    tile = Method(_tile)
