"""A gateway's aggregate path over memory, with its parties: one world for each test.

Owns the real use cases over the fakes of ``memory_aggregates``, real statements, and scripted
agents that follow their orders. A test replaces what an agent does, or calls the use cases itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.adapters.aggregates.merkle_tree import MerkleTree
from gateway.adapters.keys.keyring import Keyring
from gateway.adapters.keys.row_tags import KeyedRowTags
from gateway.adapters.keys.statements import KeyedStatements
from gateway.adapters.keys.subject_tags import KeyedSubjectTags
from gateway.application.aggregate.assembly import Aggregates, Limits, Ports, assemble
from gateway.application.aggregate.bound_rows import RowBinder
from gateway.application.aggregate.cohort_kind import CohortKind
from gateway.application.aggregate.drive import Waits
from gateway.application.aggregate.kept import Contributed
from gateway.application.aggregate.kinds import Request
from gateway.application.aggregate.orders import (
    Order,
    QuestionOrder,
    ResultOrder,
    RosterOrder,
    Shown,
    VoidOrder,
)
from gateway.application.aggregate.round import Update
from gateway.application.aggregate.rounds import Bounds
from gateway.application.aggregate.subject_kind import SubjectKind
from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.aggregates import Signed
from gateway.application.publish_checkpoint import PublishCheckpoint
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.institution import Principal
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.vocabulary import Jurisdiction, Role
from support.aggregate_parties import AGENTS, TRUST_DOMAIN, Agent, Asker, authority, contract
from support.memory_aggregates import InlineCombiner, MemoryAggregates, MemoryLog
from support.memory_consents import MemoryConsents

QUICK = Limits(Waits(ready_s=0.3, contribution_s=0.3))
PATIENT = Limits(Waits(ready_s=20, contribution_s=20))


def principal(institution: str, workload: str = "agent", group: str = "") -> Principal:
    """An institution that may ask, and may be an agent."""
    roles = frozenset({Role.LENDER})
    return Principal(institution, workload, roles, Jurisdiction.CN, (), group or institution)


def policy_with(*contracts: AggregateContract) -> PolicyInForce:
    """A policy of nothing but contracts."""
    empty: Any = {}
    tables = {one.dataset: one for one in contracts}
    return PolicyInForce(
        CompiledPolicy("digest", empty, empty, empty, empty, empty, empty, aggregates=tables)
    )


@dataclass
class World:
    """A gateway over a store that may have been another's before."""

    terms: AggregateContract = field(default_factory=contract)
    limits: Limits = PATIENT
    store: MemoryAggregates = field(default_factory=MemoryAggregates)
    combiner: InlineCombiner = field(default_factory=InlineCombiner)
    clock: Callable[[], float] = time.time
    asker: Asker = field(default_factory=Asker)
    keyring: Keyring = field(default_factory=lambda: Keyring.derive(bytes(32), log_key()))

    def __post_init__(self) -> None:
        self.stopping = asyncio.Event()
        self.policy = policy_with(self.terms)
        self.log: Any = MemoryLog(self.store.events)
        self.statements = KeyedStatements(
            authority().certificate, TRUST_DOMAIN, self.keyring, self.clock
        )
        self.parts: Aggregates = self.gateway()
        self.store.keys.add((self.asker.institution, self.asker.key_id))

    def gateway(self) -> Aggregates:
        """A gateway that remembers nothing, over the same store."""
        publish = PublishCheckpoint(self.log, self.log, self.log, self.clock, _at_once)
        ports = Ports(
            *(self.policy, self.store, self.store, self.statements, self.combiner),
            *(MerkleTree(), self.log, publish, self.stopping, self.clock),
        )
        self.keyed = KeyedSubjectTags(self.keyring)
        kinds = (CohortKind(), SubjectKind(self.statements, self.keyed, self.clock))
        binder = RowBinder(MemoryConsents(), KeyedRowTags(self.keyring), MerkleTree())
        return assemble(ports, kinds, self.limits, binder)

    async def ask(self, question: Signed | Request, who: Principal | None = None) -> Asked:
        """Ask to the end. Raises what the gateway refuses with."""
        request = question if isinstance(question, Request) else Request(question)
        asked = Asked()
        by = who or principal(self.asker.institution, "keyholder")
        async for one in self.parts.ask(by, request):
            if isinstance(one, Shown):
                asked.shown = one
            else:
                asked.updates.append(one)
        return asked

    def asking(self, question: Signed | Request) -> asyncio.Task[Asked]:
        """Ask beside what the test does."""
        return asyncio.create_task(self.ask(question))

    def serving(self, *agents: Scripted) -> list[asyncio.Task[None]]:
        """Have agents follow their orders until the world ends."""
        return [asyncio.create_task(one.serve(self)) for one in agents]

    async def fetched(self, institution: str, round_id: str) -> tuple[list[Contributed], bytes]:
        """What a member gets: the contributions, and what was released. Raises ``Refused``."""
        reads = self.parts.reads
        combined = await reads.combination(principal(institution), round_id)
        return [one async for one in reads.contributions(combined)], combined.released

    async def send(self, agent: Agent, contribution: Signed, *parts: bytes) -> None:
        """Send a contribution as its agent."""
        who = principal(agent.institution)
        await self.parts.messages.contribute(who, contribution, parts_of(*parts))


