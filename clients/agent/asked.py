"""Whether a question may be answered: everything that an agent looks at before it says READY.

Owns the order of the checks, cheapest first, and the question as it came through them. Refuses a
question whose signature, signer, time, contract, plan or key does not hold by the agent's own
reckoning, and one that its provider's policy does not let through. Data is not looked at here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from clients.agent.context import KEYHOLDER, Trust
from clients.agent.errors import Refused, Unwilling, Word
from clients.agent.key_proof import require_key
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.contract import AggregateContract, read_contract
from gateway.domain.aggregate.plan import CohortPlan, require_plan
from gateway.domain.aggregate.question import (
    CohortQuestion,
    Question,
    WrongContract,
    read_question,
    require_contract,
)
from gateway.domain.aggregate.statements import QUESTION_TYPE
from gateway.domain.privacy.errors import BoundsRefused

CLOCK_SKEW_S = 120
ContractSource = Callable[[str], bytes]
"""Dataset to its contract's fixed form, from wherever: what counts is its digest."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A cohort question that went through every check."""

    question: CohortQuestion
    contract: AggregateContract
    plan: CohortPlan
    group: str
    """The asker's legal group."""


def signed_question(trust: Trust, statement: SignedStatement) -> Question:
    """Read a question that its asker's keyholder signed.

    Raises:
        Refused: MALFORMED, SIGNATURE or SIGNER.
    """
    signer = trust.signer(QUESTION_TYPE, statement, KEYHOLDER)
    try:
        question = read_question(statement.payload)
    except (msgspec.MsgspecError, ValueError):
        raise Refused(Word.MALFORMED) from None
    if question.asker != signer:
        raise Refused(Word.SIGNER)
    return question


def require_time(question: Question, now: float) -> None:
    """Check that a question is neither of the past nor of the future; raises ``Unwilling``."""
    if not question.issued_at - CLOCK_SKEW_S <= now < question.expires_at:
        raise Unwilling(Word.EXPIRED)


def require_cohort(trust: Trust, question: Question, contracts: ContractSource) -> Asked:
    """Check a signed question about a cohort against contract, plan, key and local policy.

    Raises:
        Unwilling: with the word of the first check that fails.
    """
    if not isinstance(question, CohortQuestion):
        raise Unwilling(Word.KIND)
    require_time(question, trust.now())
    policy = trust.policy
    group = policy.group_of(question.asker, trust.institution)
    policy.require_open(question.dataset, question.purpose, question.contract)
    policy.require_cost(question.cost)
    contract = contract_of(question, contracts(question.dataset))
    _require_terms(trust, question, contract)
    policy.require_company(contract.contributors, group, trust.institution, contract)
    plan = plan_of(question, contract)
    require_key(question.key, question.asker, trust.proofs)
    return Asked(question, contract, plan, group)


def contract_of(question: Question, encoded: bytes) -> AggregateContract:
    """Return the contract that a question names by its digest; raises ``Unwilling``."""
    if sha256(encoded).hexdigest() != question.contract:
        raise Unwilling(Word.CONTRACT)
    try:
        contract = read_contract(encoded)
        require_contract(question, contract)
    except (msgspec.MsgspecError, ValueError):
        raise Unwilling(Word.CONTRACT) from None
    return contract


def plan_of(question: CohortQuestion, contract: AggregateContract) -> CohortPlan:
    """Return the plan that the agent itself comes to; raises ``Unwilling`` for another."""
    try:
        return require_plan(question, contract)
    except (WrongContract, BoundsRefused):
        raise Unwilling(Word.TERMS) from None


def _require_terms(trust: Trust, question: CohortQuestion, contract: AggregateContract) -> None:
    terms = contract.cohort
    if terms is None or question.purpose not in terms.purposes:
        raise Unwilling(Word.TERMS)
    # Which roles an asker has is the gateway's to check: that it is pinned here was checked before.
    named = terms.recipients.institutions
    if not terms.recipients.roles and question.asker not in named:
        raise Unwilling(Word.TERMS)
    if trust.institution not in contract.contributors:
        raise Unwilling(Word.TERMS)
    trust.policy.require_terms(contract)
