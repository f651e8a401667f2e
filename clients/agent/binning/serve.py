"""Answering lenders' jobs over the gateway's stream.

Owns a job's way from the order to the end of its stream, its log, and the data that is opened once.
What is sent was kept on the disk before: a talk that breaks is gone on with by the same bytes,
after a crash as well. Refuses without a word of why: the stream ends, the gateway is told that this
bureau declines, and what was wrong stands in the own log as one fixed word.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Final, Protocol

from clients.agent.asked import ContractSource
from clients.agent.binning.account import Price
from clients.agent.binning.answer import BinAnswer
from clients.agent.binning.bureau import Bureau
from clients.agent.binning.data import BinningConfig, FrozenPeople
from clients.agent.binning.errors import BinDeclined, BinWord
from clients.agent.binning.history import Place, PlacedHistory, RowSets
from clients.agent.binning.kept import (
    ANSWER,
    Talks,
    channel_key,
    keep_channel,
    own_channel,
    people_parts,
    require_same_lender,
    stored,
)
from clients.agent.binning.order import JobOrder, lender_channel, require_job
from clients.agent.binning.setup import BureauSetup
from clients.agent.context import Trust
from clients.agent.data.config import DataConfig
from clients.agent.errors import Refused, Unwilling, Word
from clients.agent.messages import read_statement, written
from clients.sdk.errors import VeilgateError
from clients.sdk.kept_parts import KeptParts
from gateway.crypto.discrete_gaussian import discrete_gaussian
from gateway.crypto.sealed_channel import ChannelError
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.binning_talk import (
    CHANNEL_TYPE,
    IDENTIFIERS,
    LABEL,
    ChannelStatement,
)
from gateway.domain.aggregate.question import read_question
from gateway.domain.aggregate.statements import CONTRIBUTION_TYPE, Contribution
from veilgate.v1 import aggregate_pb2 as pb

_LOG: Final = logging.getLogger("veilgate.agent")
_PART: Final = 48 * 1024


class _Out(SimpleQueue[pb.AnswerBinRequest | None]):
    """Messages to be sent; None ends them."""


class BinLink(Protocol):
    """The calls of a connection that a bureau makes; each raises ``VeilgateError``."""

    def answer_bin(self, requests: Iterator[pb.AnswerBinRequest]) -> Iterator[pb.AnswerBinUpdate]:
        """Open the stream."""
        ...

    def decline(self, round_id: str) -> None:
        """Say that this bureau is not willing."""
        ...


class BinningAnswerer:
    """Answers orders, one after the other: each takes all the processes there are."""

    def __init__(
        self,
        trust: Trust,
        config: BinningConfig,
        settings: DataConfig,
        folder: Path,
        contracts: ContractSource,
        link: Callable[[], BinLink],
    ) -> None:
        """Open the history of row sets in the agent's folder.

        Raises:
            BinDeclined: DATA, where it cannot be used.
        """
        self._trust = trust
        self._config = config
        self._settings = settings
        self._folder = folder
        self._contracts = contracts
        self._link = link
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._history = RowSets.open(folder / "rows.db")
        self._talks = Talks(folder / "talks")
        self._people: dict[str, FrozenPeople] = {}
        self._lock = Lock()

    def __call__(self, order: pb.BinOrder) -> None:
        """Answer an order; raises ``Refused`` for one that no honest gateway gives."""
        job, manifest = read_statement(order.job), read_statement(order.manifest)
        with self._lock:
            link = self._link()
            try:
                checked = require_job(self._trust, job, manifest, self._contracts)
                setup = self._setup(checked)
            except (Unwilling, BinDeclined) as no:
                # Its signer, at least, is who it says, so that it can be read.
                self._decline(link, read_question(job.payload).id, no.word)
                return
            self._talk(checked, setup, link)

    def _talk(self, order: JobOrder, setup: BureauSetup, link: BinLink) -> None:
        self._talks.forget(int(self._trust.now()))
        kept, out = self._talks.of(order.context, order.job.expires_at), _Out()
        out.put(pb.AnswerBinRequest(channel=self._channel(order, kept)))
        bureau: Bureau | None = None
        # Kept under a name: the stream must not end before it is known why.
        updates = link.answer_bin(iter(out.get, None))
        try:
            for update in updates:
                part = update.WhichOneof("part")
                if part == "channel" and bureau is None:
                    bureau = self._bureau(order, setup, kept, update.channel)
                    self._send_again(kept, out)
                elif part == "bindings" and bureau is not None:
                    bureau.bind(update.bindings)
                elif part == "sealed" and bureau is not None:
                    self._receive(order, bureau, kept, update.sealed, out)
                elif part in ("result", "void"):
                    _LOG.info("a binning ended: %s", part)
                    kept.drop()
                    return
                else:
                    raise BinDeclined(BinWord.TALK)
        except (VeilgateError, ConnectionError):
            # The order comes again if the lender goes on.
            _LOG.warning("a binning's talk broke off")
        except ChannelError:
            # A key of low order, or this bureau's own.
            self._decline(link, order.job.id, BinWord.TALK)
        except (OSError, ValueError):
            # What is to be kept cannot be written, or what was kept cannot be read.
            self._decline(link, order.job.id, BinWord.DATA)
        except (BinDeclined, Refused) as no:
            # Told before the stream ends, so that it counts as declined and not as lost.
            self._decline(link, order.job.id, no.word)
        finally:
            out.put(None)

    def _bureau(
        self, order: JobOrder, setup: BureauSetup, kept: KeptParts, channel: pb.SignedStatement
    ) -> Bureau:
        signed = read_statement(channel)
        other = lender_channel(self._trust, order, signed)
        require_same_lender(kept, signed.payload)
        return Bureau(setup, channel_key(kept).open(other, order.context, first=False), kept)

    def _channel(self, order: JobOrder, kept: KeptParts) -> pb.SignedStatement:
        known = own_channel(kept)
        if known is None:
            said = ChannelStatement(
                job=order.job.id,
                question=order.digest,
                contributor=self._trust.institution,
                channel_key=channel_key(kept).public_key().hex(),
            )
            known = self._trust.sign(CHANNEL_TYPE, said.encoded())
            keep_channel(kept, known)
        return written(known)

    def _receive(
        self, order: JobOrder, bureau: Bureau, kept: KeptParts, sealed: bytes, out: _Out
    ) -> None:
        if kept.parts(ANSWER) is not None:
            # Everything was said: what the lender sends again is not looked at.
            return
        for part in bureau.receive(sealed):
            out.put(pb.AnswerBinRequest(sealed=part))
        if bureau.complete:
            kept.keep(ANSWER, self._answered(order, bureau))
            self._send_answer(kept, out)

    def _answered(self, order: JobOrder, bureau: Bureau) -> Iterator[bytes]:
        """Yield what is kept of an answer: before any of it is sent, all of it is on the disk."""
        answered = bureau.answer()
        signed = self._contribution(order, answered)
        yield written(signed).SerializeToString()
        yield answered.ciphertexts
        yield from bureau.seal_counts(answered)

    def _send_again(self, kept: KeptParts, out: _Out) -> None:
        """Send what was sent before, where the whole answer was made before."""
        if kept.parts(ANSWER) is not None:
            for part in people_parts(kept):
                out.put(pb.AnswerBinRequest(sealed=part))
            self._send_answer(kept, out)

    def _send_answer(self, kept: KeptParts, out: _Out) -> None:
        statement, content, *counts = stored(kept, ANSWER)
        signed = pb.SignedStatement.FromString(statement)
        out.put(pb.AnswerBinRequest(contribution=signed))
        for at in range(0, len(content), _PART):
            out.put(pb.AnswerBinRequest(ciphertexts=content[at : at + _PART]))
        for part in counts:
            out.put(pb.AnswerBinRequest(sealed=part))
        out.put(None)

    def _contribution(self, order: JobOrder, answered: BinAnswer) -> SignedStatement:
        said = Contribution(
            round=order.job.id,
            roster=order.manifest_digest,
            contributor=self._trust.institution,
            ciphertexts=len(answered.ciphertexts) // LABEL,
            digest=answered.counts.ciphertexts,
        )
        return self._trust.sign(CONTRIBUTION_TYPE, said.encoded())

    def _setup(self, order: JobOrder) -> BureauSetup:
        job = order.job
        config = self._config.datasets.get(job.dataset)
        if config is None or config.snapshot != job.snapshot:
            raise BinDeclined(BinWord.DATA)
        noisy = job.mode == "dp"
        place = Place(
            job=job.id,
            lender=order.group,
            dataset=job.dataset,
            snapshot=job.snapshot,
            k=order.plan.terms.minimum_bin,
            price=Price(budget=order.plan.terms.budget, cost=job.cost, now=int(self._trust.now())),
            row_set=order.manifest.row_set,
            draw=partial(discrete_gaussian, order.plan.history_variance) if noisy else None,
        )
        return BureauSetup(
            job=job,
            plan=order.plan,
            context=order.context,
            row_root=order.manifest.row_root,
            kind=IDENTIFIERS,
            data=self._data(job.dataset),
            history=PlacedHistory(self._history, place),
            declared_people=config.declared_people,
            processes=self._config.processes or None,
        )

    def _data(self, dataset: str) -> FrozenPeople:
        if dataset not in self._people:
            config = self._config.datasets[dataset]
            path = self._folder / f"{dataset}-{config.snapshot}.duckdb"
            self._people[dataset] = FrozenPeople(config, self._settings, path)
        return self._people[dataset]

    def _decline(self, link: BinLink, job: str, word: Word | BinWord) -> None:
        _LOG.warning("a binning was declined: %s", word.value)
        try:
            link.decline(job)
        except VeilgateError as error:
            _LOG.warning("declining was not taken: %s %s", error.code.name, error.reason)
