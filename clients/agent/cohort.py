"""Questions about a cohort (protocol H), on the agent's side.

Owns tying the checks, the data and the encryption together. Refuses what any of them refuses; what
the data's side says of it stays with the data's side.
"""

from __future__ import annotations

import logging
from typing import Final

from clients.agent.asked import ContractSource, plan_of, require_cohort
from clients.agent.context import Trust
from clients.agent.data.api import CohortData, Declined
from clients.agent.encryption import encrypted
from clients.agent.errors import Unwilling, Word
from clients.agent.key_proof import require_key
from clients.agent.kinds import Fixed, Progress, Willing
from clients.agent.orders import QuestionOrder
from gateway.crypto.masks import MaskingKey
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.packing_plan import Layout, layout_of
from gateway.domain.aggregate.question import CohortQuestion, Question, WrongContract

_LOG: Final = logging.getLogger("veilgate.agent")
MASK_LABEL: Final = "cohort"


class CohortKind:
    """Answers cohort questions from a provider's data."""

    def __init__(self, trust: Trust, data: CohortData, contracts: ContractSource) -> None:
        """Take the provider's data and where contracts are fetched from."""
        self._trust = trust
        self._data = data
        self._contracts = contracts

    def accept(self, question: Question, order: QuestionOrder) -> Willing:  # noqa: ARG002
        """Check everything, then evaluate. Raises ``Unwilling``."""
        asked = require_cohort(self._trust, question, self._contracts)
        _layout(asked.question, asked.contract, len(asked.contract.contributors))
        try:
            prepared = self._data.prepare(asked.question, asked.contract, asked.plan, asked.group)
        except Declined as declined:
            _LOG.warning("round %s: the data declined: %s", question.id, declined.word.value)
            raise Unwilling(Word.DATA) from None
        return Willing(asked.contract, asked.group, prepared.content, prepared.values)

    def require_roster(self, question: Question, willing: Willing, names: tuple[str, ...]) -> None:
        """Check the company, and that like questions have like rosters. Raises ``Unwilling``."""
        trust = self._trust
        trust.policy.require_company(names, willing.group, trust.institution, willing.contract)
        _layout(_cohort(question), willing.contract, len(names))
        try:
            self._data.settle(willing.content, names)
        except Declined as declined:
            _LOG.warning("round %s: the data declined: %s", question.id, declined.word.value)
            raise Unwilling(Word.DATA) from None

    def ciphertexts(self, question: Question, contract: AggregateContract, members: int) -> int:
        """Return how many ciphertexts a contribution has."""
        return _layout(_cohort(question), contract, members).ciphertexts

    def contribution(self, fixed: Fixed, own: MaskingKey, progress: Progress) -> bytes:
        """Return the masked and encrypted values."""
        question = _cohort(fixed.question)
        layout = _layout(question, fixed.contract, len(fixed.roster.members))
        key = require_key(question.key, question.asker, self._trust.proofs)
        return encrypted(fixed.kept, layout, key, fixed.roster, own, progress, MASK_LABEL)


def _cohort(question: Question) -> CohortQuestion:
    if not isinstance(question, CohortQuestion):
        raise Unwilling(Word.KIND)
    return question


def _layout(question: CohortQuestion, contract: AggregateContract, members: int) -> Layout:
    try:
        return layout_of(plan_of(question, contract), question.key, members)
    except WrongContract:
        raise Unwilling(Word.TERMS) from None
