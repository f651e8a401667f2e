"""Parties of encrypted aggregates at a live gateway: stubs, agents in threads, an asker.

Owns the wire side of ``aggregate_parties``: the same statements, over gRPC with certificates of the
development home. Checks nothing of what it is told.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import grpc
import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from clients.sdk.identity.channel import open_channel
from gateway.application.ports.aggregates import Signed
from gateway.crypto.ed25519 import PublicKey
from gateway.crypto.elgamal import SecretKey
from gateway.crypto.statement import StatementKey, statement_key
from gateway.domain.aggregate.contract import AggregateContract, read_contract
from gateway.domain.aggregate.statements import QUESTION_TYPE
from support.aggregate_parties import DATASET, Agent, Asker, signed
from support.live_gateway import LiveGateway
from support.refusals import read_refusal
from veilgate.v1 import aggregate_pb2 as pb
from veilgate.v1.aggregate_pb2_grpc import AggregateServiceStub

ASKER = "lender-a"
CONTRIBUTORS = ("demo-bureau", "lender-a", "lender-b", "lender-c")
_PART = 48 * 1024


def key_in(folder: Path, stem: str) -> StatementKey:
    private = load_pem_private_key((folder / f"{stem}.key").read_bytes(), None)
    return statement_key(private, (folder / f"{stem}.pem").read_bytes())


@contextmanager
def stub_of(gateway: LiveGateway, institution: str, workload: str) -> Iterator[Any]:
    """Calls as a workload of an institution."""
    profile = gateway.profile(institution)
    folder = gateway.home.agent(institution).parent
    if workload == "agent":
        certificate, key = folder / "agent.pem", folder / "agent.key"
        profile = replace(profile, certificate=certificate, key=key)
    with open_channel(profile) as channel:
        yield AggregateServiceStub(channel)


@dataclass(frozen=True)
class HomeAgent(Agent):
    """An agent with the certificate of the development home."""

    folder: Path = Path()

    @property
    def key(self) -> StatementKey:
        return key_in(self.folder, "agent")


@dataclass
class Serving:
    """An agent that follows orders on a stream, in a thread of its own."""

    gateway: LiveGateway
    agent: Agent
    contributes: bool = True
    label: str = "cohort"
    box_key: Signed | None = None
    orders: list[pb.Order] = field(default_factory=list)
    void: threading.Event = field(default_factory=threading.Event)
    result: threading.Event = field(default_factory=threading.Event)
    _questions: dict[str, Signed] = field(default_factory=dict)

    @contextmanager
    def running(self) -> Iterator[Serving]:
        with stub_of(self.gateway, self.agent.institution, "agent") as stub:
            key = None if self.box_key is None else written(self.box_key)
            call = stub.Orders(pb.OrdersRequest(box_key=key))
            thread = threading.Thread(target=self._follow, args=(stub, call))
            thread.start()
            try:
                yield self
            finally:
                call.cancel()
                thread.join()

    def _follow(self, stub: Any, call: Any) -> None:
        # It ends by being cancelled, at the end of the test.
        with suppress(grpc.RpcError):
            for order in call:
                self.orders.append(order)
                self._answer(stub, order)

    def _answer(self, stub: Any, order: pb.Order) -> None:
        match order.WhichOneof("order"):
            case "question":
                asked = read(order.question.question)
                self._questions[msgspec.json.decode(asked.payload)["id"]] = asked
                stub.SendReady(pb.SendReadyRequest(ready=written(self.agent.ready(asked))))
            case "roster" if self.contributes:
                stub.Contribute(self._parts(order.roster))
            case "result":
                self.result.set()
            case "void":
                self.void.set()

    def _parts(self, order: pb.RosterOrder) -> Iterator[pb.ContributePart]:
        roster = read(order.roster)
        asked = self._questions[msgspec.json.decode(roster.payload)["round"]]
        sent = self.agent.masked(asked, roster, tuple(map(read, order.readies)), self.label)
        said = self.agent.contribution(roster, sent)
        yield pb.ContributePart(contribution=written(said), ciphertexts=sent[:_PART])
        for at in range(_PART, len(sent), _PART):
            yield pb.ContributePart(ciphertexts=sent[at : at + _PART])


def read(message: pb.SignedStatement) -> Signed:
    return Signed(message.payload, message.signature, tuple(message.chain))


def written(one: Signed) -> pb.SignedStatement:
    return pb.SignedStatement(payload=one.payload, signature=one.signature, chain=one.chain)


def agents_of(gateway: LiveGateway, length: int, *names: str) -> list[Serving]:
    values = tuple(range(length))
    return [
        Serving(gateway, HomeAgent(name, values, folder=gateway.home.agent(name).parent))
        for name in names or CONTRIBUTORS
    ]


@dataclass
class Asking:
    """An asker with its contract, its key registered, and a signed question."""

    stub: Any
    gateway: LiveGateway
    secret: SecretKey = field(default_factory=SecretKey.generate)

    def __post_init__(self) -> None:
        answer = self.stub.GetContract(pb.GetContractRequest(dataset=DATASET))
        self.contract: AggregateContract = read_contract(answer.contract)
        self.round_key = PublicKey(answer.round_key)
        self.budget = answer.budget
        self.asker = Asker(ASKER, self.secret)
        self.stub.RegisterKey(pb.RegisterKeyRequest(key=msgspec.json.encode(self.asker.key)))

    def question(self, **changes: Any) -> Signed:
        draft = self.asker.question(
            self.contract, sums=("credit_amount",), purpose="research.aggregate", **changes
        )
        key = key_in(self.gateway.home.profile(ASKER).parent, "keyholder")
        return signed(key, QUESTION_TYPE, draft.encoded())

    def ask(self, question: Signed) -> list[pb.AskUpdate]:
        return list(self.stub.Ask(pb.AskRequest(question=written(question)), timeout=30))

    def spent(self) -> int:
        """What the dataset's account is charged with, in micro-rho."""
        budgets = self.stub.ListBudgets(pb.ListBudgetsRequest()).budgets
        (found,) = [one.spent for one in budgets if one.dataset == DATASET]
        return int(found)

    def refusal(self, question: Signed) -> str:
        with pytest.raises(grpc.RpcError) as caught:
            self.ask(question)
        return read_refusal(caught.value).reason


@contextmanager
def serving(*agents: Serving) -> Iterator[None]:
    if not agents:
        yield
        return
    with agents[0].running(), serving(*agents[1:]):
        yield
