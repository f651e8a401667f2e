"""From what is wanted to a question that can be signed.

Owns the draft: the question's shape, noise and scheme, as agents and gateway will compute them from
the same contract. Refuses what the contract does not list before anybody is asked; it reads no data
and draws no noise, so a draft costs nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

import msgspec

from clients.keyholder.errors import KeyholderError
from clients.keyholder.wanted import Wanted
from gateway.domain.aggregate.contract import AggregateContract, read_contract
from gateway.domain.aggregate.plan import CohortPlan, plan_cohort, require_plan, shape_of
from gateway.domain.aggregate.question import (
    MAX_LIFE_S,
    AskerKey,
    CohortQuestion,
    WrongContract,
    read_question,
)
from gateway.domain.privacy.errors import PrivacyError

# The shape of a question does not hang on its key.
_NO_KEY: Final = AskerKey(scheme="elgamal", key="00", proof="00")
_NEXT: Final = "See what may be asked: veilgate aggregate contract"


@dataclass(frozen=True, slots=True)
class CohortDraft:
    """A planned question, still without key, id and time."""

    wanted: Wanted
    contract: AggregateContract
    plan: CohortPlan

    def question(
        self, asker: str, key: AskerKey, now: int, life_s: int = MAX_LIFE_S
    ) -> CohortQuestion:
        """Return the question for a key, with a fresh id, and the plan checked against it.

        Raises:
            KeyholderError: the key is of another scheme than the plan's.
        """
        question = msgspec.structs.replace(
            _sketch(self.wanted, self.contract, asker),
            id=secrets.token_hex(16),
            key=key,
            issued_at=now,
            expires_at=now + life_s,
            share_variance=self.plan.noise.share_variance,
        )
        try:
            require_plan(question, self.contract)
        except WrongContract as error:
            raise KeyholderError(f"the question does not fit: {error}", _NEXT) from None
        return question


def contract_of(encoded: bytes, dataset: str) -> AggregateContract:
    """Read a contract as the gateway sent it.

    Raises:
        KeyholderError: it is none, or another dataset's.
    """
    try:
        contract = read_contract(encoded)
    except ValueError:
        raise KeyholderError("the gateway's contract cannot be read", "Ask its operator.") from None
    if contract.dataset != dataset:
        raise KeyholderError(
            "the gateway sent the contract of another dataset", "Ask its operator."
        )
    return contract


def draft(wanted: Wanted, contract: AggregateContract, asker: str) -> CohortDraft:
    """Plan what is wanted.

    Raises:
        KeyholderError: the contract does not let it be asked, or the cost is too small or large.
    """
    terms = contract.cohort
    if terms is None:
        raise KeyholderError("the dataset answers no questions about cohorts", _NEXT)
    if wanted.purpose not in terms.purposes:
        raise KeyholderError(
            "the contract does not know that purpose", f"Give one of {', '.join(terms.purposes)}."
        )
    try:
        shape = shape_of(_sketch(wanted, contract, asker), contract)
        return CohortDraft(wanted, contract, plan_cohort(shape, contract, wanted.cost))
    except WrongContract as error:
        raise KeyholderError(f"the contract does not let that be asked: {error}", _NEXT) from None
    except PrivacyError:
        raise KeyholderError(
            "the cost is too small for so many figures", "Ask for fewer groups, or pay more."
        ) from None


def _sketch(wanted: Wanted, contract: AggregateContract, asker: str) -> CohortQuestion:
    try:
        sketch = CohortQuestion(
            id="0" * 32,
            asker=asker,
            dataset=wanted.dataset,
            snapshot=contract.snapshot,
            contract=contract.digest,
            purpose=wanted.purpose,
            key=_NO_KEY,
            issued_at=1_700_000_000,
            expires_at=1_700_000_001,
            where=wanted.where,
            group_by=wanted.group_by,
            sums=wanted.sums,
            squares=wanted.squares,
            histograms=wanted.histograms,
            cost=wanted.cost,
            share_variance=1,
        )
        # Forms and lengths are checked where a question is read.
        read_question(sketch.encoded())
    except ValueError as error:
        raise KeyholderError(f"that is no question: {error}", _NEXT) from None
    return sketch
