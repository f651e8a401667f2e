"""The durable side of aggregate rounds in memory: what the committer and the store promise.

Owns the promises of ``AggregateLedger`` and ``AggregateReader``, kept with dictionaries: charged
once, one roster, a release that is void where a consent is gone. Refuses on its own only what they
promise to; ``failing`` holds what a method raises instead, ``events`` what was recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec

from gateway.adapters.aggregates.schemes import adder, check_key, split
from gateway.application.ports.aggregates import (
    AccountView,
    AggregateLedger,
    AggregateReader,
    CiphertextRefused,
    Combined,
    Combiner,
    NewRound,
    RoundState,
    Signed,
    StoredRound,
)
from gateway.application.ports.checkpoints import Published
from gateway.application.ports.ledger import Recorded
from gateway.application.ports.log import Head, Proof
from gateway.crypto.errors import CryptoError
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.crypto.merkle_proof import prove_inclusion
from gateway.domain.aggregate.question import AskerKey, key_context
from gateway.domain.institution import Principal
from gateway.domain.privacy.budget import PrivacyAccount
from gateway.domain.privacy.errors import BudgetExhausted
from gateway.domain.reasons import ErrorReason, Refused, refuse


class MemoryAggregates(AggregateLedger, AggregateReader):
    """A ledger and its store; it outlives a gateway that is made anew over it."""

    def __init__(self) -> None:
        self.failing: dict[str, Refused] = {}
        self.events: list[bytes] = []
        self.rounds: dict[str, StoredRound] = {}
        self.accounts: dict[tuple[str, str], PrivacyAccount] = {}
        self.keys: set[tuple[str, bytes]] = set()
        self.withdrawn: set[str] = set()
        """Consents that do not stand any more."""
        self.denied: list[tuple[str, str]] = []
        """Institution and reason of what was not let in."""
        self._costs: dict[str, NewRound] = {}
        self.contributions: dict[tuple[str, bytes], bytes] = {}
        self.days: dict[str, int] = {}
        self.forgot = 0
        self._kept: dict[tuple[str, RoundState], bytes] = {}

    def kinds(self) -> list[str]:
        """What was recorded, in order."""
        return [msgspec.json.decode(one)["kind"] for one in self.events]

    def _record(self, kind: str, **facts: Any) -> Recorded:
        self.events.append(msgspec.json.encode({"kind": kind, **facts}))
        return Recorded(f"event-{len(self.events)}", len(self.events) - 1)

    def _enter(self, method: str) -> None:
        if method in self.failing:
            raise self.failing[method]

    async def open(self, principal: Principal, new: NewRound) -> Recorded:
        """Charge once."""
        self._enter("open")
        known = self.rounds.get(new.id)
        if known is not None:
            if known.digest != new.digest:
                raise refuse(ErrorReason.REQUEST_ID_REUSED)
            return Recorded("event-1", 0, repeat=True)
        if self.withdrawn.intersection(new.consents):
            raise refuse(ErrorReason.CONSENT_REVOKED)
        self._charge(principal, new)
        self._costs[new.id] = new
        self.rounds[new.id] = StoredRound(
            *(new.id, principal.institution, new.kind, new.dataset, new.digest, RoundState.OPEN),
            *(new.question, None, (), b"", -1),
        )
        return self._record("OPEN", cost=new.cost)

    def _charge(self, principal: Principal, new: NewRound) -> None:
        key = (principal.legal_group, new.dataset)
        fresh = PrivacyAccount(limit=new.limit, max_refusals=new.max_refusals)
        if new.cost:
            try:
                self.accounts[key] = self.accounts.get(key, fresh).charge(new.cost)
            except BudgetExhausted:
                raise refuse(ErrorReason.PRIVACY_BUDGET_SPENT) from None

    async def fix_roster(
        self, principal: Principal, round_id: str, roster: Signed, readies: Sequence[Signed]
    ) -> Recorded:
        """Fix one roster, once."""
        self._enter("fix_roster")
        known = self.rounds[round_id]
        if known.roster is not None and known.roster.payload != roster.payload:
            raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED)
        self._change(round_id, roster=roster, readies=tuple(readies), state=RoundState.ROSTER)
        return self._record("ROSTER")

    async def release(
        self, principal: Principal, round_id: str, digest: bytes, contributions: bytes
    ) -> Recorded:
        """Release, or void for good."""
        self._enter("release")
        known = self.rounds[round_id]
        if known.state is RoundState.RELEASED:
            return Recorded("event-1", known.released_index, repeat=True)
        if known.state is RoundState.VOID or self.withdrawn.intersection(
            self._costs[round_id].consents
        ):
            self._change(round_id, state=RoundState.VOID, result=b"")
            raise refuse(ErrorReason.ROUND_VOID)
        facts = {"digest": digest.hex(), "contributions": contributions.hex()}
        recorded = self._record("RELEASE", round=round_id, **facts)
        self._change(
            round_id,
            state=RoundState.RELEASED,
            released_index=recorded.log_index,
            contributions=contributions,
            consents=len(self._costs[round_id].consents),
            released_at=1_800_000_000,
        )
        return recorded

    async def keep_result(self, round_id: str, result: bytes) -> None:
        """Keep it."""
        known = self.rounds[round_id]
        self._enter(f"keep_result {known.state.value}")
        key = (round_id, known.state)
        # What was kept first stands, in each of the two states that keep something.
        if known.state not in (RoundState.ROSTER, RoundState.RELEASED) or (
            self._kept.setdefault(key, result) != result
        ):
            raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED)
        self._change(round_id, result=result)

    async def keep_contribution(
        self, round_id: str, statement: Signed, ciphertexts: bytes, days: int
    ) -> None:
        """Keep it."""
        self._enter("keep_contribution")
        if self.rounds[round_id].state is not RoundState.ROSTER:
            raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED)
        self.contributions[round_id, sha256(statement.payload).digest()] = ciphertexts
        self.days[round_id] = days

    async def forget_contributions(self) -> None:
        """Count it."""
        self._enter("forget_contributions")
        self.forgot += 1

    async def contribution(self, round_id: str, digest: bytes) -> bytes | None:
        """Return it."""
        return self.contributions.get((round_id, digest))

    async def refuse(self, principal: Principal, round_id: str) -> Recorded:
        """Count it."""
        self._enter("refuse")
        self._change(round_id, state=RoundState.REFUSED)
        return self._record("REFUSED")

    async def fail(self, principal: Principal, round_id: str, reason: str) -> Recorded:
        """Record it."""
        self._enter("fail")
        return self._record("FAILED", reason=reason)

    async def register_key(self, principal: Principal, key_id: bytes, key: AskerKey) -> Recorded:
        """Register it."""
        self._enter("register_key")
        self.keys.add((principal.institution, key_id))
        return self._record("KEY")

    async def deny(self, principal: Principal, digest: bytes, reason: str) -> Recorded:
        """Record it."""
        self._enter("deny")
        assert len(digest) == sha256().digest_size
        self.denied.append((principal.institution, reason))
        return self._record("DENIED", reason=reason)

    async def round(self, round_id: str) -> StoredRound | None:
        """Return it."""
        return self.rounds.get(round_id)

    async def knows_key(self, institution: str, key_id: bytes) -> bool:
        """Say so."""
        return (institution, key_id) in self.keys

    async def account(
        self, legal_group: str, dataset: str, period_s: int, limit: int, max_refusals: int
    ) -> AccountView:
        """Return it."""
        fresh = PrivacyAccount(limit=limit, max_refusals=max_refusals)
        account = self.accounts.get((legal_group, dataset), fresh)
        return AccountView(dataset, account, 0, period_s)

    def _change(self, round_id: str, **changes: Any) -> None:
        self.rounds[round_id] = msgspec.structs.replace(self.rounds[round_id], **changes)


class MemoryLog:
    """The log that a ``MemoryAggregates`` writes; its checkpoints are unsigned."""

    verifier_key = "memory"

    def __init__(self, events: list[bytes]) -> None:
        self._events = events
        self.published: Published | None = None

    async def head(self) -> Head:
        """Return the head."""
        return Head(len(self._events), self._root(self._events))

    async def inclusion(self, index: int, tree_size: int) -> Proof:
        """Prove inclusion."""
        entries = self._events[:tree_size]
        path = prove_inclusion(
            index, tree_size, lambda level, at: self._root(entries[at << level : (at + 1) << level])
        )
        return Proof(tree_size, self._root(entries), path, self._events[index])

    def sign(self, size: int, root: bytes) -> bytes:
        """Return a note that shows what it is over."""
        return f"{size} {root.hex()}".encode()

    async def latest(self) -> Published | None:
        """Return the latest."""
        return self.published

    async def publish(self, size: int, root: bytes, note: bytes) -> None:
        """Publish."""
        self.published = Published(size, root, note, 0)

    @staticmethod
    def _root(entries: Sequence[bytes]) -> bytes:
        return CompactRange().extend(map(leaf_hash, entries)).root()


class InlineCombiner(Combiner):
    """The schemes themselves, without a process; counts what it was asked."""

    def __init__(self) -> None:
        self.combined = 0
        self.failing: BaseException | None = None

    async def require_key(self, key: AskerKey, asker: str) -> None:
        """Check it."""
        try:
            check_key(key, key_context(asker))
        except CryptoError:
            raise CiphertextRefused from None

    async def require_valid(self, key: AskerKey, ciphertexts: bytes, count: int) -> None:
        """Check them."""
        under = adder(key.scheme, bytes.fromhex(key.key))
        try:
            pieces = split(ciphertexts, under.size)
            under.check(pieces)
        except CryptoError:
            raise CiphertextRefused from None
        if len(pieces) != count:
            raise CiphertextRefused

    async def combine(
        self, key: AskerKey, contributions: Sequence[bytes], count: int, context: bytes
    ) -> Combined:
        """Combine them."""
        self.combined += 1
        if self.failing is not None:
            raise self.failing
        under = adder(key.scheme, bytes.fromhex(key.key))
        columns = list(zip(*(split(one, under.size) for one in contributions), strict=True))
        try:
            total = under.total(columns)
            return Combined(total.released, under.prove(context, total))
        except CryptoError:
            raise CiphertextRefused from None
