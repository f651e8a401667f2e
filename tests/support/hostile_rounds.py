"""Rounds at a live gateway that wait for one member, so that a test can send in its name.

Owns two datasets (the development home's, for ElGamal, and a copy with people beyond what ElGamal
can count, for Paillier), agents that hold rounds back, and an asker for each scheme.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

import grpc
import msgspec
import pytest

from clients.cli.local.home import Home
from gateway.application.ports.aggregates import Signed
from gateway.crypto.paillier import Packing, prove_key
from gateway.crypto.statement import StatementKey
from gateway.domain.aggregate.contract import read_contract
from gateway.domain.aggregate.packing_plan import ELGAMAL_CIPHERTEXT, Layout
from gateway.domain.aggregate.question import AskerKey, key_context, proof_text, read_question
from gateway.domain.aggregate.statements import CONTRIBUTION_TYPE, Contribution, digest_of
from support.aggregate_live import ASKER, Asking, HomeAgent, Serving, read, stub_of, written
from support.aggregate_parties import DATASET, Asker, signed
from support.hostile_values import RESIDUE, paillier_hex
from support.live_gateway import LiveGateway
from support.paillier_keys import key as paillier_key
from support.refusals import read_refusal
from veilgate.v1 import aggregate_pb2 as pb

LARGE = "credit.large"
_PEOPLE = 1_000_000_000
_PART = 48 * 1024


def add_large_dataset(home: Home) -> None:
    """Add the dataset whose sums only Paillier can hold."""
    folder = home.folder / "policies" / "aggregates"
    text = (folder / f"{DATASET}.yaml").read_text(encoding="utf-8")
    changed = text.replace(f"dataset: {DATASET}\n", f"dataset: {LARGE}\n").replace(
        "  minimum_cohort: 20\n", f"  minimum_cohort: 20\n  people_at_most: {_PEOPLE}\n"
    )
    (folder / f"{LARGE}.yaml").write_text(changed, encoding="utf-8")


@dataclass
class Holding(Serving):
    """An agent that is ready for every question, and waits with the rounds that it holds back."""

    held: dict[str, threading.Event] = field(default_factory=dict)
    rosters: dict[str, pb.RosterOrder] = field(default_factory=dict)

    def _answer(self, stub: Any, order: pb.Order) -> None:
        if order.WhichOneof("order") == "roster":
            name = msgspec.json.decode(order.roster.roster.payload)["round"]
            if name in self.held:
                self.rosters[name] = order.roster
                self.held[name].set()
                return
            if name not in self._questions:
                # Left over from a test that failed: this agent never was ready for it.
                return
        super()._answer(stub, order)

    def hold(self, question: Signed) -> threading.Event:
        """Keep a round's roster for the test; returns what is set once it is there."""
        name = msgspec.json.decode(question.payload)["id"]
        return self.held.setdefault(name, threading.Event())


def holding(gateway: LiveGateway, length: int, name: str) -> Holding:
    """An agent of the development home with the values 0, 1, 2..."""
    folder = gateway.home.agent(name).parent
    return Holding(gateway, HomeAgent(name, tuple(range(length)), folder=folder))


@dataclass
class Large(Asking):
    """An asker of the large dataset, with a Paillier key."""

    def __post_init__(self) -> None:
        answer = self.stub.GetContract(pb.GetContractRequest(dataset=LARGE))
        self.contract = read_contract(answer.contract)
        self.asker = PaillierAsker(ASKER)
        self.stub.RegisterKey(pb.RegisterKeyRequest(key=msgspec.json.encode(self.asker.key)))


@dataclass(frozen=True)
class PaillierAsker(Asker):
    """An institution that asks, with a Paillier key that is secret no more."""

    @cached_property
    def key(self) -> AskerKey:
        """The modulus with its proof."""
        private = paillier_key("veilgate_3072")
        shown = prove_key(private, key_context(self.institution))
        proof = proof_text("paillier", shown.encode(private.public_key.n))
        return AskerKey(scheme="paillier", key=paillier_hex(), proof=proof)


@dataclass(frozen=True)
class Held:
    """One member's place in a round that waits for it. ``good`` is what it should send."""

    stub: Any
    agent: Holding
    key: StatementKey
    order: pb.RosterOrder
    good: bytes
    due: int

    def send(self, sent: bytes, **changes: Any) -> None:
        """Contribute bytes, signed as they are, but for ``changes``."""
        said = Contribution(
            round=msgspec.json.decode(self.order.roster.payload)["round"],
            roster=digest_of(self.order.roster.payload),
            contributor=self.agent.agent.institution,
            ciphertexts=self.due,
            digest=sha256(sent).hexdigest(),
        )
        changed = msgspec.structs.replace(said, **changes)
        statement = written(signed(self.key, CONTRIBUTION_TYPE, changed.encoded()))
        self.stub.Contribute(iter(_parts(statement, sent)), timeout=20)

    def refusal(self, sent: bytes, **changes: Any) -> str:
        """The reason for which such a contribution is refused."""
        with pytest.raises(grpc.RpcError) as caught:
            self.send(sent, **changes)
        return read_refusal(caught.value).reason


def _parts(statement: pb.SignedStatement, sent: bytes) -> Iterator[pb.ContributePart]:
    yield pb.ContributePart(contribution=statement, ciphertexts=sent[:_PART])
    for at in range(_PART, len(sent), _PART):
        yield pb.ContributePart(ciphertexts=sent[at : at + _PART])


@contextmanager
def held(agent: Holding, question: Signed, good: Callable[[Holding], bytes]) -> Iterator[Held]:
    """The place of an agent in a round, once its roster is there."""
    assert agent.hold(question).wait(20)
    name = msgspec.json.decode(question.payload)["id"]
    institution = agent.agent.institution
    sent, asked = good(agent), read_question(question.payload)
    size = ELGAMAL_CIPHERTEXT if asked.key.scheme == "elgamal" else RESIDUE
    with stub_of(agent.gateway, institution, "agent") as stub:
        key, order = agent.agent.key, agent.rosters[name]
        yield Held(stub, agent, key, order, sent, len(sent) // size)


def masked(agent: Holding, question: Signed) -> bytes:
    """What a member of a round under ElGamal should send."""
    order = agent.rosters[msgspec.json.decode(question.payload)["id"]]
    return agent.agent.masked(question, read(order.roster), tuple(map(read, order.readies)))


def packed(values: list[int], layout: Layout) -> bytes:
    """What a member of a round under Paillier could send; its masks are left out."""
    key = paillier_key("veilgate_3072").public_key
    plain = packing_of(layout).pack(values)
    return b"".join(key.encrypt_raw(value % key.n).to_bytes(RESIDUE, "big") for value in plain)


def packing_of(layout: Layout) -> Packing:
    """The layout's packing."""
    return Packing(layout.modulus_bits, layout.contributors, layout.lowest, layout.highest)
