"""A binning over the gateway's own use cases: lender, relay, bureau, with real statements.

Owns the gateway in a loop of its own thread (the servicer's methods over the use cases over memory,
with a log whose checkpoints are signed), and streams that lead the blocking clients to it. A test
can sit in between: `on_lender` and `on_bureau` see every message that passes.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from uuid import UUID, uuid5

import msgspec

from clients.agent.binning.data import BinnedDataset, BinningConfig
from clients.agent.binning.serve import BinningAnswerer
from clients.agent.context import Trust
from clients.agent.data.config import CsvSource, DataConfig
from clients.agent.policy import DatasetPolicy, LocalPolicy
from clients.keyholder.binning.kept import JobTalk
from clients.keyholder.binning.open_job import OpenJob
from clients.keyholder.binning.rows import LabelledRows
from clients.keyholder.binning.run import BinnedFigures, BinningRun
from clients.keyholder.identity import Identity, Trusted
from clients.keyholder.rounds import RoundStore
from clients.sdk.vocabulary import IdentifierType
from gateway.application.aggregate.assembly import Limits
from gateway.application.aggregate.drive import Waits
from gateway.crypto.ed25519 import PublicKey
from gateway.crypto.statement import Anchors, SignedStatement
from gateway.domain.aggregate.binning import require_binning
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.statements import QUESTION_TYPE
from gateway.domain.reasons import Refused
from gateway.servicers.aggregate_binning import BinningServicer
from gateway.servicers.aggregate_streams import Parts
from support.aggregate_parties import TRUST_DOMAIN, Asker, authority, key_of
from support.aggregate_world import principal
from support.binning_gateway import BinningGateway, Journal
from support.binning_pair import BUREAU, DATA, LENDER, contract, job_of, labels
from support.binning_people import person, resident_id, write_people
from support.crypto_log import SIGNER
from veilgate.v1 import aggregate_pb2 as pb

_CONSENTS = UUID("8f0d6c5e-7a1b-4a57-9f39-3c1f5d2e6b70")
Spoil = Callable[[Any], Any]


@dataclass
class BinningWorld:
    """The parties; as a context manager."""

    folder: Path
    terms: AggregateContract = field(default_factory=contract)
    mode: str = "exact"
    cost: int = 0
    store: Journal = field(default_factory=Journal)
    on_lender: Spoil = lambda one: one
    """Sees what the gateway sends the lender."""
    on_bureau: Spoil = lambda one: one
    """Sees what the gateway sends the bureau."""
    order: Callable[[pb.BinOrder], pb.BinOrder] = lambda one: one
    joins: bool = True
    patience_s: float = 20.0
    """How long the gateway waits for the bureau."""
    idle_s: float = 20.0
    """How long nothing may pass in a talk."""
    poses_as: str = BUREAU
    """Whose certificate the bureau's stream has."""
    muted: bool = False
    """Nothing more of the lender's passes."""
    declined: list[str] = field(default_factory=list)

    def __enter__(self) -> BinningWorld:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.asker = Asker(LENDER)
        self.world = self._in_loop(self._make())
        self.servicer = BinningServicer(self.world.parts.binnings)
        self.anchors = Anchors(authority().certificate, TRUST_DOMAIN)
        self.round_key = PublicKey(self.world.statements.public_key)
        self.rounds = RoundStore(self.folder / "rounds")
        self.answerer = self._answerer()
        self._errors: list[BaseException] = []
        self._orders = self._in_loop(self._following())
        return self

    def __exit__(self, *_: object) -> None:
        self._in_loop(self._end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    async def _end(self) -> None:
        self.world.stopping.set()
        own = asyncio.current_task()
        others = [one for one in asyncio.all_tasks() if one is not own]
        for one in others:
            one.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _make(self) -> BinningGateway:
        limits = Limits(Waits(ready_s=self.patience_s, contribution_s=self.idle_s))
        return BinningGateway(self.terms, limits, self.store, asker=self.asker)

    def restart(self) -> None:
        """Go on with a gateway that remembers nothing, over the same store."""
        self._orders.cancel()
        self.world.parts = self.world.gateway()
        self.servicer = BinningServicer(self.world.parts.binnings)
        self._orders = self._in_loop(self._following())

    def restart_bureau(self) -> None:
        """Go on with a bureau that has its folder, and nothing else."""
        self.answerer = self._answerer()

    def _in_loop(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    async def _following(self) -> asyncio.Task[None]:
        return asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        from gateway.servicers import aggregate_messages as wire

        async for one in self.world.parts.orders.stream(principal(BUREAU), None):
            message = wire.order(one)
            if message.HasField("bin") and self.joins:
                asyncio.get_running_loop().run_in_executor(None, self._answer, message.bin)

    def _answer(self, order: pb.BinOrder) -> None:
        try:
            self.answerer(self.order(order))
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self._errors.append(error)

    @property
    def bureau_errors(self) -> list[BaseException]:
        """What the bureau raised."""
        return self._errors

    def identity(self) -> Identity:
        trusted = Trusted(self.round_key, SIGNER.verifier_key, self.anchors)
        return Identity(LENDER, key_of(LENDER, "keyholder"), trusted, self.folder)

    def rows(self, chosen: Sequence[int] = range(1000)) -> LabelledRows:
        """Rows of people of whom the lender has a consent each."""
        known = labels()
        return LabelledRows(
            tuple(f"CN_RESIDENT_ID|{resident_id(row)}".encode() for row in chosen),
            bytes(known[row % len(known)] for row in chosen),
            tuple(self.consent(row) for row in chosen),
        )

    def consent(self, row: int, controller: str = LENDER) -> str:
        """Return the consent of a person to a lender, granted the first time."""
        name = str(uuid5(_CONSENTS, f"{controller}|{row}"))
        if name not in self.world.consents.granted:
            self.world.grant(name, controller, person(row))
        return name

    def opened(self, rows: LabelledRows, features: Sequence[str], **changes: Any) -> OpenJob:
        now = int(time.time())
        draft = job_of(
            self.asker.secret, self.terms, features, len(rows.labels), self.mode, self.cost
        )
        job = msgspec.structs.replace(
            draft,
            **{"issued_at": now, "expires_at": now + 600, "row_root": rows.root, **changes},
        )
        statement = key_of(LENDER, "keyholder").sign(QUESTION_TYPE, job.encoded())
        plan = require_binning(job, self.terms)
        return OpenJob(job=job, statement=statement, plan=plan, rows=rows, secret=self.asker.secret)

    def run(self, opened: OpenJob, talk: JobTalk | None = None) -> BinnedFigures:
        """Run a job; with a talk that was begun before, go on with it."""
        run = BinningRun(self.identity(), opened, self.rounds, time.time, lambda *_: None, 1, talk)
        return run(self.lender_stream)

    def lender_stream(self, requests: Iterator[pb.BinRequest]) -> Iterator[pb.BinUpdate]:
        who = principal(LENDER, "keyholder")
        heard = (one for one in requests if not self.muted)
        return self._stream(
            lambda parts: self.servicer.bin(Parts(parts, who)), heard, self.on_lender
        )

    # What `BinLink` promises.
    def answer_bin(self, requests: Iterator[pb.AnswerBinRequest]) -> Iterator[pb.AnswerBinUpdate]:
        who = principal(self.poses_as)
        return self._stream(
            lambda parts: self.servicer.answer_bin(Parts(parts, who)), requests, self.on_bureau
        )

    def decline(self, round_id: str) -> None:
        self.declined.append(round_id)
        with suppress(Refused):
            self._in_loop(self.world.parts.messages.decline(principal(BUREAU), round_id))

    def _answerer(self) -> BinningAnswerer:
        source = self.folder / "bureau.csv"
        write_people(source, self.world.keyring)
        terms = self.terms.binning
        assert terms is not None
        dataset = BinnedDataset(
            snapshot=self.terms.snapshot,
            source=CsvSource(path=source),
            identifier="id",
            reference="reference",
            kind=IdentifierType.CN_RESIDENT_ID,
            features={one.name: one.name for one in terms.features},
            declared_people=1_024,
        )
        policy = LocalPolicy(
            datasets={self.terms.dataset: DatasetPolicy()},
            own_group="bureau",
            peers={LENDER: "group-a"},
            cost_a_question=1_000_000_000,
        )
        trust = Trust(
            institution=BUREAU,
            anchors=self.anchors,
            round_key=self.round_key,
            policy=policy,
            own_key=lambda: key_of(BUREAU, "agent"),
        )
        config = BinningConfig(datasets={self.terms.dataset: dataset}, processes=1)
        return BinningAnswerer(
            *(trust, config, DataConfig(), self.folder / "binning"),
            *(lambda _: self.terms.encoded(), lambda: self),
        )

    def _stream(
        self,
        method: Callable[[AsyncIterator[Any]], AsyncIterator[Any]],
        requests: Iterator[Any],
        spoil: Spoil,
    ) -> Iterator[Any]:
        """Run a method of the servicer in the loop; raises what it raises."""
        out: SimpleQueue[Any] = SimpleQueue()

        async def incoming() -> AsyncIterator[Any]:
            loop = asyncio.get_running_loop()
            while (one := await loop.run_in_executor(None, next, requests, None)) is not None:
                yield one

        async def serve() -> None:
            try:
                async for one in method(incoming()):
                    out.put(one)
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - raised below
                out.put(error)
                return
            out.put(None)

        if self.world.stopping.is_set():
            raise ConnectionError("the world has ended")
        serving = asyncio.run_coroutine_threadsafe(serve(), self.loop)
        try:
            while (one := out.get(timeout=60)) is not None:
                if isinstance(one, BaseException):
                    raise one
                yield spoil(one)
        finally:
            serving.cancel()


def statement(message: pb.SignedStatement) -> SignedStatement:
    return SignedStatement(message.payload, message.signature, tuple(message.chain))


__all__ = ["DATA", "BinningWorld", "person", "resident_id", "statement"]
