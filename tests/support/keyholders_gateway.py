"""A gateway for keyholders' tests: real gRPC over mutual TLS, real statements, scripted rounds.

Owns what the keyholder sees of a gateway and its agents: it runs each question's round by a
`Script` over the values that a test gives. It checks nothing that the real gateway checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import msgspec
from google.rpc import status_pb2

from clients.keyholder.keys.held_key import key_id
from clients.keyholder.rounds import OpenQuestion, open_question
from clients.keyholder.wanted import Figure, Wanted
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import AskerKey, CohortQuestion, read_question
from support.canned_answers import abort
from support.certificates import make_pki
from support.crypto_log import VKEY
from support.keyholders import ASKER, Script, World, contract, vector
from veilgate.v1 import aggregate_pb2 as pb
from veilgate.v1 import aggregate_pb2_grpc

Cells = Sequence[Mapping[tuple[str, str, int], int]]
PART = 1000
"""Bytes of a part of the ciphertexts: small, so that there are several."""


@dataclass
class ScriptedGateway:
    """What it answers with, and what it was asked."""

    world: World
    terms: AggregateContract = field(default_factory=contract)
    cells: Callable[[OpenQuestion, str], Cells] = lambda opened, member: []
    script: Script = field(default_factory=Script)
    refusals: list[status_pb2.Status] = field(default_factory=list)
    """What the next questions are refused with, in order."""
    edit: Callable[[list[pb.AskUpdate]], list[pb.AskUpdate]] = lambda updates: updates
    """Of what comes with the result."""
    spent: int = 0
    round_key: bytes = b""
    asked: list[SignedStatement] = field(default_factory=list)
    registered: list[AskerKey] = field(default_factory=list)

    def run(self, statement: SignedStatement) -> pb.RoundResult:
        question = read_question(statement.payload)
        assert isinstance(question, CohortQuestion)
        opened = open_question(statement, _wish(question), self.terms)
        vectors = {
            name: vector(opened, self.cells(opened, name)) for name in self.terms.contributors
        }
        received = self.script.received(self.world, opened, vectors)
        self.ciphertexts = received.ciphertexts
        return pb.RoundResult(
            result=_message(received.result),
            roster=_message(received.roster),
            readies=map(_message, received.readies),
            checkpoint=received.checkpoint,
            release_event=received.release_event,
            inclusion=received.inclusion,
        )


class _Servicer(aggregate_pb2_grpc.AggregateServiceServicer):
    def __init__(self, gateway: ScriptedGateway) -> None:
        self._gateway = gateway

    def GetContract(self, request: Any, context: Any) -> pb.GetContractResponse:  # noqa: N802
        gateway = self._gateway
        return pb.GetContractResponse(
            contract=gateway.terms.encoded(),
            budget=self._budget(),
            round_key=gateway.round_key or gateway.world.round_key.public_key.raw,
        )

    def ListBudgets(self, request: Any, context: Any) -> pb.ListBudgetsResponse:  # noqa: N802
        return pb.ListBudgetsResponse(budgets=[self._budget()])

    def RegisterKey(self, request: Any, context: Any) -> pb.RegisterKeyResponse:  # noqa: N802
        key = msgspec.json.decode(request.key, type=AskerKey)
        self._gateway.registered.append(key)
        return pb.RegisterKeyResponse(key_id=key_id(key), event_id="e" * 32, log_index=4)

    def Ask(self, request: Any, context: Any) -> Iterator[pb.AskUpdate]:  # noqa: N802
        gateway = self._gateway
        one = request.question
        statement = SignedStatement(one.payload, one.signature, tuple(one.chain))
        gateway.asked.append(statement)
        yield pb.AskUpdate(stage=pb.ROUND_STAGE_OPENED)
        if gateway.refusals:
            abort(context, gateway.refusals.pop(0))
        yield pb.AskUpdate(stage=pb.ROUND_STAGE_READY, done=4, of=4)
        released = pb.AskUpdate(stage=pb.ROUND_STAGE_RELEASED, result=gateway.run(statement))
        content = gateway.ciphertexts
        parts = [content[at : at + PART] for at in range(0, len(content), PART)]
        updates = [released, *(pb.AskUpdate(ciphertexts=part) for part in parts)]
        yield from gateway.edit(updates)

    def _budget(self) -> pb.PrivacyBudget:
        gateway = self._gateway
        return pb.PrivacyBudget(
            dataset=gateway.terms.dataset,
            limit=5_000_000,
            spent=gateway.spent,
            spent_ever=gateway.spent,
            max_refusals=20,
            period_start=1_790_000_000,
            period_end=1_792_592_000,
        )


@contextmanager
def serving(folder: Path) -> Iterator[tuple[ScriptedGateway, Path]]:
    """A scripted gateway that runs, and the path of a keyholder's profile."""
    pki = make_pki(folder)
    gateway = ScriptedGateway(World(folder, authority=pki.authority))
    server = grpc.server(ThreadPoolExecutor(4))
    # The agents' calls stay unimplemented.
    servicer = _Servicer(gateway)  # type: ignore[abstract]
    aggregate_pb2_grpc.add_AggregateServiceServicer_to_server(servicer, server)
    credentials = grpc.ssl_server_credentials(
        [(pki.gateway.private_key, pki.gateway.certificate)],
        root_certificates=pki.authority.certificate,
        require_client_auth=True,
    )
    port = server.add_secure_port("localhost:0", credentials)
    server.start()
    try:
        yield gateway, write_profile(folder, port, gateway.world)
    finally:
        server.stop(None).wait()


def write_profile(folder: Path, port: int, world: World) -> Path:
    """A keyholder's profile, its statement certificate and a key file beside the others."""
    issued = world.issue(ASKER, "keyholder")
    issued.write(folder, "statement")
    secret = folder / "secret"
    secret.write_bytes(b"\x05" * 32)
    secret.chmod(0o600)
    lines = {
        "gateway": f"localhost:{port}", "ca": "authority.pem", "certificate": "lender-a.pem",
        "key": "lender-a.key", "institution": ASKER, "log_verifier_key": VKEY,
        "statement_certificate": "statement.pem", "statement_key": "statement.key",
        "anchors": "authority.pem", "trust_domain": "veilgate.example",
        "round_key": world.round_key.public_key.raw.hex(), "keyholder_state": "keyholder",
    }  # fmt: skip
    path = folder / "profile.toml"
    path.write_text("".join(f'{name} = "{value}"\n' for name, value in lines.items()))
    return path


def _wish(question: CohortQuestion) -> Wanted:
    """Any wish that makes this question: the gateway is not told which figures are shown."""
    figures = [Figure("sum", one) for one in question.sums]
    figures += [Figure("variance", one) for one in question.squares]
    figures += [Figure("histogram", one) for one in question.histograms]
    return Wanted(
        dataset=question.dataset,
        purpose=question.purpose,
        cost=question.cost,
        where=question.where,
        group_by=question.group_by,
        figures=tuple(figures),
    )


def _message(one: SignedStatement) -> pb.SignedStatement:
    return pb.SignedStatement(payload=one.payload, signature=one.signature, chain=one.chain)
