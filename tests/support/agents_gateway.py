"""A gateway that a test scripts: real gRPC over mutual TLS, and no logic of its own.

Owns a server that gives the orders it is told to and keeps what agents send. Failures are told
beforehand, call by call.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue

import grpc

from clients.agent.messages import read_statement, written
from clients.agent.orders import Order, QuestionOrder, ResultOrder, RosterOrder
from clients.cli.local.dev_authority import LeafRequest
from clients.sdk.identity.profile import ClientProfile
from gateway.crypto.statement import SignedStatement
from support.agents_world import OWN, World
from veilgate.v1 import aggregate_pb2 as pb
from veilgate.v1 import aggregate_pb2_grpc

_STOP_S = 1.0
WAIT_S = 20.0
Context = grpc.ServicerContext


@dataclass
class ScriptedGateway(aggregate_pb2_grpc.AggregateServiceServicer):
    """``failures`` are the next calls' status codes, by method; streams end when told to."""

    world: World
    readies: Queue[SignedStatement] = field(default_factory=Queue)
    declines: Queue[str] = field(default_factory=Queue)
    contributions: Queue[tuple[SignedStatement, bytes]] = field(default_factory=Queue)
    streams: Queue[Queue[pb.Order | None]] = field(default_factory=Queue)
    shown: list[tuple[SignedStatement, bytes]] = field(default_factory=list)
    released: bytes = b""
    failures: dict[str, deque[grpc.StatusCode]] = field(default_factory=dict)

    def fail(self, method: str, *codes: grpc.StatusCode) -> None:
        self.failures[method] = deque(codes)

    def stream(self) -> Queue[pb.Order | None]:
        """The next stream that an agent opens; None put into it ends it."""
        return self.streams.get(timeout=WAIT_S)

    # What is called; the names are the generated ones.

    def GetContract(  # noqa: N802
        self, request: pb.GetContractRequest, context: Context
    ) -> pb.GetContractResponse:
        self._maybe_fail("GetContract", context)
        key = self.world.round_key.public_key.raw
        return pb.GetContractResponse(contract=self.world.contract.encoded(), round_key=key)

    def Orders(  # noqa: N802
        self, request: pb.OrdersRequest, context: Context
    ) -> Iterator[pb.Order]:
        self._maybe_fail("Orders", context)
        mine: Queue[pb.Order | None] = Queue()
        self.streams.put(mine)
        while context.is_active():
            try:
                order = mine.get(timeout=0.05)
            except Empty:
                continue
            if order is None:
                return
            yield order

    def SendReady(  # noqa: N802
        self, request: pb.SendReadyRequest, context: Context
    ) -> pb.SendReadyResponse:
        self._maybe_fail("SendReady", context)
        self.readies.put(read_statement(request.ready))
        return pb.SendReadyResponse()

    def Decline(  # noqa: N802
        self, request: pb.DeclineRequest, context: Context
    ) -> pb.DeclineResponse:
        self._maybe_fail("Decline", context)
        self.declines.put(request.round)
        return pb.DeclineResponse()

    def Contribute(  # noqa: N802
        self, request_iterator: Iterable[pb.ContributePart], context: Context
    ) -> pb.ContributeResponse:
        self._maybe_fail("Contribute", context)
        parts = list(request_iterator)
        whole = b"".join(one.ciphertexts for one in parts)
        self.contributions.put((read_statement(parts[0].contribution), whole))
        return pb.ContributeResponse()

    def GetContributions(  # noqa: N802
        self, request: pb.GetContributionsRequest, context: Context
    ) -> Iterator[pb.ContributionPart]:
        self._maybe_fail("GetContributions", context)
        for statement, ciphertexts in self.shown:
            yield pb.ContributionPart(contribution=written(statement))
            for at in range(0, len(ciphertexts), 1000):
                yield pb.ContributionPart(ciphertexts=ciphertexts[at : at + 1000])
        for at in range(0, len(self.released), 1000):
            yield pb.ContributionPart(released=self.released[at : at + 1000])

    def _maybe_fail(self, method: str, context: Context) -> None:
        codes = self.failures.get(method)
        if codes:
            context.abort(codes.popleft(), "told to")


def scripted_gateway(world: World) -> ScriptedGateway:
    """A gateway without orders yet; what it does not script, the base class refuses."""
    return ScriptedGateway(world)  # type: ignore[abstract]


def message_of(order: Order) -> pb.Order:
    """An order as it is sent."""
    match order:
        case QuestionOrder():
            return pb.Order(question=pb.QuestionOrder(question=written(order.question)))
        case RosterOrder():
            readies = [written(one) for one in order.readies]
            return pb.Order(roster=pb.RosterOrder(roster=written(order.roster), readies=readies))
        case ResultOrder():
            result = pb.RoundResult(
                result=written(order.result),
                contribution_path=order.path,
                combination_proof=order.proof,
            )
            return pb.Order(result=pb.ResultOrder(result=result))
        case _:
            return pb.Order(void=pb.VoidOrder(round=order.round))


@contextmanager
def serving(gateway: ScriptedGateway, folder: Path) -> Iterator[ClientProfile]:
    """Serve, with certificates in ``folder``; gives what the agent connects by."""
    authority = gateway.world.authority
    issued = authority.issue(LeafRequest.gateway())
    certificate, key = authority.issue(LeafRequest.institution(OWN, "agent")).write(folder, "agent")
    (folder / "ca.pem").write_bytes(authority.certificate)
    server = grpc.server(ThreadPoolExecutor(16))
    aggregate_pb2_grpc.add_AggregateServiceServicer_to_server(gateway, server)
    credentials = grpc.ssl_server_credentials(
        [(issued.private_key, issued.certificate)], authority.certificate, True
    )
    port = server.add_secure_port("localhost:0", credentials)
    server.start()
    try:
        yield ClientProfile(
            gateway=f"localhost:{port}",
            ca=folder / "ca.pem",
            certificate=certificate,
            key=key,
            institution=OWN,
        )
    finally:
        server.stop(_STOP_S).wait()
