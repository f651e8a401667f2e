"""A remote provider: ``veilgate.v1.ProviderService`` over mutual TLS.

Owns what a failed call means for each look-up in it. A batch whose answer is too large is asked
again in halves, so that one record of a monstrous size fails alone. Refuses to ask again for any
other reason: the breaker decides when a provider is tried again.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

import grpc
import grpc.aio

from gateway.adapters.providers.addressing import Address
from gateway.adapters.providers.contract_values import Contract
from gateway.adapters.providers.inquiry_batches import InquiryBatches
from gateway.adapters.providers.readability import Readability
from gateway.adapters.providers.remote_answers import (
    Outcome,
    Question,
    new_inquiry_id,
    outcomes,
)
from gateway.adapters.providers.remote_channel import RemoteAddress, RemoteChannel
from gateway.application.ports.provider import Fetched, Inquiry
from gateway.domain.policy.documents import DatasetDocument
from gateway.domain.reasons import ErrorReason, Refused, refuse
from veilgate.v1 import provider_pb2 as pb

_METHOD: Final = "/veilgate.v1.ProviderService/FetchRecords"
_TOO_LARGE: Final = "larger than max"
"""In the words of gRPC itself, which has no status of its own for it."""


class GrpcProvider:
    """Implements ``RecordSource`` for one dataset."""

    def __init__(
        self, remote: RemoteAddress, dataset: str, timeout_s: float, calls_at_once: int
    ) -> None:
        """Read the connection's files; raises ``RemoteFileError``. Nothing is connected yet.

        ``timeout_s`` is what a look-up has from the moment that it comes.
        """
        self._channel = RemoteChannel(remote)
        self._dataset = dataset
        self._timeout_s = timeout_s
        self._batches = InquiryBatches(self._ask, calls_at_once)
        self._readability = Readability(dataset)
        self._contract: Contract | None = None
        self._closing: asyncio.Task[None] | None = None

    def use_contract(self, contract: DatasetDocument) -> None:
        """Learn the types that the dataset's answers must have; other datasets' are passed by."""
        if contract.dataset == self._dataset:
            self._contract = Contract(contract, as_text=False)

    async def look_up(self, address: Address, inquiry: Inquiry) -> Fetched | None:
        """Return the values of exactly these fields, or None if there is no such subject."""
        contract = self._contract
        if contract is None or inquiry.dataset != self._dataset:
            raise refuse(ErrorReason.PROVIDER_UNAVAILABLE)
        question = Question(
            address,
            inquiry.dataset,
            inquiry.fields,
            inquiry.purpose,
            inquiry.event_id,
            contract,
        )
        outcome = await self._batches.outcome(question, self._timeout_s)
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    def close(self) -> None:
        """End the connection; waiting calls fail."""
        self._batches.close()
        self._closing = asyncio.ensure_future(self._channel.close())

    async def _ask(self, questions: Sequence[Question], until: float) -> list[Outcome]:
        asked = {new_inquiry_id(): question for question in questions}
        request = pb.FetchRecordsRequest(
            inquiries=[question.message(one) for one, question in asked.items()]
        )
        try:
            body = await self._call(request.SerializeToString(), until)
        except grpc.aio.AioRpcError as error:
            if not _too_large(error):
                return self._failed(error.code(), len(questions))
            if len(questions) == 1:
                return [refuse(ErrorReason.PROVIDER_ANSWER_INVALID)]
            half = len(questions) // 2
            first = await self._ask(questions[:half], until)
            return first + await self._ask(questions[half:], until)
        self._readability.regained()
        return list(outcomes(body, asked).values())

    async def _call(self, request: bytes, until: float) -> bytes:
        # Bytes in, bytes out: an answer that is no message must not end in gRPC's own words.
        channel = self._channel.opened()
        method: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(_METHOD)
        left = max(0.0, until - asyncio.get_running_loop().time())
        return await method(request, timeout=left)

    def _failed(self, code: grpc.StatusCode, count: int) -> list[Outcome]:
        self._readability.lost(code.name)
        late = code is grpc.StatusCode.DEADLINE_EXCEEDED
        reason = ErrorReason.PROVIDER_TIMEOUT if late else ErrorReason.PROVIDER_UNAVAILABLE
        return [refuse(reason) for _ in range(count)]


def _too_large(error: grpc.aio.AioRpcError) -> bool:
    exhausted = error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    return exhausted and _TOO_LARGE in (error.details() or "")
