"""The ledger of encrypted aggregates over the committer: promises to operations and back.

Owns which event an operation carries, and what a round's consents must cover, from the policy in
force when it is opened. Refuses rounds of datasets that the policy has no contract for, and
questions whose bytes are not what the round says of them.
"""

from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256
from typing import Final

import msgspec

from gateway.adapters.committer.aggregates.events import (
    FAILED,
    OPENED,
    REFUSED,
    RELEASED,
    ROSTER,
    VOID,
    denied_event,
    key_event,
    round_event,
)
from gateway.adapters.committer.aggregates.messages import (
    FailRound,
    FixRoster,
    KeepResult,
    OpenRound,
    RefuseRound,
    RegisterKey,
    ReleaseRound,
)
from gateway.adapters.committer.audit_events import Event
from gateway.adapters.committer.messages import AnyOperation, Append, Done
from gateway.adapters.store.aggregate_store import SUBJECT, AggregateStore, RoundFacts
from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.aggregates import NewRound, Signed
from gateway.application.ports.ledger import Recorded
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import (
    AskerKey,
    Question,
    SubjectQuestion,
    read_question,
    require_contract,
)
from gateway.domain.institution import Principal
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.policy.round_consents import consent_need
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.domain.subject import Subject

_NOBODY: Final = b""
_DAY_S: Final = 86_400
_encode: Final = msgspec.msgpack.Encoder().encode
_SubjectOf = Callable[[str], Awaitable[Subject]]
About = tuple[Subject, str] | None


class CommitterAggregates:
    """Implements ``AggregateLedger``."""

    def __init__(
        self,
        done: Callable[[AnyOperation], Awaitable[Done]],
        policy: PolicyInForce,
        rounds: AggregateStore,
        subject_of: _SubjectOf,
    ) -> None:
        """Take the way to the committer (``CommitterLedger.done``), the policy, and readers.

        ``subject_of`` gives the subject of a consent id, or raises ``Refused`` with
        CONSENT_NOT_FOUND.
        """
        self._done = done
        self._policy = policy
        self._rounds = rounds
        self._subject_of = subject_of

    async def open(self, principal: Principal, new: NewRound) -> Recorded:
        """Charge a round and store its intent."""
        policy = self._policy.current
        contract, question = _asked(policy, new)
        about = await self._about(new.consents[0]) if new.kind == SUBJECT else None
        facts = RoundFacts(
            *(new.kind, new.dataset, new.purpose, new.digest, new.cost, len(new.consents)),
            *(consents_root(new.consents), b"", len(contract.contributors), ""),
        )
        event = round_event(
            *(OPENED, principal, new.id, facts, about),
            policy=policy.digest,
            cost=new.cost,
            contributors=len(contract.contributors),
            valid_until=new.expires_at,
        )
        operation = _opening(policy, principal, new, question, event, about)
        return _recorded(event, await self._done(operation))

    async def fix_roster(
        self, principal: Principal, round_id: str, roster: Signed, readies: Sequence[Signed]
    ) -> Recorded:
        """Store the one roster of a round."""
        facts, about = await self._round(principal, round_id)
        digest = sha256(roster.payload).digest()
        facts = msgspec.structs.replace(facts, roster_digest=digest)
        event = round_event(ROSTER, principal, round_id, facts, about, contributors=len(readies))
        operation = FixRoster(
            *(event.body, _subject_id(about), principal.institution, round_id),
            *(digest, _encode(roster), _encode(tuple(readies))),
        )
        return _recorded(event, await self._done(operation))

    async def release(
        self, principal: Principal, round_id: str, digest: bytes, contributions: bytes
    ) -> Recorded:
        """Read everything again and release, or void the round."""
        facts, about = await self._round(principal, round_id)
        contract = self._policy.current.aggregates.get(facts.dataset)
        if contract is None or contract.digest != facts.contract:
            raise refuse(ErrorReason.AGGREGATE_NOT_PERMITTED)
        event = round_event(
            *(RELEASED, principal, round_id, facts, about),
            outcome="RELEASED",
            contributors=facts.contributors,
            contributions=contributions.hex(),
            result=digest.hex(),
        )
        void = round_event(
            *(VOID, principal, round_id, facts, about),
            outcome="NOT_RELEASED",
            reasons=(ErrorReason.ROUND_VOID.value,),
        )
        operation = ReleaseRound(
            *(event.body, _subject_id(about), principal.institution, round_id),
            *(digest, contributions, void.body),
        )
        return _recorded(event, await self._done(operation))

    async def keep_result(self, round_id: str, result: bytes) -> None:
        """Keep a combination before the release, a result after it."""
        await self._done(KeepResult(b"", _NOBODY, round_id, result))

    async def refuse(self, principal: Principal, round_id: str) -> Recorded:
        """Count a refusal and end the round."""
        event, about = await self._ended(REFUSED, principal, round_id, "AGGREGATE_REFUSED")
        operation = RefuseRound(event.body, _subject_id(about), principal.institution, round_id)
        return _recorded(event, await self._done(operation))

    async def fail(self, principal: Principal, round_id: str, reason: str) -> Recorded:
        """Record that a round did not come to its end this time."""
        event, about = await self._ended(FAILED, principal, round_id, reason)
        operation = FailRound(event.body, _subject_id(about), principal.institution, round_id)
        return _recorded(event, await self._done(operation))

    async def register_key(self, principal: Principal, key_id: bytes, key: AskerKey) -> Recorded:
        """Store a proven key."""
        event = key_event(principal, key_id, key.scheme)
        public = bytes.fromhex(key.key)
        operation = RegisterKey(
            event.body, _NOBODY, principal.institution, key_id, key.scheme, public
        )
        return _recorded(event, await self._done(operation))

    async def deny(self, principal: Principal, digest: bytes, reason: str) -> Recorded:
        """Record what was not let in."""
        event = denied_event(principal, digest, reason)
        return _recorded(event, await self._done(Append(event.body, _NOBODY, "")))

    async def _round(self, principal: Principal, round_id: str) -> tuple[RoundFacts, About]:
        facts = await self._rounds.facts(principal.institution, round_id)
        if facts is None:
            raise refuse(ErrorReason.ROUND_NOT_FOUND)
        return facts, await self._about(facts.consent) if facts.consent else None

    async def _about(self, consent_id: str) -> About:
        """Return the subject of a consent, None for one that is gone: then no consent stands."""
        try:
            return await self._subject_of(consent_id), consent_id
        except Refused as refused:
            if refused.reason is not ErrorReason.CONSENT_NOT_FOUND:
                raise
            return None

    async def _ended(
        self, kind: str, principal: Principal, round_id: str, reason: str
    ) -> tuple[Event, About]:
        facts, about = await self._round(principal, round_id)
        event = round_event(
            *(kind, principal, round_id, facts, about), outcome="NOT_RELEASED", reasons=(reason,)
        )
        return event, about


