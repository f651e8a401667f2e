"""The rules, each on its own: what a file proves, and of whom.

Owns the chains of hashes. A conviction of the gateway rests on statements under its pinned key, and
on bytes that these name by their hash; one of a member on its own statement, under the network's
anchors, at the time that the gateway's result names. Refuses to take anything else from a file: so
whoever alters it, or writes one anew, convicts nobody that did not sign for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

import msgspec

from clients.agent.context import AGENT
from clients.agent.errors import Refused
from clients.agent.judge.file import EvidenceFile, Resulted, Shown
from clients.agent.judge.verdict import GATEWAY, Finding, Remark, Rule
from clients.agent.outcome.combination import Claim, combined, require_combination
from clients.agent.outcome.results import RELEASED
from clients.sdk.logs.verification import VerificationError, checked_event
from clients.sdk.models.common import InclusionProof
from gateway.crypto.dsse import pae
from gateway.crypto.ed25519 import PublicKey
from gateway.crypto.errors import CryptoError
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.statement import Anchors, SignedStatement
from gateway.domain.aggregate.contract import AggregateContract, read_contract
from gateway.domain.aggregate.question import (
    CohortQuestion,
    Question,
    Statement,
    SubjectQuestion,
    read_question,
)
from gateway.domain.aggregate.statements import (
    CONTRIBUTION_TYPE,
    Contribution,
    Result,
    Roster,
    combination_context,
    digest_of,
)

S = TypeVar("S", bound=Statement)
Found = Iterator[Finding | Remark]


@dataclass(frozen=True, slots=True)
class Keys:
    """What a judge goes by, got out of band: anchors of members, the gateway's keys."""

    anchors: Anchors
    round_key: PublicKey
    log_key: VerifierKey | None = None

    def gateway(self, kind: str, statement: SignedStatement, form: type[S]) -> S | None:
        """Return what the gateway signed; None where it did not."""
        if statement.chain:
            return None
        try:
            self.round_key.verify(statement.signature, pae(kind, statement.payload))
            return msgspec.json.decode(statement.payload, type=form)
        except (CryptoError, msgspec.MsgspecError, ValueError):
            return None

    def member(self, statement: SignedStatement, at: int) -> Contribution | None:
        """Return what a member's agent signed for itself, by a certificate of that time."""
        try:
            signer = self.anchors.verify(CONTRIBUTION_TYPE, statement, at)
            said = msgspec.json.decode(statement.payload, type=Contribution)
        except (CryptoError, msgspec.MsgspecError, ValueError):
            return None
        own = (signer.workload, signer.institution) == (AGENT, said.contributor)
        return said if own else None


def question_of(encoded: bytes, digest: str) -> CohortQuestion | SubjectQuestion | None:
    """Return the question of a digest, where a round has a roster; None for any other bytes."""
    if digest_of(encoded) != digest:
        return None
    try:
        question: Question = read_question(encoded)
    except (msgspec.MsgspecError, ValueError):
        return None
    return question if isinstance(question, CohortQuestion | SubjectQuestion) else None


def roster_terms(file: EvidenceFile, roster: Roster) -> Found:
    """Judge a roster's members by the contract that its question names."""
    question = question_of(file.question, roster.question)
    if question is None:
        yield Remark.OTHER_QUESTION
        return
    contract = _contract(file.contract, question.contract)
    if contract is None:
        # Files of results do not have it: then there is nothing to say of it.
        if file.contract:
            yield Remark.OTHER_CONTRACT
        return
    names = {one.contributor for one in roster.members}
    too_few = len(names) < contract.minimum_contributors
    if question.id == roster.round and (too_few or not names <= set(contract.contributors)):
        yield Finding(GATEWAY, Rule.ROSTER_TERMS, roster.round)


def release(keys: Keys, result: Result, resulted: Resulted) -> Found:
    """Judge a result by the entry that the log has at the place that the result names."""
    if keys.log_key is None:
        yield Remark.NO_LOG_KEY
        return
    proof = InclusionProof(
        result.log_index, 0, resulted.inclusion, resulted.event, resulted.checkpoint
    )
    try:
        says = checked_event(proof, keys.log_key).says
    except (VerificationError, ValueError):
        yield Remark.NOT_IN_LOG
        return
    wanted = {
        "kind": RELEASED,
        "round": result.round,
        "request": result.question,
        "roster": result.roster,
        "contributions": result.contributions,
        "result": result.digest,
    }
    if {name: says.get(name) for name in wanted} != wanted:
        yield Finding(GATEWAY, Rule.OTHER_RELEASE, result.round)