@dataclass
class Asked:
    """What an asker got."""

    updates: list[Update] = field(default_factory=list)
    shown: Shown | None = None

    @property
    def stages(self) -> list[str]:
        """The words of the stages, in order."""
        return [one.stage.name for one in self.updates]


@dataclass
class Scripted:
    """An agent that follows its orders, and what it was told."""

    agent: Agent
    orders: list[Order] = field(default_factory=list)
    questions: dict[str, Signed] = field(default_factory=dict)
    sent: dict[str, bytes] = field(default_factory=dict)
    box_key: Signed | None = None
    label: str = "cohort"
    willing: bool = True
    contributes: bool = True

    async def serve(self, world: World) -> None:
        """Follow orders until the stream ends."""
        who = principal(self.agent.institution)
        async for order in world.parts.orders.stream(who, self.box_key):
            self.orders.append(order)
            if isinstance(order, QuestionOrder):
                asked = order.question
                self.questions[round_of(asked)] = asked
                await self._answer(world, who, asked)
            elif isinstance(order, RosterOrder) and self.contributes:
                await self._contribute(
                    world, self.questions[round_of(order.roster, "round")], order
                )

    async def _answer(self, world: World, who: Principal, asked: Signed) -> None:
        if self.willing:
            await world.parts.messages.ready(who, self.agent.ready(asked))
        else:
            await world.parts.messages.decline(who, round_of(asked))

    async def _contribute(self, world: World, asked: Signed, order: RosterOrder) -> None:
        # The same bytes again after a loss, as a careful agent does.
        name = round_of(asked)
        if name not in self.sent:
            self.sent[name] = self.agent.masked(asked, order.roster, order.readies, self.label)
        said = self.agent.contribution(order.roster, self.sent[name])
        await world.send(self.agent, said, self.sent[name])

    def told(self, kind: type[Order]) -> int:
        """How many orders of a kind there were."""
        return sum(isinstance(one, kind) for one in self.orders)


def scripted(*names: str) -> list[Scripted]:
    """Agents of these institutions, all contributors where none is named."""
    return [Scripted(Agent(name)) for name in names or AGENTS]


def round_of(statement: Signed, name: str = "id") -> str:
    """The round that a statement is of."""
    found: str = msgspec.json.decode(statement.payload)[name]
    return found


async def parts_of(*parts: bytes) -> Any:
    """Parts as they come from a stream."""
    for one in parts:
        yield one


async def until(reached: Callable[[], bool]) -> None:
    """Wait for something that the gateway does by itself."""
    async with asyncio.timeout(10):
        while not reached():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.005)


async def reason(awaitable: Any) -> ErrorReason:
    """Why the gateway refuses."""
    with pytest.raises(Refused) as caught:
        await awaitable
    return caught.value.reason


def log_key() -> Any:
    """A key that the log is never signed with here."""
    return Ed25519PrivateKey.generate()


async def _at_once(_: float) -> None:
    await asyncio.sleep(0)


__all__ = [
    "PATIENT",
    "QUICK",
    "Asked",
    "Bounds",
    "ResultOrder",
    "Scripted",
    "VoidOrder",
    "World",
    "principal",
    "reason",
    "round_of",
    "scripted",
    "until",
]
