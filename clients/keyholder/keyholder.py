"""A keyholder at work: from a wish to figures, step by step.

Owns the order of the steps and nothing of their content: a question is stored before it is sent, a
key is unsealed before a round is spent, a result is checked before it is opened. Refuses a gateway
whose round key is not the pinned one, before anything is asked or charged.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Final

from clients.keyholder.answers import CohortAnswer
from clients.keyholder.calls import ContractView, KeyholderClient, Received, Stage
from clients.keyholder.errors import KeyholderError, ResultRefused, Wrong
from clients.keyholder.evidence import keep_evidence
from clients.keyholder.figures import answer_of
from clients.keyholder.history import forget_old
from clients.keyholder.identity import Identity
from clients.keyholder.keys.held_key import key_id, make_key
from clients.keyholder.keys.key_store import KeyHead, KeyStore, Registration
from clients.keyholder.keys.sealing import AskSecret, Secret
from clients.keyholder.opening import VerifiedResult, open_result, verify_result
from clients.keyholder.planner import CohortDraft, contract_of, draft
from clients.keyholder.rounds import OpenQuestion, RoundStore, open_question
from clients.keyholder.wanted import Wanted
from clients.sdk.errors import VeilgateError
from clients.sdk.failure import AnswerError
from clients.sdk.reasons import ErrorReason
from gateway.crypto.elgamal.baby_steps import prepare
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import MAX_LIFE_S, Scheme
from gateway.domain.aggregate.statements import QUESTION_TYPE

ENDING: Final = frozenset({ErrorReason.AGGREGATE_REFUSED, ErrorReason.ROUND_VOID})
"""Refusals after which a round gives no result, however often it is asked for."""
OnStage = Callable[[Stage], None]


class Keyholder:
    """One institution's keyholder and its connection to a gateway."""

    def __init__(
        self,
        identity: Identity,
        client: KeyholderClient,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._identity = identity
        self._client = client
        self._clock = clock
        self.keys = keys_of(identity.folder)
        self.rounds = rounds_of(identity.folder)

    def contract(self, dataset: str) -> tuple[AggregateContract, ContractView]:
        """Return a dataset's contract, read, and what came with it.

        Raises:
            VeilgateError: the gateway refuses.
            KeyholderError: the contract cannot be read, or the gateway's key is not the pinned one.
        """
        return pinned_contract(self._client, self._identity, dataset)

    def draft(self, wanted: Wanted, contract: AggregateContract) -> CohortDraft:
        """Plan what is wanted; raises ``KeyholderError`` where the contract does not let it be."""
        return draft(wanted, contract, self._identity.institution)

    def make_key(self, scheme: Scheme, secret: Secret) -> KeyHead:
        """Make, seal and store a key; it is not registered yet."""
        institution = self._identity.institution
        key = make_key(scheme, institution)
        return self.keys.add(key, institution, int(self._clock()), secret)

    def register(self, head: KeyHead) -> Registration:
        """Register a key at the gateway, and note it.

        Raises:
            AnswerError: the gateway registered something else.
        """
        registration = self._client.register(head.public)
        if registration.key != head.id:
            raise AnswerError("names another key than the one that was sent")
        self.keys.note_registration(registration)
        return registration

    def sign(self, draft: CohortDraft, head: KeyHead, life_s: int = MAX_LIFE_S) -> OpenQuestion:
        """Sign a planned question and store it: from here on it may be sent, and sent again.

        Figures of earlier ones that have been kept long enough are deleted.
        """
        now = int(self._clock())
        forget_old(self._identity.folder, now)
        question = draft.question(self._identity.institution, head.public, now, life_s)
        statement = self._identity.signer.sign(QUESTION_TYPE, question.encoded())
        opened = open_question(statement, draft.wanted, draft.contract)
        self.rounds.add(opened)
        return opened

    def ask(self, opened: OpenQuestion, on_stage: OnStage) -> VerifiedResult:
        """Send a stored question, wait for its result, and check that.

        Raises:
            VeilgateError: the gateway refuses, or the connection broke: ask again to go on.
            ResultRefused: what came is not a result of this question, or the round is over. What
                came is kept as evidence.
        """
        self.rounds.require_open(opened.id)
        left = opened.question.expires_at - self._clock()
        if left <= 0:
            raise ResultRefused(Wrong.EXPIRED, "the question's time is over")
        if opened.question.key.scheme == "elgamal":
            # Half a second of work that opening needs, done while others make the answer.
            span, values = opened.plan.span, opened.plan.shape.length
            Thread(target=prepare, args=(-span, span, values), daemon=True).start()
        try:
            updates = self._client.ask(opened.statement, opened.most_bytes, left)
            received = last_of(updates, on_stage)
        except VeilgateError as error:
            if error.reason in ENDING:
                self.rounds.end(opened.id, str(error.reason))
            raise
        trusted, now = self._identity.trusted, int(self._clock())
        try:
            return verify_result(opened, received, trusted, now)
        except ResultRefused as refused:
            question, contract = opened.statement.payload, opened.contract.encoded()
            folder = self._identity.folder
            keep_evidence(folder, refused.wrong, question, contract, received)
            raise

    def open(self, verified: VerifiedResult, secret: AskSecret) -> CohortAnswer:
        """Open a checked result with the question's key, once, and keep its figures.

        Raises:
            KeyholderError: the key does not open; nothing is spent then.
            ResultRefused: see ``open_result``.
        """
        held = self.keys.open(key_id(verified.opened.question.key), secret)
        answer = answer_of(open_result(verified, held, self.rounds))
        self.rounds.keep_answer(answer.id, answer.encoded())
        return answer


def pinned_contract(
    client: KeyholderClient, identity: Identity, dataset: str
) -> tuple[AggregateContract, ContractView]:
    """As ``Keyholder.contract``."""
    view = client.contract(dataset)
    if view.round_key != identity.trusted.round_key.raw:
        raise KeyholderError(
            "the gateway's round key is not the pinned one",
            "Ask the operator, out of band, whether it was changed; else do not ask here.",
        )
    return contract_of(view.contract, dataset), view


def keys_of(folder: Path) -> KeyStore:
    """Return the keys in a keyholder's folder."""
    return KeyStore(folder / "keys")


def rounds_of(folder: Path) -> RoundStore:
    """Return the questions in a keyholder's folder."""
    return RoundStore(folder / "rounds")


def last_of(updates: Iterator[Stage | Received], on_stage: OnStage) -> Received:
    """Return the result at a stream's end; stages are told as they come."""
    for update in updates:
        if isinstance(update, Received):
            return update
        on_stage(update)
    raise AnswerError("ends without a result")
