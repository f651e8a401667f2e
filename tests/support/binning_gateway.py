"""A gateway's path for binnings over memory, whose log and release events are like the real ones.

Owns what lenders check of a result: signed checkpoints, and what an event says of a release.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import msgspec

from gateway.adapters.aggregates.merkle_tree import MerkleTree
from gateway.adapters.keys.row_tags import KeyedRowTags
from gateway.application.aggregate.assembly import Ports, assemble
from gateway.application.aggregate.binning_kind import BinningKind
from gateway.application.aggregate.bound_rows import RowBinder
from gateway.application.ports.bound_rows import ConsentVersion
from gateway.application.ports.ledger import Recorded
from gateway.application.publish_checkpoint import PublishCheckpoint
from gateway.crypto.checkpoint import Checkpoint, sign_checkpoint
from gateway.domain.aggregate.question import BinningJob
from gateway.domain.aggregate.statements import digest_of
from gateway.domain.institution import Principal
from gateway.domain.subject import SubjectKey
from support import aggregate_world
from support.crypto_log import ORIGIN, SIGNER
from support.memory_aggregates import MemoryAggregates, MemoryLog
from support.memory_consents import MemoryConsents


class SignedLog(MemoryLog):
    """A log whose checkpoints are signed."""

    def sign(self, size: int, root: bytes) -> bytes:
        return sign_checkpoint(Checkpoint(ORIGIN, size, root), SIGNER).encode()


class Journal(MemoryAggregates):
    """A store whose release events say what the real ones say."""

    def __init__(self) -> None:
        super().__init__()
        self.before_release: Callable[[], None] = lambda: None

    async def release(
        self, principal: Principal, round_id: str, digest: bytes, contributions: bytes
    ) -> Recorded:
        self.before_release()
        recorded = await super().release(principal, round_id, digest, contributions)
        known = self.rounds[round_id]
        assert known.roster is not None
        job = msgspec.json.decode(known.question.payload, type=BinningJob)
        self.events[recorded.log_index] = msgspec.json.encode(
            {
                "kind": "AGGREGATE_RELEASED",
                "institution": known.institution,
                "dataset": known.dataset,
                "purpose": job.purpose,
                "round": round_id,
                "request": digest_of(known.question.payload),
                "roster": digest_of(known.roster.payload),
                "contributions": contributions.hex(),
                "result": digest.hex(),
            }
        )
        self._change(round_id, released_at=int(time.time()))
        return recorded


@dataclass
class BinningGateway(aggregate_world.World):
    consents: MemoryConsents = field(default_factory=MemoryConsents)

    def grant(self, consent_id: str, controller: str, subject: SubjectKey) -> None:
        """Have a person's consent to a lender."""
        subject_id = self.keyring.subject_id(subject)
        digest = sha256(consent_id.encode()).digest()
        self.consents.granted[consent_id] = ConsentVersion(controller, subject_id, digest)

    def gateway(self) -> Any:
        self.log = SignedLog(self.store.events)
        publish = PublishCheckpoint(self.log, self.log, self.log, self.clock, _at_once)
        tree = MerkleTree()
        ports = Ports(
            *(self.policy, self.store, self.store, self.statements, self.combiner),
            *(tree, self.log, publish, self.stopping, self.clock),
        )
        binder = RowBinder(self.consents, KeyedRowTags(self.keyring), tree)
        return assemble(ports, (BinningKind(),), self.limits, binder)


async def _at_once(_: float) -> None:
    await asyncio.sleep(0)
