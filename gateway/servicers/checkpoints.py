"""Checkpoints at AuditService: GetCheckpoint for everybody, AddCosignature for witnesses."""

from __future__ import annotations

from typing import Final

from gateway.application.cosign import AddCosignature
from gateway.application.show_checkpoint import ShowCheckpoint
from gateway.servicers.binding import Call
from gateway.servicers.decode import InvalidField
from veilgate.v1 import audit_pb2 as pb

_MAX_SIZE: Final = 2**62
_MAX_LINE: Final = 400


class CheckpointServicer:
    """The latest checkpoint, the latest witnessed one, and cosignatures."""

    def __init__(self, show: ShowCheckpoint, cosign: AddCosignature, verifier_key: str) -> None:
        """Take the use cases, and the log's verifier key for convenience."""
        self._show = show
        self._cosign = cosign
        self._verifier_key = verifier_key

    async def get_checkpoint(self, call: Call[pb.GetCheckpointRequest]) -> pb.GetCheckpointResponse:
        """Answer GetCheckpoint."""
        show = self._show
        shown = await (show.witnessed() if call.request.witnessed else show.latest())
        return pb.GetCheckpointResponse(
            checkpoint=shown.note,
            verifier_key=self._verifier_key,
            cosignatures=shown.cosignatures,
            required=shown.required,
        )

    async def add_cosignature(
        self, call: Call[pb.AddCosignatureRequest]
    ) -> pb.AddCosignatureResponse:
        """Answer AddCosignature."""
        size, line = call.request.tree_size, call.request.signature_line
        if size > _MAX_SIZE:
            raise InvalidField("tree_size", "is beyond any log")
        if not line or len(line) > _MAX_LINE:
            raise InvalidField("signature_line", "must be the signature line of a cosigned note")
        shown = await self._cosign(call.principal, size, line)
        return pb.AddCosignatureResponse(cosignatures=shown.cosignatures, required=shown.required)