def combination(
    keys: Keys, file: EvidenceFile, roster: Roster, result: Result, proof: bytes
) -> Found:
    """Judge contributions and the product that the gateway signed of them."""
    question = question_of(file.question, result.question)
    if question is None or (question.id, roster.question) != (result.round, result.question):
        yield Remark.OTHER_QUESTION
        return
    if file.shown is None:
        yield Remark.NOT_SHOWN
        return
    ordered = _signed_for(roster, result, file.shown)
    if ordered is None:
        yield Remark.NOT_SIGNED_FOR
        return
    invalid = [
        (statement, said)
        for statement, said, content in ordered
        if not _valid(question, said, content)
    ]
    for statement, said in invalid:
        if keys.member(statement, result.released_at) == said:
            yield Finding(said.contributor, Rule.INVALID_CIPHERTEXTS, result.round)
    if invalid:
        return
    if any(said.ciphertexts != result.ciphertexts for _, said, _ in ordered):
        yield Finding(GATEWAY, Rule.FALSE_COMBINATION, result.round)
        return
    whole = (sha256(file.shown.released).hexdigest(), sha256(proof).hexdigest())
    if whole != (result.digest, result.proof) or not proof_is_named(file):
        yield Remark.NOT_SIGNED_FOR
        return
    yield from _product(question, result, [one for _, _, one in ordered], file.shown, proof)


def proof_is_named(file: EvidenceFile) -> bool:
    """Return whether the result names a proof itself: releases before there were any do not."""
    return file.result is not None and b'"proof":' in file.result.result.payload


def _product(
    question: CohortQuestion | SubjectQuestion,
    result: Result,
    sent: list[bytes],
    shown: Shown,
    proof: bytes,
) -> Found:
    named = (result.round, result.question, result.roster, result.contributions)
    context = combination_context(*named)
    claim = Claim(question.key, result.ciphertexts, context, sent, shown.released)
    try:
        combined(question.key, sent, result.ciphertexts)
    except Refused:
        # Each is valid, and their sum is infinity: it cannot be told who meant that.
        yield Remark.NOT_SIGNED_FOR
        return
    try:
        require_combination(claim, proof)
    except Refused:
        yield Finding(GATEWAY, Rule.FALSE_COMBINATION, result.round)


def _signed_for(
    roster: Roster, result: Result, shown: Shown
) -> list[tuple[SignedStatement, Contribution, bytes]] | None:
    """Return the contributions in the roster's order, if it is these that the result is over."""
    found: dict[str, tuple[SignedStatement, Contribution, bytes]] = {}
    for statement, content in shown.contributions:
        try:
            said = msgspec.json.decode(statement.payload, type=Contribution)
        except (msgspec.MsgspecError, ValueError):
            return None
        of_this = (said.round, said.roster) == (result.round, result.roster)
        if not of_this or said.digest != sha256(content).hexdigest():
            return None
        found[said.contributor] = (statement, said, content)
    names = [one.contributor for one in roster.members]
    if sorted(found) != names or len(shown.contributions) != len(names):
        return None
    ordered = [found[name] for name in names]
    root = CompactRange().extend([leaf_hash(one.payload) for one, _, _ in ordered]).root()
    return ordered if root.hex() == result.contributions else None


def _valid(question: CohortQuestion | SubjectQuestion, said: Contribution, content: bytes) -> bool:
    """By its own number: what the gateway says of it must not make it invalid."""
    try:
        combined(question.key, [content], said.ciphertexts)
    except Refused:
        return False
    return True


def _contract(encoded: bytes, digest: str) -> AggregateContract | None:
    if sha256(encoded).hexdigest() != digest:
        return None
    try:
        return read_contract(encoded)
    except (msgspec.MsgspecError, ValueError):
        return None