def _opening(
    policy: CompiledPolicy,
    principal: Principal,
    new: NewRound,
    question: Question,
    event: Event,
    about: About,
) -> OpenRound:
    contract = policy.aggregates[new.dataset]
    return OpenRound(
        event=event.body,
        subject_id=_subject_id(about),
        institution=principal.institution,
        id=new.id,
        kind=new.kind,
        dataset=new.dataset,
        purpose=new.purpose,
        contract=question.contract,
        digest=new.digest,
        question=_encode(new.question),
        cost=new.cost,
        limit=new.limit,
        max_refusals=new.max_refusals,
        period_s=new.period_s,
        expires_at=new.expires_at,
        agreements=_agreements(principal, new.dataset, policy.ancestors[new.purpose]),
        consents=new.consents,
        consents_root=consents_root(new.consents),
        need=consent_need(policy, contract, question, principal),
        subject_limit=_subject_limit(contract, question),
        subject_window=_DAY_S,
    )


def _asked(policy: CompiledPolicy, new: NewRound) -> tuple[AggregateContract, Question]:
    """Return contract and question of a new round; raises ``Refused`` where they differ."""
    contract = policy.aggregates.get(new.dataset)
    if contract is None or new.purpose not in policy.ancestors:
        raise refuse(ErrorReason.AGGREGATE_NOT_PERMITTED)
    try:
        question = read_question(new.question.payload)
        require_contract(question, contract)
    except ValueError:
        raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID) from None
    said = (question.id, question.dataset, question.purpose, question.expires_at)
    kind = question.__struct_config__.tag
    if (*said, kind) != (new.id, new.dataset, new.purpose, new.expires_at, new.kind):
        raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID)
    if new.digest != sha256(new.question.payload).digest():
        raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID)
    if isinstance(question, SubjectQuestion) and len(new.consents) != 1:
        raise refuse(ErrorReason.CONSENT_ABSENT)
    return contract, question


def _agreements(principal: Principal, dataset: str, line: frozenset[str]) -> tuple[str, ...]:
    """Return the asker's agreements for this, whenever in force: the transaction looks at that."""
    return tuple(
        one.id
        for one in principal.agreements
        if dataset in one.datasets and not line.isdisjoint(one.purposes)
    )


def consents_root(ids: Sequence[str]) -> bytes:
    """Return the Merkle root (RFC 9162) over the consent ids, in order; empty for none."""
    if not ids:
        return b""
    return CompactRange().extend([leaf_hash(one.encode()) for one in ids]).root()


def _subject_limit(contract: AggregateContract, question: Question) -> int:
    if isinstance(question, SubjectQuestion) and contract.subject is not None:
        return contract.subject.a_subject_a_day
    return 0


def _subject_id(about: About) -> bytes:
    return _NOBODY if about is None else about[0].id


def _recorded(event: Event, done: Done) -> Recorded:
    return Recorded("" if done.repeat else event.id, done.log_index, done.repeat)
