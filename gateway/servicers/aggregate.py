"""AggregateService: decode, call the use case, encode."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

import grpc

from gateway.application.aggregate.ask import Ask
from gateway.application.aggregate.kinds import Request
from gateway.application.aggregate.messages import Messages
from gateway.application.aggregate.orders import Orders, Shown
from gateway.application.aggregate.prepare_subject import PrepareSubject, Wanted
from gateway.application.aggregate.reads import Reads
from gateway.application.ports.aggregates import StatementChecker
from gateway.domain.subject import SubjectKey
from gateway.servicers import aggregate_messages as wire
from gateway.servicers import decode
from gateway.servicers.aggregate_streams import Parts, answered_in_parts, sent_in_parts
from gateway.servicers.binding import Call, Guard, service, unary
from gateway.servicers.decode import InvalidField
from veilgate.v1 import aggregate_pb2 as pb

if TYPE_CHECKING:
    Methods = dict[str, grpc.RpcMethodHandler[bytes, bytes]]

NAME: Final = "veilgate.v1.AggregateService"
MAX_BOXES: Final = 256
MAX_BOX_BYTES: Final = 1024


class AskingServicer:
    """What askers call."""

    def __init__(
        self, ask: Ask, prepare: PrepareSubject, reads: Reads, statements: StatementChecker
    ) -> None:
        """Take the use cases, and whose key rounds are signed with."""
        self._ask = ask
        self._prepare = prepare
        self._reads = reads
        self._statements = statements

    async def get_contract(self, call: Call[pb.GetContractRequest]) -> pb.GetContractResponse:
        """Answer GetContract."""
        dataset = decode.dotted_name(call.request.dataset, "dataset")
        read = await self._reads.contract(call.principal, dataset)
        account = None if read.account is None else wire.budget(read.account)
        return pb.GetContractResponse(
            contract=read.contract, budget=account, round_key=self._statements.public_key
        )

    async def list_budgets(self, call: Call[pb.ListBudgetsRequest]) -> pb.ListBudgetsResponse:
        """Answer ListBudgets."""
        accounts = await self._reads.accounts(call.principal)
        return pb.ListBudgetsResponse(budgets=map(wire.budget, accounts))

    async def register_key(self, call: Call[pb.RegisterKeyRequest]) -> pb.RegisterKeyResponse:
        """Answer RegisterKey."""
        registered = await self._reads.register_key(call.principal, call.request.key)
        return pb.RegisterKeyResponse(
            key_id=registered.key_id.hex(),
            event_id=registered.recorded.event_id,
            log_index=registered.recorded.log_index,
            repeat=registered.recorded.repeat,
        )

    async def prepare_subject(
        self, call: Call[pb.PrepareSubjectRequest]
    ) -> pb.PrepareSubjectResponse:
        """Answer PrepareSubject."""
        request = call.request
        wanted = Wanted(
            decode.dotted_name(request.dataset, "dataset"),
            decode.dotted_name(request.purpose, "purpose"),
            decode.uuid(request.consent_id, "consent_id"),
            _subject(request),
        )
        prepared = await self._prepare(call.principal, wanted)
        return pb.PrepareSubjectResponse(
            tags=map(wire.subject_tag, prepared.tags),
            commitments=wire.statement(prepared.commitments),
        )

    async def ask(self, call: Call[pb.AskRequest]) -> AsyncIterator[pb.AskUpdate]:
        """Answer Ask."""
        async for one in self._ask(call.principal, _request(call.request)):
            if isinstance(one, Shown):
                for message in wire.result_updates(one):
                    yield message
            else:
                yield wire.update(one)


class AgentServicer:
    """What agents call."""

    def __init__(self, orders: Orders, messages: Messages, reads: Reads) -> None:
        """Take the use cases."""
        self._orders = orders
        self._messages = messages
        self._reads = reads

    async def orders(self, call: Call[pb.OrdersRequest]) -> AsyncIterator[pb.Order]:
        """Answer Orders."""
        asked = call.request
        key = wire.signed(asked.box_key, "box_key") if asked.HasField("box_key") else None
        async for one in self._orders.stream(call.principal, key):
            yield wire.order(one)

    async def send_ready(self, call: Call[pb.SendReadyRequest]) -> pb.SendReadyResponse:
        """Answer SendReady."""
        await self._messages.ready(call.principal, wire.signed(call.request.ready, "ready"))
        return pb.SendReadyResponse()

    async def decline(self, call: Call[pb.DeclineRequest]) -> pb.DeclineResponse:
        """Answer Decline."""
        await self._messages.decline(call.principal, wire.round_id(call.request.round, "round"))
        return pb.DeclineResponse()

    async def contribute(self, sent: Parts[pb.ContributePart]) -> pb.ContributeResponse:
        """Answer Contribute."""
        first = await anext(sent.parts, None)
        if first is None:
            raise InvalidField("contribution", "must be in the first part")
        contribution = wire.signed(first.contribution, "contribution")
        parts = _ciphertexts(first, sent.parts)
        await self._messages.contribute(sent.principal, contribution, parts)
        return pb.ContributeResponse()

    async def get_contributions(
        self, call: Call[pb.GetContributionsRequest]
    ) -> AsyncIterator[pb.ContributionPart]:
        """Answer GetContributions."""
        name = wire.round_id(call.request.round, "round")
        combined = await self._reads.combination(call.principal, name)
        async for one in self._reads.contributions(combined):
            yield pb.ContributionPart(contribution=wire.statement(one.signed))
            for part in wire.parts(one.ciphertexts):
                yield pb.ContributionPart(ciphertexts=part)
        for part in wire.parts(combined.released):
            yield pb.ContributionPart(released=part)


def aggregate_service(
    guard: Guard,
    asking: AskingServicer,
    agents: AgentServicer,
    more: Methods | None = None,
) -> grpc.GenericRpcHandler:
    """Bind the service; ``more`` are methods of other servicers, bound already."""
    return service(NAME, {**_asking(guard, asking), **_agents(guard, agents), **(more or {})})


def _asking(guard: Guard, asking: AskingServicer) -> Methods:
    return {
        "GetContract": unary(guard, pb.GetContractRequest, asking.get_contract),
        "ListBudgets": unary(guard, pb.ListBudgetsRequest, asking.list_budgets),
        "RegisterKey": unary(guard, pb.RegisterKeyRequest, asking.register_key),
        "PrepareSubject": unary(guard, pb.PrepareSubjectRequest, asking.prepare_subject),
        "Ask": answered_in_parts(guard, pb.AskRequest, asking.ask),
    }


def _agents(guard: Guard, agents: AgentServicer) -> Methods:
    fetched = answered_in_parts(guard, pb.GetContributionsRequest, agents.get_contributions)
    return {
        "Orders": answered_in_parts(guard, pb.OrdersRequest, agents.orders, lasting=True),
        "SendReady": unary(guard, pb.SendReadyRequest, agents.send_ready),
        "Decline": unary(guard, pb.DeclineRequest, agents.decline),
        "Contribute": sent_in_parts(guard, pb.ContributePart, agents.contribute),
        "GetContributions": fetched,
    }


def _subject(message: pb.PrepareSubjectRequest) -> SubjectKey:
    if not message.HasField("subject_reference"):
        return decode.subject(message.subject, "subject")
    if message.HasField("subject"):
        raise InvalidField("subject", "or subject_reference must be set, not both")
    return decode.subject_reference(message.subject_reference, "subject_reference")


def _request(message: pb.AskRequest) -> Request:
    if len(message.boxes) > MAX_BOXES or any(len(one) > MAX_BOX_BYTES for one in message.boxes):
        raise InvalidField("boxes", f"must be at most {MAX_BOXES} of {MAX_BOX_BYTES} bytes")
    commitments = None
    if message.HasField("commitments"):
        commitments = wire.own(message.commitments, "commitments")
    return Request(
        wire.signed(message.question, "question"),
        tuple(message.boxes),
        commitments,
        decode.optional_uuid(message.consent_id, "consent_id"),
    )


async def _ciphertexts(
    first: pb.ContributePart, rest: AsyncIterator[pb.ContributePart]
) -> AsyncIterator[bytes]:
    yield first.ciphertexts
    async for part in rest:
        if part.HasField("contribution"):
            raise InvalidField("contribution", "must be in the first part only")
        yield part.ciphertexts
