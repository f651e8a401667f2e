"""An agent's rounds: from a question to its result, one durable step at a time.

Owns the order of the steps. What a step sends was stored before, and the same order again, after a
crash too, gives the stored bytes again. Refuses a second roster for a question, ever, a second
contribution under one masking key, and every order that does not fit where the round is.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Final

from clients.agent.asked import contract_of, require_time, signed_question
from clients.agent.context import Trust
from clients.agent.errors import Refused, Unwilling, Word
from clients.agent.kinds import Fixed, Kind, Willing, logged_progress
from clients.agent.orders import (
    Order,
    QuestionOrder,
    Reply,
    ResultOrder,
    RosterOrder,
    SendContribution,
    SendDecline,
    SendReady,
    VoidOrder,
)
from clients.agent.outcome.evidence import EvidenceFolder, roster_evidence
from clients.agent.outcome.results import read_result, require_result
from clients.agent.roster import Expected, read_roster, require_roster
from clients.agent.store import Kept, RoundStore, Secrets, State
from clients.agent.stored import decode_roster, encode_roster
from gateway.crypto.masks import MaskingKey
from gateway.domain.aggregate.question import Question, read_question
from gateway.domain.aggregate.statements import (
    CONTRIBUTION_TYPE,
    READY_TYPE,
    Contribution,
    Ready,
    digest_of,
)

_LOG: Final = logging.getLogger("veilgate.agent")
_STRIPES: Final = 64


@dataclass(frozen=True, slots=True)
class _Opened:
    """A stored round with its question and contract read again."""

    kept: Kept
    question: Question
    willing: Willing
    expected: Expected


class Rounds:
    """Follows orders. Blocking, and may be called by several threads: a round is one at a time."""

    def __init__(
        self,
        trust: Trust,
        store: RoundStore,
        kinds: Mapping[str, Kind],
        evidence: EvidenceFolder | None = None,
    ) -> None:
        """Take what answers each kind, by the tag of its question, and where evidence is kept."""
        self._evidence = evidence
        self._trust = trust
        self._store = store
        self._kinds = dict(kinds)
        self._locks = tuple(Lock() for _ in range(_STRIPES))
        store.sweep(trust.now())

    def follow(self, order: Order) -> Reply | None:
        """Follow an order; returns what is to be sent.

        Raises:
            Refused: nothing is to be sent, and nothing changed.
        """
        match order:
            case QuestionOrder():
                return self._question(order)
            case RosterOrder():
                return self._roster(order)
            case ResultOrder():
                self._result(order)
                return None
            case VoidOrder():
                self._store.void(order.round)
                return None

    def catch_up(self) -> None:
        """Let go of what ran out, and make contributions that are due: after a start, say.

        Nothing is sent: the gateway orders again what it still wants.
        """
        now = self._trust.now()
        self._store.sweep(now)
        for round_id in self._store.unfinished(now):
            with self._lock(round_id):
                kept = self._store.find(round_id)
                if kept is not None and kept.state is State.ROSTER:
                    self._make_due(kept)

    def _make_due(self, kept: Kept) -> None:
        try:
            self._contribution(self._opened(kept))
        except Refused as refused:
            _LOG.warning("round %s: not gone on with: %s", kept.id, refused.word.value)

    def _question(self, order: QuestionOrder) -> Reply:
        question = signed_question(self._trust, order.question)
        digest = sha256(order.question.payload).digest()
        with self._lock(question.id):
            kept = self._store.find(question.id)
            if kept is not None:
                return self._again(kept, digest)
            try:
                return self._accept(question, digest, order)
            except Unwilling as unwilling:
                return self._decline(question, digest, unwilling.word)
            except Refused:
                raise
            except Exception as error:  # noqa: BLE001 - its text may hold a value
                # Nothing is kept of it: what failed here may work for another question.
                _LOG.error("round %s: %s", question.id, type(error).__name__)
                return SendDecline(question.id)

    def _again(self, kept: Kept, digest: bytes) -> Reply:
        if kept.question_hash != digest:
            raise Refused(Word.REUSED)
        if kept.state is State.DECLINED:
            return SendDecline(kept.id)
        if kept.ready is None:
            raise Refused(Word.ROUND)
        if self._trust.now() >= kept.expires_at:
            raise Refused(Word.EXPIRED)
        return SendReady(kept.id, kept.ready)

    def _accept(self, question: Question, digest: bytes, order: QuestionOrder) -> Reply:
        kind = self._kinds.get(_tag(question))
        if kind is None:
            raise Unwilling(Word.KIND)
        require_time(question, self._trust.now())
        willing = kind.accept(question, order)
        own = MaskingKey.generate()
        ready = Ready(
            round=question.id,
            question=digest.hex(),
            contributor=self._trust.institution,
            masking_key=own.public_key().hex(),
        )
        kept = Kept(
            id=question.id,
            state=State.READY,
            question_hash=digest,
            expires_at=question.expires_at,
            question=order.question.payload,
            contract=willing.contract.encoded(),
            asker_group=willing.group,
            content=willing.content,
            ready=self._trust.sign(READY_TYPE, ready.encoded()),
        )
        if not self._store.accept(kept, Secrets(own.to_bytes(), willing.kept)):
            raise Refused(Word.REUSED)
        _LOG.info("round %s: ready", question.id)
        return self._again(kept, digest)

    def _decline(self, question: Question, digest: bytes, word: Word) -> Reply:
        self._store.decline(question.id, digest, question.expires_at, word)
        _LOG.warning("round %s: declined: %s", question.id, word.value)
        return SendDecline(question.id)

    def _roster(self, order: RosterOrder) -> Reply:
        content = read_roster(self._trust, order.roster)
        with self._lock(content.round):
            kept = self._store.find(content.round)
            if kept is None or kept.state in (State.VOID, State.DONE):
                raise Refused(Word.ROUND)
            if kept.state is State.DECLINED:
                return SendDecline(kept.id)
            opened = self._opened(kept)
            require_time(opened.question, self._trust.now())
            if kept.state is not State.READY:
                if kept.roster_hash != sha256(order.roster.payload).digest():
                    self._keep(Word.SECOND_ROSTER, kept, order)
                    raise Refused(Word.SECOND_ROSTER)
                return self._contribution(opened)
            return self._fix(opened, order)

    def _fix(self, opened: _Opened, order: RosterOrder) -> Reply:
        kept, question = opened.kept, opened.question
        try:
            checked = require_roster(self._trust, opened.expected, order.roster, order.readies)
        except Refused as refused:
            self._keep(refused.word, kept, order)
            raise
        try:
            self._kind(question).require_roster(question, opened.willing, checked.members)
        except Unwilling as unwilling:
            return self._decline(question, kept.question_hash, unwilling.word)
        digest = sha256(order.roster.payload).digest()
        if not self._store.fix_roster(kept.id, digest, encode_roster(order)):
            raise Refused(Word.SECOND_ROSTER)
        _LOG.info("round %s: roster", kept.id)
        return self._contribution(opened)

    def _keep(self, word: Word, kept: Kept, order: RosterOrder) -> None:
        """Keep a roster that the gateway signed and that does not hold."""
        _LOG.error("round %s: the gateway's roster: %s", kept.id, word.value)
        if self._evidence is not None:
            self._evidence.keep(roster_evidence(self._trust, word, kept, order))

    def _contribution(self, opened: _Opened) -> SendContribution:
        """Return the stored contribution of a round whose roster is fixed; make it if need be."""
        kept = self._found(opened.kept.id)
        if kept.state is State.ROSTER:
            self._make(opened, decode_roster(kept.roster))
            kept = self._found(kept.id)
        if kept.contribution is None:
            raise Refused(Word.ROUND)
        return SendContribution(kept.id, kept.expires_at, kept.contribution, kept.ciphertexts)

    def _make(self, opened: _Opened, order: RosterOrder) -> None:
        checked = require_roster(self._trust, opened.expected, order.roster, order.readies)
        secrets = self._store.secrets(opened.kept.id)
        question, kind = opened.question, self._kind(opened.question)
        fixed = Fixed(question, opened.willing.contract, secrets.kept, checked)
        own = MaskingKey(secrets.masking_key)
        ciphertexts = kind.contribution(fixed, own, logged_progress(question.id))
        contribution = Contribution(
            round=question.id,
            roster=digest_of(order.roster.payload),
            contributor=self._trust.institution,
            ciphertexts=kind.ciphertexts(question, fixed.contract, len(checked.members)),
            digest=sha256(ciphertexts).hexdigest(),
        )
        signed = self._trust.sign(CONTRIBUTION_TYPE, contribution.encoded())
        self._store.contribute(question.id, signed, ciphertexts)
        _LOG.info("round %s: contribution stored, its masking key destroyed", question.id)

    def _result(self, order: ResultOrder) -> None:
        content = read_result(self._trust, order.result)
        with self._lock(content.round):
            kept = self._store.find(content.round)
            if kept is not None and kept.state is State.DONE:
                return
            if kept is None or kept.state is not State.CONTRIBUTED:
                raise Refused(Word.ROUND)
            opened = self._opened(kept)
            members = tuple(
                one.contributor
                for one in read_roster(self._trust, decode_roster(kept.roster).roster).members
            )
            wanted = self._kind(opened.question).ciphertexts(
                opened.question, opened.willing.contract, len(members)
            )
            require_result(kept, members, self._trust.institution, wanted, order)
            self._store.finish(kept.id, order.result.payload)
        _LOG.info("round %s: the result holds this contribution", content.round)

    def _found(self, round_id: str) -> Kept:
        kept = self._store.find(round_id)
        if kept is None:
            raise Refused(Word.ROUND)
        return kept

    def _opened(self, kept: Kept) -> _Opened:
        question = read_question(kept.question)
        contract = contract_of(question, kept.contract)
        ready = b"" if kept.ready is None else kept.ready.payload
        expected = Expected(kept.id, kept.question, contract, ready)
        return _Opened(
            kept, question, Willing(contract, kept.asker_group, kept.content, ()), expected
        )

    def _kind(self, question: Question) -> Kind:
        kind = self._kinds.get(_tag(question))
        if kind is None:
            raise Unwilling(Word.KIND)
        return kind

    def _lock(self, round_id: str) -> Lock:
        return self._locks[hash(round_id) % _STRIPES]


def _tag(question: Question) -> str:
    return str(question.__struct_config__.tag)
