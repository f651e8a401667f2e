"""Answering lenders' jobs over the gateway's stream.

Owns a job's way from the order to the end of its stream, its log, and the data that is opened once.
Refuses without a word of why: the stream ends, the gateway is told that this bureau declines, and
what was wrong stands in the own log as one fixed word.
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
from clients.agent.binning.answer import BinAnswer
from clients.agent.binning.bureau import Bureau
from clients.agent.binning.data import BinningConfig, FrozenPeople
from clients.agent.binning.errors import BinDeclined, BinWord
from clients.agent.binning.history import Place, PlacedHistory, RowSets
from clients.agent.binning.order import JobOrder, lender_channel, require_job
from clients.agent.binning.setup import BureauSetup
from clients.agent.context import Trust
from clients.agent.data.config import DataConfig
from clients.agent.errors import Refused, Unwilling, Word
from clients.agent.messages import read_statement, written
from clients.sdk.errors import VeilgateError
from gateway.crypto.discrete_gaussian import discrete_gaussian
from gateway.crypto.sealed_channel import ChannelError, ChannelKey
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
        key, out = ChannelKey.generate(), _Out()
        out.put(pb.AnswerBinRequest(channel=self._channel(order, key)))
        bureau: Bureau | None = None
        # Kept under a name: the stream must not end before it is known why.
        updates = link.answer_bin(iter(out.get, None))
        try:
            for update in updates:
                part = update.WhichOneof("part")
                if part == "channel" and bureau is None:
                    other = lender_channel(self._trust, order, read_statement(update.channel))
                    bureau = Bureau(setup, key.open(other, order.context, first=False))
                elif part == "bindings" and bureau is not None:
                    bureau.bind(update.bindings)
                elif part == "sealed" and bureau is not None:
                    self._receive(order, bureau, update.sealed, out)
                elif part in ("result", "void"):
                    _LOG.info("a binning ended: %s", part)
                    return
                else:
                    raise BinDeclined(BinWord.TALK)
        except ChannelError:
            # A key of low order, or this bureau's own.
            self._decline(link, order.job.id, BinWord.TALK)
        except (BinDeclined, Refused) as no:
            # Told before the stream ends, so that it counts as declined and not as lost.
            self._decline(link, order.job.id, no.word)
        finally:
            out.put(None)

    def _channel(self, order: JobOrder, key: ChannelKey) -> pb.SignedStatement:
        said = ChannelStatement(
            job=order.job.id,
            question=order.digest,
            contributor=self._trust.institution,
            channel_key=key.public_key().hex(),
        )
        return written(self._trust.sign(CHANNEL_TYPE, said.encoded()))

    def _receive(self, order: JobOrder, bureau: Bureau, sealed: bytes, out: _Out) -> None:
        for part in bureau.receive(sealed):
            out.put(pb.AnswerBinRequest(sealed=part))
        if bureau.complete:
            self._answer(order, bureau, out)

    def _answer(self, order: JobOrder, bureau: Bureau, out: _Out) -> None:
        answered = bureau.answer()
        for request in self._contributed(order, answered):
            out.put(request)
        for part in bureau.seal_counts(answered):
            out.put(pb.AnswerBinRequest(sealed=part))
        out.put(None)

    def _contributed(self, order: JobOrder, answered: BinAnswer) -> Iterator[pb.AnswerBinRequest]:
        content = answered.ciphertexts
        said = Contribution(
            round=order.job.id,
            roster=order.manifest_digest,
            contributor=self._trust.institution,
            ciphertexts=len(content) // LABEL,
            digest=answered.counts.ciphertexts,
        )
        signed = self._trust.sign(CONTRIBUTION_TYPE, said.encoded())
        yield pb.AnswerBinRequest(contribution=written(signed))
        for at in range(0, len(content), _PART):
            yield pb.AnswerBinRequest(ciphertexts=content[at : at + _PART])

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
