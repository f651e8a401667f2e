"""Cohort questions answered from frozen snapshots: the agent's ``CohortData``.

Owns the order: what was answered is answered again, then the budget, the evaluation, suppression,
overlap control, noise, and all of it stored in one transaction before anything is returned. Calls
take turns, so that of many callers for the last of a budget one wins. Refuses by one word.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Self

from clients.agent.data.api import DataWord, Declined, Prepared
from clients.agent.data.cohorts import keys_of
from clients.agent.data.config import DataConfig, DatasetConfig
from clients.agent.data.errors import DataError
from clients.agent.data.evaluation import Evaluated, UnknownDomain, evaluate
from clients.agent.data.freezing import Report
from clients.agent.data.mirror import Charged, account_of
from clients.agent.data.noisy import answered_cells, with_noise
from clients.agent.data.overlap import Cohort, Population, bitmap_of, require_apart
from clients.agent.data.snapshot import Snapshot, open_snapshot
from clients.agent.data.store import Place, Store, Transaction
from gateway.crypto.discrete_gaussian import Chance, SystemChance, discrete_gaussian
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.plan import CohortPlan
from gateway.domain.aggregate.question import CohortQuestion
from gateway.domain.privacy.errors import OverlapRefused, PrivacyError

_CONTENT = b"veilgate/agent-content/v1|"


def content_of(recipient_group: str, question: CohortQuestion) -> bytes:
    """Return the 32 bytes that name a recipient group and a cohort question."""
    group = sha256(recipient_group.encode()).digest()
    return sha256(_CONTENT + group + sha256(question.cohort()).digest()).digest()


class FrozenData:
    """Snapshots and answers below one folder, which belongs to one agent alone."""

    def __init__(
        self,
        config: DataConfig,
        folder: Path,
        *,
        clock: Callable[[], float] = time.time,
        chance: Chance | None = None,
    ) -> None:
        """Open the answers; snapshots are opened or made when they are first needed.

        ``clock`` gives Unix seconds; only tests pass a ``chance``.

        Raises:
            DataError: the folder or the file of the answers cannot be used.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            raise DataError("the agent's folder cannot be made") from None
        self._config, self._folder = config, folder
        self._clock, self._chance = clock, chance or SystemChance()
        self._store = Store(folder / "answers.db")
        self._snapshots: dict[str, Snapshot] = {}
        self._opening = Lock()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the answers."""
        self.close()

    def close(self) -> None:
        """Close the answers."""
        self._store.close()

    def freeze(self, contract: AggregateContract) -> Report:
        """Make or open the snapshot of a contract's dataset, and return what its source held.

        Raises:
            DataError: it cannot be made, is another one's, or the dataset is not configured.
        """
        config = self._config.datasets.get(contract.dataset)
        if config is None:
            raise DataError("the dataset is not in the settings")
        if config.snapshot != contract.snapshot:
            raise DataError("the contract is about another snapshot than the settings")
        return self._snapshot(contract).report

    def prepare(
        self,
        question: CohortQuestion,
        contract: AggregateContract,
        plan: CohortPlan,
        recipient_group: str,
    ) -> Prepared:
        """Answer, as ``CohortData.prepare`` says."""
        content = content_of(recipient_group, question)
        config = self._held(question, contract, plan)
        place = Place(recipient_group, question.dataset, question.snapshot)
        try:
            with self._store.transaction() as transaction:
                stored = transaction.answer(content)
                if stored is None:
                    charged = self._affordable(transaction, config, contract, place, question.cost)
                    values = self._made(transaction, contract, plan, content, place)
                    answered = values is not None
                    after = charged.account.charge if answered else charged.account.refuse
                    charged.put(transaction, after(question.cost))
                    transaction.keep(content, place, values)
                else:
                    values = stored.values
        except DataError:
            raise Declined(DataWord.SOURCE) from None
        if values is None:
            raise Declined(DataWord.OVERLAP)
        return Prepared(values, content)

    def settle(self, content: bytes, roster: tuple[str, ...]) -> None:
        """Bind a content to its contributors, as ``CohortData.settle`` says."""
        members = tuple(sorted(roster))
        try:
            with self._store.transaction() as transaction:
                stored = transaction.answer(content)
                if stored is None or stored.values is None:
                    raise Declined(DataWord.UNKNOWN)
                if transaction.rosters_near(content) - {members}:
                    raise Declined(DataWord.ROSTER)
                transaction.bind(content, members)
        except DataError:
            raise Declined(DataWord.SOURCE) from None

    def _held(
        self, question: CohortQuestion, contract: AggregateContract, plan: CohortPlan
    ) -> DatasetConfig:
        config = self._config.datasets.get(question.dataset)
        if config is None or config.snapshot != question.snapshot:
            raise Declined(DataWord.DATASET)
        fits = question.contract == contract.digest and question.dataset == contract.dataset
        if not fits or question.share_variance != plan.noise.share_variance:
            raise Declined(DataWord.CONTRACT)
        return config

    def _affordable(
        self,
        transaction: Transaction,
        config: DatasetConfig,
        contract: AggregateContract,
        place: Place,
        cost: int,
    ) -> Charged:
        if contract.cohort is None:
            raise Declined(DataWord.CONTRACT)
        budget, now = contract.cohort.budget, int(self._clock())
        try:
            charged = account_of(
                transaction, place.recipient, place.dataset, budget, config.allowance, now
            )
            charged.account.charge(cost)
        except PrivacyError:
            raise Declined(DataWord.BUDGET) from None
        return charged

    def _made(
        self,
        transaction: Transaction,
        contract: AggregateContract,
        plan: CohortPlan,
        content: bytes,
        place: Place,
    ) -> tuple[int, ...] | None:
        """Return the values, their cohorts kept; None where overlap control refuses."""
        snapshot = self._snapshot(contract)
        try:
            evaluated = evaluate(snapshot, plan.shape)
        except UnknownDomain:
            raise Declined(DataWord.CONTRACT) from None
        try:
            cells = answered_cells(evaluated, plan, snapshot.people, snapshot.many, self._chance)
            cohorts = _cohorts(evaluated, plan, cells, snapshot.many)
            self._require_apart(transaction, place, cohorts, plan, snapshot)
        except OverlapRefused:
            return None
        for cohort in cohorts:
            transaction.keep_cohort(content, place, cohort)
        return with_noise(evaluated, plan, cells, self._chance)

    def _require_apart(
        self,
        transaction: Transaction,
        place: Place,
        cohorts: list[Cohort],
        plan: CohortPlan,
        snapshot: Snapshot,
    ) -> None:
        stored = [one for one in transaction.cohorts(place) if not one.key.everybody]
        known = {one.key for one in stored}
        new = [one for one in cohorts if one.key not in known and not one.key.everybody]
        if new:
            draw = discrete_gaussian(plan.counter_variance, self._chance)
            population = Population(snapshot.people, snapshot.domain_sizes, snapshot.many)
            require_apart(stored, new, population, plan.shape.terms.minimum_cohort - draw)

    def _snapshot(self, contract: AggregateContract) -> Snapshot:
        """Open or make a snapshot, once."""
        with self._opening:
            found = self._snapshots.get(contract.dataset)
            if found is None:
                dimensions = contract.cohort.dimensions if contract.cohort is not None else ()
                found = open_snapshot(contract.dataset, self._config, dimensions, self._folder)
                self._snapshots[contract.dataset] = found
            return found


def _cohorts(
    evaluated: Evaluated, plan: CohortPlan, cells: tuple[int, ...], many: bool
) -> list[Cohort]:
    """Return the answered cells as cohorts, without those that are empty by their filter."""
    keys = list(keys_of(plan.shape, many))
    return [
        Cohort(keys[place], bitmap_of(evaluated.cohorts[place]))
        for place in cells
        if not keys[place].nobody
    ]
