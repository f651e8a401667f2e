"""AuditService: reads of the log, which decide nothing; checkpoints are ``checkpoints``' own."""

from __future__ import annotations

import re
from typing import Final

import grpc

from gateway.application.list_events import EventFilter, list_events
from gateway.application.ports.log import LogReader
from gateway.application.publish_checkpoint import PublishCheckpoint
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.vocabulary import Role
from gateway.servicers.binding import Call, Guard, service, unary
from gateway.servicers.checkpoints import CheckpointServicer
from gateway.servicers.decode import InvalidField
from veilgate.v1 import audit_pb2 as pb

NAME: Final = "veilgate.v1.AuditService"
_DEFAULT_LIMIT: Final = 100
_MAX_LIMIT: Final = 500
_MAX_INDEX: Final = 2**62
_MAX_KINDS: Final = 32
_KIND: Final = re.compile(r"[A-Z][A-Z_]{0,39}", re.ASCII)
_INSTITUTION: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,62}", re.ASCII)


class AuditServicer:
    """Events, proofs, tiles."""

    def __init__(self, log: LogReader, publish: PublishCheckpoint) -> None:
        """Take the log, and who publishes its checkpoints."""
        self._log = log
        self._publish = publish

    async def list_events(self, call: Call[pb.ListEventsRequest]) -> pb.ListEventsResponse:
        """Answer ListEvents."""
        _require_auditor(call.principal)
        limit = call.request.limit or _DEFAULT_LIMIT
        if limit > _MAX_LIMIT:
            raise InvalidField("limit", f"must be at most {_MAX_LIMIT}")
        start = _index(call.request.start, "start")
        page = await list_events(self._log, start, limit, _filter(call.request))
        return pb.ListEventsResponse(
            entries=[pb.LogEntry(log_index=index, event=event) for index, event in page.entries],
            next=page.next,
            size=page.size,
        )

    async def get_inclusion_proof(
        self, call: Call[pb.GetInclusionProofRequest]
    ) -> pb.GetInclusionProofResponse:
        """Answer GetInclusionProof; the event itself goes to auditors and to its institution."""
        request = call.request
        index = _index(request.log_index, "log_index")
        size, checkpoint = _index(request.tree_size, "tree_size"), b""
        if not size:
            published = await self._publish.holding(index)
            size, checkpoint = published.size, published.note
        proof = await self._log.inclusion(index, size)
        if not self._log.concerns(proof.event, call.principal.institution):
            _require_auditor(call.principal)
        return pb.GetInclusionProofResponse(
            tree_size=proof.tree_size,
            hashes=proof.hashes,
            event=proof.event,
            checkpoint=checkpoint,
        )

    async def get_consistency_proof(
        self, call: Call[pb.GetConsistencyProofRequest]
    ) -> pb.GetConsistencyProofResponse:
        """Answer GetConsistencyProof; it tells hashes and sizes only, so anybody may ask."""
        old_size = _index(call.request.old_size, "old_size")
        new_size = _index(call.request.new_size, "new_size")
        if not old_size or 0 < new_size < old_size:
            raise InvalidField("old_size", "must be 1 to new_size")
        proof = await self._log.consistency(old_size, new_size)
        return pb.GetConsistencyProofResponse(new_size=proof.new_size, hashes=proof.hashes)

    async def get_tile(self, call: Call[pb.GetTileRequest]) -> pb.GetTileResponse:
        """Answer GetTile."""
        _require_auditor(call.principal)
        if len(call.request.path) > 64:
            raise InvalidField("path", "must be a path of tlog-tiles")
        return pb.GetTileResponse(content=await self._log.tile(call.request.path))


def audit_service(
    guard: Guard, servicer: AuditServicer, checkpoints: CheckpointServicer
) -> grpc.GenericRpcHandler:
    """Bind the service."""
    inclusion = unary(guard, pb.GetInclusionProofRequest, servicer.get_inclusion_proof)
    consistency = unary(guard, pb.GetConsistencyProofRequest, servicer.get_consistency_proof)
    return service(
        NAME,
        {
            "ListEvents": unary(guard, pb.ListEventsRequest, servicer.list_events),
            "GetCheckpoint": unary(guard, pb.GetCheckpointRequest, checkpoints.get_checkpoint),
            "GetInclusionProof": inclusion,
            "GetConsistencyProof": consistency,
            "GetTile": unary(guard, pb.GetTileRequest, servicer.get_tile),
            "AddCosignature": unary(guard, pb.AddCosignatureRequest, checkpoints.add_cosignature),
        },
    )


def _filter(request: pb.ListEventsRequest) -> EventFilter:
    if len(request.kinds) > _MAX_KINDS or not all(map(_KIND.fullmatch, request.kinds)):
        raise InvalidField("kinds", f"must be at most {_MAX_KINDS} kinds of events")
    if request.institution and not _INSTITUTION.fullmatch(request.institution):
        raise InvalidField("institution", "must be the id of an institution")
    return EventFilter(frozenset(request.kinds), request.institution)


def _require_auditor(principal: Principal) -> None:
    if Role.AUDITOR not in principal.roles:
        raise refuse(ErrorReason.ROLE_MISSING, Role.AUDITOR.value)


def _index(value: int, path: str) -> int:
    if value > _MAX_INDEX:
        raise InvalidField(path, "is beyond any log")
    return value
