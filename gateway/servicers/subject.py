"""SubjectService: decode, call the use case, encode."""

from __future__ import annotations

from typing import Final

import grpc

from gateway.application.evaluate_references import EvaluateReferences
from gateway.crypto.oprf_suite import OprfError, require_element
from gateway.servicers.binding import Call, Guard, service, unary
from gateway.servicers.decode import InvalidField
from veilgate.v1 import subject_pb2 as pb

NAME: Final = "veilgate.v1.SubjectService"
MAX_ELEMENTS: Final = 1000
ELEMENT_BYTES: Final = 32


class SubjectServicer:
    """Blinded evaluation, and the key to verify it with."""

    def __init__(self, evaluate: EvaluateReferences) -> None:
        """Take the use case."""
        self._evaluate = evaluate

    async def evaluate(self, call: Call[pb.EvaluateRequest]) -> pb.EvaluateResponse:
        """Answer Evaluate."""
        blinded = tuple(call.request.blinded_elements)
        if not 0 < len(blinded) <= MAX_ELEMENTS:
            raise InvalidField("blinded_elements", f"must have 1 to {MAX_ELEMENTS} entries")
        for at, element in enumerate(blinded):
            if len(element) != ELEMENT_BYTES:
                raise InvalidField(f"blinded_elements[{at}]", f"must be {ELEMENT_BYTES} bytes")
            # Before the quota: what cannot be evaluated must not use it up.
            try:
                require_element(element)
            except OprfError:
                wanted = "must be an element of ristretto255, not the identity"
                raise InvalidField(f"blinded_elements[{at}]", wanted) from None
        evaluation = await self._evaluate(call.principal, blinded)
        return pb.EvaluateResponse(
            evaluated_elements=evaluation.evaluated.elements,
            proof=evaluation.evaluated.proof,
            key_version=evaluation.key_version,
            quota_left=evaluation.quota_left,
        )

    async def get_reference_key(
        self,
        call: Call[pb.GetReferenceKeyRequest],  # noqa: ARG002 - the request is empty
    ) -> pb.GetReferenceKeyResponse:
        """Answer GetReferenceKey."""
        version, public_key = self._evaluate.key
        return pb.GetReferenceKeyResponse(key_version=version, public_key=public_key)


def subject_service(guard: Guard, servicer: SubjectServicer) -> grpc.GenericRpcHandler:
    """Bind the service."""
    key = unary(guard, pb.GetReferenceKeyRequest, servicer.get_reference_key)
    return service(
        NAME,
        {
            "Evaluate": unary(guard, pb.EvaluateRequest, servicer.evaluate),
            "GetReferenceKey": key,
        },
    )
