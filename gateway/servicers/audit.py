"""AuditService: reads of the log, which decide nothing, straight from the log store."""

from __future__ import annotations

from typing import Final

import grpc

from gateway.application.ports.log import LogReader
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.vocabulary import Role
from gateway.servicers.binding import Call, Guard, service, unary
from gateway.servicers.decode import InvalidField
from veilgate.v1 import audit_pb2 as pb

NAME: Final = "veilgate.v1.AuditService"
_DEFAULT_LIMIT: Final = 100
_MAX_LIMIT: Final = 500
_MAX_INDEX: Final = 2**62
_MAX_PAGE_BYTES: Final = 1024 * 1024


class AuditServicer:
    """Events, checkpoints, proofs, tiles."""

    def __init__(self, log: LogReader) -> None:
        """Take the log."""
        self._log = log

    async def list_events(self, call: Call[pb.ListEventsRequest]) -> pb.ListEventsResponse:
        """Answer ListEvents."""
        _require_auditor(call.principal)
        limit = call.request.limit or _DEFAULT_LIMIT
        if limit > _MAX_LIMIT:
            raise InvalidField("limit", f"must be at most {_MAX_LIMIT}")
        start = _index(call.request.start, "start")
        entries = _bounded(self._log.events(start, limit))
        return pb.ListEventsResponse(
            entries=[pb.LogEntry(log_index=index, event=event) for index, event in entries],
            next=start + len(entries),
            size=self._log.head().size,
        )

    async def get_checkpoint(
        self,
        call: Call[pb.GetCheckpointRequest],  # noqa: ARG002 - the request is empty
    ) -> pb.GetCheckpointResponse:
        """Answer GetCheckpoint."""
        return pb.GetCheckpointResponse(
            checkpoint=self._log.checkpoint(), verifier_key=self._log.verifier_key
        )

    async def get_inclusion_proof(
        self, call: Call[pb.GetInclusionProofRequest]
    ) -> pb.GetInclusionProofResponse:
        """Answer GetInclusionProof; the event itself goes to auditors and to its institution."""
        request = call.request
        index = _index(request.log_index, "log_index")
        proof = self._log.inclusion(index, _index(request.tree_size, "tree_size"))
        if not self._log.concerns(proof.event, call.principal.institution):
            _require_auditor(call.principal)
        return pb.GetInclusionProofResponse(
            tree_size=proof.tree_size,
            hashes=proof.hashes,
            event=proof.event,
            checkpoint=b"" if request.tree_size else self._log.sign(proof.tree_size, proof.root),
        )

    async def get_tile(self, call: Call[pb.GetTileRequest]) -> pb.GetTileResponse:
        """Answer GetTile."""
        _require_auditor(call.principal)
        if len(call.request.path) > 64:
            raise InvalidField("path", "must be a path of tlog-tiles")
        return pb.GetTileResponse(content=self._log.tile(call.request.path))


def audit_service(guard: Guard, servicer: AuditServicer) -> grpc.GenericRpcHandler:
    """Bind the service."""
    proof = unary(guard, pb.GetInclusionProofRequest, servicer.get_inclusion_proof)
    return service(
        NAME,
        {
            "ListEvents": unary(guard, pb.ListEventsRequest, servicer.list_events),
            "GetCheckpoint": unary(guard, pb.GetCheckpointRequest, servicer.get_checkpoint),
            "GetInclusionProof": proof,
            "GetTile": unary(guard, pb.GetTileRequest, servicer.get_tile),
        },
    )


def _bounded(entries: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Return the entries up to the page's size in bytes, and one in any case."""
    total = 0
    for count, (_, event) in enumerate(entries):
        total += len(event)
        if total > _MAX_PAGE_BYTES and count:
            return entries[:count]
    return entries


def _require_auditor(principal: Principal) -> None:
    if Role.AUDITOR not in principal.roles:
        raise refuse(ErrorReason.ROLE_MISSING, Role.AUDITOR.value)


def _index(value: int, path: str) -> int:
    if value > _MAX_INDEX:
        raise InvalidField(path, "is beyond any log")
    return value
