"""Provider agents for tests: the state machine of one over a folder of its own.

The data behind an agent is a fake (`FixedData`); everything between it and the gateway's bytes is
real.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from clients.agent.asked import ContractSource
from clients.agent.cohort import CohortKind
from clients.agent.context import Trust
from clients.agent.data.api import DataWord, Declined, Prepared
from clients.agent.policy import DatasetPolicy, LocalPolicy
from clients.agent.rounds import Rounds
from clients.agent.store import RoundStore
from clients.cli.local.dev_authority import TRUST_DOMAIN
from gateway.crypto.statement import Anchors
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.plan import CohortPlan
from gateway.domain.aggregate.question import CohortQuestion
from support.agents_world import DATASET, GROUPS, OWN, World


@dataclass
class FixedData:
    """Values that need no data: the same for the same content; ``word`` declines."""

    value: int = 7
    word: DataWord | None = None
    settle_word: DataWord | None = None
    asked: list[str] = field(default_factory=list)
    settled: list[tuple[bytes, tuple[str, ...]]] = field(default_factory=list)

    def prepare(
        self,
        question: CohortQuestion,
        contract: AggregateContract,
        plan: CohortPlan,
        recipient_group: str,
    ) -> Prepared:
        if self.word is not None:
            raise Declined(self.word)
        self.asked.append(recipient_group)
        content = sha256(recipient_group.encode() + question.cohort()).digest()
        return Prepared(tuple(self.value + at for at in range(plan.shape.length)), content)

    def settle(self, content: bytes, roster: tuple[str, ...]) -> None:
        if self.settle_word is not None:
            raise Declined(self.settle_word)
        self.settled.append((content, roster))


def local_policy(**changes: Any) -> LocalPolicy:
    """A policy that answers the dataset and knows every institution but itself."""
    peers = {name: group for name, group in GROUPS.items() if name != OWN}
    policy = LocalPolicy(datasets={DATASET: DatasetPolicy()}, own_group=GROUPS[OWN], peers=peers)
    return msgspec.structs.replace(policy, **changes)


@dataclass
class TestedAgent:
    """One agent's state machine over a folder, and what it is made of."""

    __test__ = False

    world: World
    folder: Path
    data: FixedData
    trust: Trust
    store: RoundStore
    rounds: Rounds

    @classmethod
    def make(
        cls,
        world: World,
        folder: Path,
        *,
        institution: str = OWN,
        policy: LocalPolicy | None = None,
        data: FixedData | None = None,
        contracts: ContractSource | None = None,
        now: Callable[[], float] = time.time,
        store: RoundStore | None = None,
    ) -> TestedAgent:
        """An agent of an institution; with ``store`` over one that is open already."""
        trust = Trust(
            institution=institution,
            anchors=Anchors(world.authority.certificate, TRUST_DOMAIN),
            round_key=world.round_key.public_key,
            policy=policy or local_policy(),
            own_key=lambda: world.signer(institution, "agent"),
            now=now,
        )
        used = data or FixedData()
        opened = store or RoundStore.open(folder)
        fetch = contracts or (lambda dataset: world.contract.encoded())
        kinds = {"cohort": CohortKind(trust, used, fetch)}
        return cls(world, folder, used, trust, opened, Rounds(trust, opened, kinds))

    def again(self, **changes: Any) -> TestedAgent:
        """The same agent after a restart, with changes of its trust."""
        self.store.close()
        trust = replace(self.trust, **changes)
        opened = RoundStore.open(self.folder)
        kind = CohortKind(trust, self.data, lambda dataset: self.world.contract.encoded())
        return replace(
            self, trust=trust, store=opened, rounds=Rounds(trust, opened, {"cohort": kind})
        )
