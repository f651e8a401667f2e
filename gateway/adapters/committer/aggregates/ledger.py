"""The ledger of encrypted aggregates over the committer: promises to operations and back.

Owns which event an operation carries, and what a round's consents must cover, from the policy in
force when it is opened. Consents of a large round are read before its transactions, which look at
what changed since; their uses are counted behind the release, or with the next large round's
opening where the gateway ended in between. Refuses what ``opening_operation`` refuses.
"""

from asyncio import Lock
from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256
from typing import Final

import msgspec

from gateway.adapters.committer.aggregates.consent_reading import ConsentReading
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
    CountUses,
    FailRound,
    FixRoster,
    ForgetContributions,
    KeepContribution,
    KeepResult,
    RefuseRound,
    RegisterKey,
    ReleaseRound,
)
from gateway.adapters.committer.aggregates.opening_operation import asked, opening
from gateway.adapters.committer.audit_events import Event
from gateway.adapters.committer.messages import AnyOperation, Append, Done
from gateway.adapters.store.aggregate_store import SUBJECT, AggregateStore, RoundFacts
from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.aggregates import NewRound, Signed
from gateway.application.ports.ledger import Recorded
from gateway.domain.aggregate.question import AskerKey
from gateway.domain.institution import Principal
from gateway.domain.policy.round_consents import consent_need
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.domain.subject import Subject

KEPT_BYTES: Final = 4 << 30
"""For contributions of all rounds, on the disk."""
_NOBODY: Final = b""
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
        reading: ConsentReading,
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        """Take the way to the committer (``CommitterLedger.done``), the policy, and readers.

        ``subject_of`` gives the subject of a consent id, or raises ``Refused`` with
        CONSENT_NOT_FOUND.
        """
        self._done = done
        self._policy = policy
        self._rounds = rounds
        self._subject_of = subject_of
        self._reading = reading
        self._many = Lock()
        self._kept_bytes = kept_bytes

    async def open(self, principal: Principal, new: NewRound) -> Recorded:
        """Charge a round and store its intent."""
        policy = self._policy.current
        contract, question = asked(policy, new)
        about = await self._about(new.consents[0]) if new.kind == SUBJECT else None
        need = consent_need(policy, contract, question, principal)
        consents = await self._reading.to_open(new.consents, need)
        facts = RoundFacts(
            *(new.kind, new.dataset, new.purpose, new.digest, new.cost, len(new.consents)),
            *(consents.root, b"", len(contract.contributors), ""),
        )
        event = round_event(
            *(OPENED, principal, new.id, facts, about),
            policy=policy.digest,
            cost=new.cost,
            contributors=len(contract.contributors),
            valid_until=new.expires_at,
        )
        operation = opening(
            *(policy, principal, new, question),
            *(event.body, _subject_id(about), need, consents),
        )
        if consents.seen is None:
            return _recorded(event, await self._done(operation))
        await self._count_what_is_left()
        # Of so many consents one operation goes to the writer at a time.
        async with self._many:
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
        seen = await self._reading.to_release(round_id) if facts.consents else None
        operation = ReleaseRound(
            *(event.body, _subject_id(about), principal.institution, round_id),
            *(digest, contributions, void.body, seen),
        )
        recorded = _recorded(event, await self._done(operation))
        await self._count(round_id if seen is not None else "")
        return recorded

    async def keep_result(self, round_id: str, result: bytes) -> None:
        """Keep a combination before the release, a result after it."""
        await self._done(KeepResult(b"", _NOBODY, round_id, result))

    async def keep_contribution(
        self, round_id: str, statement: Signed, ciphertexts: bytes, days: int
    ) -> None:
        """Keep a contribution before the combination that it is in."""
        digest = sha256(statement.payload).digest()
        await self._done(
            KeepContribution(
                *(b"", _NOBODY, round_id, digest, ciphertexts, days, self._kept_bytes),
            )
        )

    async def forget_contributions(self) -> None:
        """Delete what is over."""
        await self._done(ForgetContributions(b"", _NOBODY))

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

    async def _count_what_is_left(self) -> None:
        """Count what a gateway that ended in the middle of it has left."""
        for round_id in await self._reading.uncounted():
            await self._count(round_id)

    async def _count(self, round_id: str) -> None:
        while round_id and not (await self._done(CountUses(b"", _NOBODY, round_id))).repeat:
            pass

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


def _subject_id(about: About) -> bytes:
    return _NOBODY if about is None else about[0].id


def _recorded(event: Event, done: Done) -> Recorded:
    return Recorded("" if done.repeat else event.id, done.log_index, done.repeat)
