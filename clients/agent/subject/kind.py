"""Questions about one consenting subject (protocol E), on the agent's side.

Owns the checks before READY, in which nobody is looked up: whether this agent knows the subject
changes nothing of what it says until then, nor when it says it. After READY nothing is declined for
a local cause: what cannot be looked up is answered by random numbers, so that the sum does not open
and nobody is named. Contributions leave at whole multiples of a slot after the roster came.

The hash over all boxes in the question is the gateway's to compare, for an agent gets its own box
only; what is in it holds by the commitment to its tag, which the question repeats.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from clients.agent.asked import ContractSource, contract_of
from clients.agent.context import Trust
from clients.agent.encryption import masked_and_encrypted
from clients.agent.errors import Unwilling, Word
from clients.agent.key_proof import require_key
from clients.agent.kinds import Fixed, Progress, Willing
from clients.agent.orders import QuestionOrder
from clients.agent.subject.box_keys import BoxKeys
from clients.agent.subject.tag_limit import TagLimit
from gateway.crypto.elgamal.curve import random_scalar
from gateway.crypto.masks import MaskingKey
from gateway.domain.aggregate.contract import AggregateContract, SubjectTerms
from gateway.domain.aggregate.question import Question, SubjectQuestion, WrongContract
from gateway.domain.aggregate.subject import (
    COMMITMENTS_TYPE,
    MASK_LABEL,
    SubjectFigures,
    TagCommitments,
    require_subject_terms,
    tag_commitment,
    values_of,
)

_LOG: Final = logging.getLogger("veilgate.agent")
SLOT_S: Final = 0.5
Wait = Callable[[float], object]


class Lookup(Protocol):
    """A provider's indexed data of one dataset."""

    def figures(self, snapshot: str, tag: bytes) -> SubjectFigures:
        """Return what is known under a tag as of a snapshot; zeros for nobody."""
        ...


class SubjectKind:
    """Answers questions about a subject from a provider's index."""

    def __init__(
        self,
        trust: Trust,
        lookups: dict[str, Lookup],
        contracts: ContractSource,
        keys: BoxKeys,
        limit: TagLimit,
        wait: Wait = time.sleep,
    ) -> None:
        """Take the indexes by dataset, and what waits for seconds."""
        self._trust = trust
        self._lookups = dict(lookups)
        self._contracts = contracts
        self._keys = keys
        self._limit = limit
        self._wait = wait

    def accept(self, question: Question, order: QuestionOrder) -> Willing:
        """Check everything, and open the box; look up nobody. Raises ``Refused``, ``Unwilling``."""
        asked, trust = _subject(question), self._trust
        group = trust.policy.group_of(asked.asker, trust.institution)
        trust.policy.require_open(asked.dataset, asked.purpose, asked.contract)
        if asked.dataset not in self._lookups:
            raise Unwilling(Word.DATASET)
        contract = contract_of(asked, self._contracts(asked.dataset))
        terms = self._terms(asked, contract)
        self._require_company(contract.contributors, group, contract)
        require_key(asked.key, asked.asker, self._trust.proofs)
        self._require_commitments(asked, order)
        salt, tag = self._keys.opened(order.box, asked.id)
        own = contract.contributors.index(trust.institution)
        if tag_commitment(salt, trust.institution, tag) != asked.tags[own]:
            raise Unwilling(Word.BOX)
        self._limit.count(tag, trust.now(), terms.a_subject_a_day)
        return Willing(contract, group, b"", tuple(tag))

    def require_roster(self, question: Question, willing: Willing, names: tuple[str, ...]) -> None:  # noqa: ARG002
        """Check that all of the contract's contributors are there. Raises ``Unwilling``."""
        if names != willing.contract.contributors:
            raise Unwilling(Word.PEERS)
        self._require_company(names, willing.group, willing.contract)

    def ciphertexts(self, question: Question, contract: AggregateContract, members: int) -> int:  # noqa: ARG002
        """Return how many ciphertexts a contribution has."""
        return 2 + len(_subject_terms(_subject(question), contract).buckets)

    def contribution(self, fixed: Fixed, own: MaskingKey, progress: Progress) -> bytes:
        """Look up, mask, encrypt; returns at a whole multiple of the slot."""
        began = time.monotonic()
        asked = _subject(fixed.question)
        terms = _subject_terms(asked, fixed.contract)
        values = self._values(asked, terms, bytes(fixed.kept))
        key = require_key(asked.key, asked.asker, self._trust.proofs)
        done = masked_and_encrypted(values, key, fixed.roster, own, progress, MASK_LABEL)
        spent = time.monotonic() - began
        self._wait(SLOT_S - spent % SLOT_S)
        return done

    def _values(self, asked: SubjectQuestion, terms: SubjectTerms, tag: bytes) -> list[int]:
        try:
            return list(values_of(self._lookups[asked.dataset].figures(asked.snapshot, tag), terms))
        except Exception as error:  # noqa: BLE001 - whatever it is: to stop here would name this agent
            _LOG.error("round %s: the look-up raised %s", asked.id, type(error).__name__)
            return [random_scalar() for _ in range(2 + len(terms.buckets))]

    def _terms(self, asked: SubjectQuestion, contract: AggregateContract) -> SubjectTerms:
        terms = _subject_terms(asked, contract)
        named = terms.recipients
        open_to = bool(named.roles) or asked.asker in named.institutions
        if asked.purpose not in terms.purposes or not open_to:
            raise Unwilling(Word.TERMS)
        if self._trust.institution not in contract.contributors:
            raise Unwilling(Word.TERMS)
        return terms

    def _require_company(
        self, names: tuple[str, ...], group: str, contract: AggregateContract
    ) -> None:
        policy, own = self._trust.policy, self._trust.institution
        policy.require_company(names, group, own, contract)
        policy.require_unaffiliated(names, group, own)

    def _require_commitments(self, asked: SubjectQuestion, order: QuestionOrder) -> None:
        if order.commitments is None:
            raise Unwilling(Word.COMMITMENTS)
        self._trust.require_gateway(COMMITMENTS_TYPE, order.commitments)
        try:
            said = msgspec.json.decode(order.commitments.payload, type=TagCommitments)
        except (msgspec.MsgspecError, ValueError):
            raise Unwilling(Word.COMMITMENTS) from None
        same = (said.asker, said.dataset, said.snapshot, said.consent, said.tags) == (
            *(asked.asker, asked.dataset, asked.snapshot, asked.consent, asked.tags),
        )
        if not same or said.expires_at <= self._trust.now():
            raise Unwilling(Word.COMMITMENTS)


def _subject(question: Question) -> SubjectQuestion:
    if not isinstance(question, SubjectQuestion):
        raise Unwilling(Word.KIND)
    return question


def _subject_terms(asked: SubjectQuestion, contract: AggregateContract) -> SubjectTerms:
    try:
        return require_subject_terms(asked, contract)
    except WrongContract:
        raise Unwilling(Word.TERMS) from None
