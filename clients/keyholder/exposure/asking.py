"""An asker at work on questions about one subject: from a wish to an answer, step by step.

Owns the order of the steps: what the gateway prepared is checked before anything is sealed, the key
is made for one question and registered, the question is stored before it is sent, the result is
checked before it is opened, and the key is destroyed once it was. There is one answer a consent and
snapshot: asked again, the kept one is shown, if the consent still stands. Refuses to take the
gateway's word for whose the tags are where the key of references is pinned.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

import grpc

from clients.keyholder.errors import ResultRefused, Wrong
from clients.keyholder.evidence import keep_evidence
from clients.keyholder.exposure.answer import ExposureAnswer, answer_of
from clients.keyholder.exposure.calls import ExposureClient
from clients.keyholder.exposure.checks import CheckedTags, checked_tags
from clients.keyholder.exposure.errors import ExposureRefused, ExposureWrong
from clients.keyholder.exposure.opening import VerifiedExposure, open_sums, verified_exposure
from clients.keyholder.exposure.question import (
    OpenExposure,
    Wish,
    draft_exposure,
    open_exposure,
    require_wish,
)
from clients.keyholder.exposure.store import Pending, Shelf, shelf_of
from clients.keyholder.history import forget_old
from clients.keyholder.identity import Identity
from clients.keyholder.keyholder import ENDING, OnStage, last_of, pinned_contract
from clients.keyholder.keys.held_key import ElGamalKey, key_id
from clients.keyholder.keys.sealing import AskSecret, Secret
from clients.sdk.errors import TransportFailure, VeilgateError
from clients.sdk.failure import AnswerError
from clients.sdk.models.common import ConsentStatus
from clients.sdk.subject import SubjectReference
from clients.sdk.vocabulary import ConsentState
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.statements import QUESTION_TYPE


class People(Protocol):
    """What of a client for records is needed."""

    def references(self, subjects: Sequence[tuple[str, str]], /) -> tuple[SubjectReference, ...]:
        """Return the references of pairs of type and identifier, by the pinned key."""
        ...

    def get_consent(self, consent_id: str, /) -> ConsentStatus:
        """Return a consent and where it stands."""
        ...


class Exposures:
    """One institution's questions about subjects.

    ``evaluates`` says whether a key of references is pinned, by which to check the tags.
    """

    def __init__(
        self,
        identity: Identity,
        client: ExposureClient,
        people: People,
        evaluates: bool,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._identity = identity
        self._client = client
        self._people = people
        self._evaluates = evaluates
        self._clock = clock

    def contract(self, wish: Wish) -> AggregateContract:
        """Return the contract, if it lets the wish be asked.

        Raises:
            VeilgateError: the gateway refuses.
            KeyholderError: it does not, or the gateway's key is not the pinned one.
        """
        contract, _ = pinned_contract(self._client, self._identity, wish.dataset)
        require_wish(wish, contract)
        return contract

    def shelf(self, wish: Wish, contract: AggregateContract) -> Shelf:
        """Return what is kept of the wish's consent on the contract's snapshot.

        What has been kept long enough, of whatever question, is deleted first.
        """
        forget_old(self._identity.folder, int(self._clock()))
        return shelf_of(self._identity.folder, contract.dataset, contract.snapshot, wish.consent_id)

    def kept(self, wish: Wish, shelf: Shelf, secret: AskSecret) -> ExposureAnswer | None:
        """Return the answer that there is already, if the consent still stands.

        Raises:
            ExposureRefused: OTHER_SUBJECT or CONSENT.
            VeilgateError: the gateway does not say where the consent stands.
        """
        answer = shelf.answer(wish, secret)
        if answer is None:
            return None
        if self._people.get_consent(wish.consent_id).state is not ConsentState.ACTIVE:
            raise ExposureRefused(ExposureWrong.CONSENT)
        return answer

    def pending(self, wish: Wish, shelf: Shelf, secret: AskSecret) -> Pending | None:
        """Return a question that is under way: it is gone on with, by the same bytes.

        Raises:
            ExposureRefused: OTHER_SUBJECT.
            KeyholderError: its key does not open, or it is for another purpose.
        """
        found = shelf.pending(int(self._clock()))
        if found is None:
            return None
        shelf.require_same(found, shelf.key_of(found.opened, secret), wish)
        return found

    def prepare(
        self, wish: Wish, contract: AggregateContract, shelf: Shelf, secret: Secret
    ) -> OpenExposure:
        """Have tags prepared, check them, seal them, sign and store the question.

        Raises:
            VeilgateError: the gateway refuses.
            ExposureRefused: what it prepared does not hold.
        """
        institution, now = self._identity.institution, int(self._clock())
        checked = self._checked(wish, contract, now)
        agreed = self._people.get_consent(wish.consent_id)
        key = ElGamalKey.make(institution)
        question, boxes = draft_exposure(
            wish=wish,
            asker=institution,
            contract=contract,
            checked=checked,
            key=key.public,
            now=now,
        )
        statement = self._identity.signer.sign(QUESTION_TYPE, question.encoded())
        opened = open_exposure(statement, contract, checked.commitments, boxes, wish.consent_id)
        if self._client.register(key.public).key != key_id(key.public):
            raise AnswerError("names another key than the one that was sent")
        shelf.add(opened, key, wish, secret, agreed.draft.data_life_days)
        return opened

    def ask(self, opened: OpenExposure, shelf: Shelf, on_stage: OnStage) -> VerifiedExposure:
        """Send a stored question, wait for its result, and check that.

        Raises:
            VeilgateError: the gateway refuses, or the connection broke. After a refusal that asking
                again does not change the question is over, and its key destroyed.
            ResultRefused: what came is not a result of this question, or the round is over.
        """
        shelf.rounds.require_open(opened.id)
        left = opened.question.expires_at - self._clock()
        if left <= 0:
            raise ResultRefused(Wrong.EXPIRED, "the question's time is over")
        try:
            updates = self._client.ask_about(opened.sent, opened.most_bytes, left)
            received = last_of(updates, on_stage)
        except VeilgateError as error:
            if _is_over(error):
                shelf.end(opened, str(error.reason))
            raise
        trusted, now = self._identity.trusted, int(self._clock())
        try:
            return verified_exposure(opened, received, trusted, now)
        except ResultRefused as refused:
            question, terms = opened.statement.payload, opened.contract.encoded()
            keep_evidence(self._identity.folder, refused.wrong, question, terms, received)
            raise

    def open(
        self, verified: VerifiedExposure, wish: Wish, shelf: Shelf, secret: Secret
    ) -> ExposureAnswer:
        """Open a checked result, once, destroy its key, and keep the answer, sealed.

        Raises:
            KeyholderError: the key does not open; nothing is spent then.
            ResultRefused, ExposureRefused: see ``open_sums``.
        """
        opened = verified.opened
        key = shelf.key_of(opened, lambda _: secret)
        try:
            sums = open_sums(verified, key, shelf.rounds)
        finally:
            if shelf.rounds.state(opened.id) == "opened":
                shelf.destroy_key(opened)
        answer = answer_of(verified, sums)
        shelf.keep(answer, wish, secret)
        return answer

    def _checked(self, wish: Wish, contract: AggregateContract, now: int) -> CheckedTags:
        who = wish.subject
        prepared = self._client.prepare(wish.dataset, wish.purpose, wish.consent_id, who)
        evaluated = None
        if self._evaluates:
            (reference,) = self._people.references([(who.type, who.value)])
            evaluated = reference.value
        asker, trusted = self._identity.institution, self._identity.trusted
        return checked_tags(prepared, contract, asker, trusted, now, evaluated)


def _is_over(error: VeilgateError) -> bool:
    """Return whether the same question again would be refused again: a new one costs nothing."""
    if error.reason in ENDING:
        return True
    passing = error.retryable or error.code is grpc.StatusCode.UNAVAILABLE
    return not passing and not isinstance(error, TransportFailure)
