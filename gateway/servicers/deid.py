"""DeidentifyService, the methods on text: decode, call the use case, encode."""

from __future__ import annotations

from typing import Final

import grpc

from gateway.application.analyse_text import AnalyseText
from gateway.application.deidentify_text import DeidentifyText
from gateway.servicers.binding import Call, Guard, service, unary
from gateway.servicers.deid_messages import (
    analyze_response,
    deidentify_response,
    known_values,
    text_of,
    text_refusal,
    text_request,
    wanted,
)
from gateway.servicers.reidentification import ReidentificationServicer
from gateway.servicers.streams import stream
from veilgate.v1 import deid_pb2 as pb

NAME: Final = "veilgate.v1.DeidentifyService"


class DeidentifyServicer:
    """Analysis and masking of a caller's own texts."""

    def __init__(self, analyse: AnalyseText, deidentify: DeidentifyText) -> None:
        """Take the use cases."""
        self._analyse = analyse
        self._deidentify = deidentify

    async def analyze(self, call: Call[pb.AnalyzeRequest]) -> pb.AnalyzeResponse:
        """Answer Analyze."""
        request = call.request
        text, known = text_of(request.text), known_values(request.known)
        return analyze_response(await self._analyse(text, known, wanted(request)))

    async def deidentify(self, call: Call[pb.DeidentifyRequest]) -> pb.DeidentifyResponse:
        """Answer Deidentify."""
        request = text_request(call.request)
        return deidentify_response(await self._deidentify(call.principal, request))

    async def analyze_one(self, call: Call[pb.AnalyzeRequest]) -> pb.AnalyzeResult:
        """Answer one text of AnalyzeMany."""
        return pb.AnalyzeResult(response=await self.analyze(call))

    async def deidentify_one(self, call: Call[pb.DeidentifyRequest]) -> pb.DeidentifyResult:
        """Answer one text of DeidentifyMany."""
        return pb.DeidentifyResult(response=await self.deidentify(call))


def deidentify_service(
    guard: Guard, texts: DeidentifyServicer, requests: ReidentificationServicer
) -> grpc.GenericRpcHandler:
    """Bind the service."""
    return service(
        NAME,
        {
            "Analyze": unary(guard, pb.AnalyzeRequest, texts.analyze),
            "Deidentify": unary(guard, pb.DeidentifyRequest, texts.deidentify),
            "AnalyzeMany": stream(
                guard,
                pb.AnalyzeRequest,
                texts.analyze_one,
                lambda refusal: pb.AnalyzeResult(refusal=text_refusal(refusal)),
            ),
            "DeidentifyMany": stream(
                guard,
                pb.DeidentifyRequest,
                texts.deidentify_one,
                lambda refusal: pb.DeidentifyResult(refusal=text_refusal(refusal)),
            ),
            "RequestReidentification": unary(
                guard, pb.RequestReidentificationRequest, requests.request
            ),
            "ApproveReidentification": unary(
                guard, pb.ApproveReidentificationRequest, requests.approve
            ),
            "ListReidentifications": unary(guard, pb.ListReidentificationsRequest, requests.list),
            "Reidentify": unary(guard, pb.ReidentifyRequest, requests.reidentify),
        },
    )
