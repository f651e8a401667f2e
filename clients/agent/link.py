"""One connection to the gateway, and the calls that an agent makes over it.

Owns the calls and their deadlines. Refuses to keep a connection for long: files of certificates are
replaced every few days, and a dead connection is to be noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

import grpc

from clients.agent.messages import parts_of, written
from clients.agent.orders import Reply, SendContribution, SendReady
from clients.agent.outcome.combination import Combination, gathered
from clients.sdk.errors import VeilgateError
from clients.sdk.identity.channel import open_channel
from clients.sdk.identity.profile import ClientProfile
from gateway.crypto.statement import SignedStatement
from veilgate.v1 import aggregate_pb2 as pb
from veilgate.v1.aggregate_pb2_grpc import AggregateServiceStub

_CALL_S: Final = 15.0
_STREAM_S: Final = 120.0
_JOB_S: Final = 3600.0
T = TypeVar("T")


class Link:
    """A connection. May be shared by threads; every call raises ``VeilgateError`` where it fails.

    Raises:
        ProfileError: a file of the profile cannot be read.
    """

    def __init__(self, profile: ClientProfile) -> None:
        self._channel = open_channel(profile)
        self._stub = AggregateServiceStub(self._channel)

    def orders(
        self, life_s: float, box_key: SignedStatement | None = None
    ) -> tuple[Iterator[pb.Order], Callable[[], object]]:
        """Return the stream of orders, which ends after ``life_s``, and what ends it at once."""
        signed = None if box_key is None else written(box_key)
        call = self._stub.Orders(pb.OrdersRequest(box_key=signed), timeout=life_s)
        return _typed(call), call.cancel

    def contract(self, dataset: str) -> bytes:
        """Return a dataset's contract, in its fixed form as far as the gateway says."""
        return self.terms(dataset).contract

    def terms(self, dataset: str) -> pb.GetContractResponse:
        """Return a dataset's contract with the gateway's own idea of its key."""
        request = pb.GetContractRequest(dataset=dataset)
        return _answer(lambda: self._stub.GetContract(request, timeout=_CALL_S))

    def send(self, reply: Reply) -> None:
        """Send what a round's step made."""
        if isinstance(reply, SendReady):
            ready = pb.SendReadyRequest(ready=written(reply.ready))
            _answer(lambda: self._stub.SendReady(ready, timeout=_CALL_S))
        elif isinstance(reply, SendContribution):
            _answer(lambda: self._stub.Contribute(parts_of(reply), timeout=_STREAM_S))
        else:
            self.decline(reply.round)

    def decline(self, round_id: str) -> None:
        """Say that this agent is not willing, and no more."""
        request = pb.DeclineRequest(round=round_id)
        _answer(lambda: self._stub.Decline(request, timeout=_CALL_S))

    def answer_bin(self, requests: Iterator[pb.AnswerBinRequest]) -> Iterator[pb.AnswerBinUpdate]:
        """Open the stream of a lender's job; it ends when either side ends it."""
        return _typed(self._stub.AnswerBin(requests, timeout=_JOB_S))

    def contributions(self, round_id: str, most: int) -> Combination:
        """Return every member's contribution and what was released, ``most`` bytes together."""
        call = self._stub.GetContributions(
            pb.GetContributionsRequest(round=round_id), timeout=_STREAM_S
        )
        try:
            return gathered(_typed(call), most)
        finally:
            call.cancel()

    def close(self) -> None:
        """Close the connection; what is under way fails."""
        self._channel.close()


def _answer(call: Callable[[], T]) -> T:
    try:
        return call()
    except grpc.RpcError as error:
        raise VeilgateError.from_rpc(error) from error


def _typed(stream: Iterator[T]) -> Iterator[T]:
    try:
        yield from stream
    except grpc.RpcError as error:
        raise VeilgateError.from_rpc(error) from error
