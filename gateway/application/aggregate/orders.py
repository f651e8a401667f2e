"""What there is to do for an agent, as orders on its one stream.

Owns what is outstanding: it follows from the rounds as they stand, so nothing is queued and nothing
can be lost. An order is given once on a stream, and again on the next one while it is not answered;
results and ends are given for as long as the question lives. A new stream ends the one before.
Refuses institutions that contribute to nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import msgspec

from gateway.application.aggregate.binning_kind import BINNING
from gateway.application.aggregate.kept import Sealed
from gateway.application.aggregate.permission import require_agent
from gateway.application.aggregate.round import Phase, Round
from gateway.application.aggregate.rounds import Rounds
from gateway.application.aggregate.waiting import first_of
from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.aggregates import (
    Signed,
    StatementChecker,
    StatementRefused,
)
from gateway.application.ports.contribution_tree import ContributionTree
from gateway.domain.aggregate.subject import BOX_KEY_TYPE, BoxKey
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused, refuse

_LOG: Final = logging.getLogger(__name__)
_FORGET_S: Final = 600.0
_LOOK_S: Final = 60.0
"""How long a stream waits for news before it looks for itself."""


class QuestionOrder(msgspec.Struct, frozen=True):
    """A question to answer; ``box`` is for this agent only."""

    question: Signed
    box: bytes
    commitments: Signed | None


class BinOrder(msgspec.Struct, frozen=True):
    """A lender's job waits for this bureau."""

    job: Signed
    manifest: Signed


class RosterOrder(msgspec.Struct, frozen=True):
    """The roster is fixed: contribute."""

    roster: Signed
    readies: tuple[Signed, ...]


class Shown(msgspec.Struct, frozen=True):
    """A result as the asker and the members see it.

    ``path`` leads from the reader's own contribution to the result's root, ``proof`` shows that the
    ciphertexts are the contributions' product; both empty for the asker, who has no contributions
    to check them by.
    """

    sealed: Sealed
    roster: Signed
    readies: tuple[Signed, ...]
    path: tuple[bytes, ...] = ()
    proof: bytes = b""


class ResultOrder(msgspec.Struct, frozen=True):
    """The round is over, and this came of it."""

    shown: Shown


class VoidOrder(msgspec.Struct, frozen=True):
    """The round is over without a result, or without the agent: delete what belongs to it."""

    round: str


Order = QuestionOrder | BinOrder | RosterOrder | ResultOrder | VoidOrder

_Key = tuple[str, int, type[Order]]
"""A round's id, its attempt, and what is outstanding."""


class Orders:
    """The streams of agents. ``stopping`` is set when the gateway ends; it ends all streams."""

    def __init__(
        self,
        policy: PolicyInForce,
        rounds: Rounds,
        statements: StatementChecker,
        tree: ContributionTree,
        stopping: asyncio.Event,
        clock: Callable[[], float],
        forget: Callable[[], Awaitable[None]],
    ) -> None:
        """Take what orders follow from; ``forget`` deletes contributions whose days are over."""
        self._policy = policy
        self._rounds = rounds
        self._statements = statements
        self._tree = tree
        self._stopping = stopping
        self._clock = clock
        self._forget = forget
        self._forgot_at = -_FORGET_S
        self._streams: dict[str, object] = {}
        self._box_keys: dict[str, tuple[BoxKey, Signed]] = {}

    def box_key(self, contributor: str) -> Signed | None:
        """Return the agent's statement of its box key, while it lives."""
        known = self._box_keys.get(contributor)
        return known[1] if known is not None and known[0].expires_at > self._clock() else None

    async def stream(self, agent: Principal, box_key: Signed | None) -> AsyncIterator[Order]:
        """Yield orders until another stream of the institution begins, or the gateway ends.

        Raises ``Refused``: AGGREGATE_NOT_PERMITTED, STATEMENT_REFUSED.
        """
        require_agent(agent)
        self._require_contributor(agent)
        if box_key is not None:
            self._remember(agent, box_key)
        await self._forget_old()
        mine, given = object(), set[_Key]()
        self._streams[agent.institution] = mine
        self._rounds.tell()
        try:
            while self._streams.get(agent.institution) is mine and not self._stopping.is_set():
                news = self._rounds.news()
                outstanding = self._outstanding(agent.institution)
                # What is not outstanding any more need not be remembered either.
                given.intersection_update(outstanding)
                fresh = [key for key in outstanding if key not in given]
                for key in fresh:
                    given.add(key)
                    # It may have become another one while the agent did not read.
                    if _owed(outstanding[key], agent.institution) is key[2]:
                        yield self._order(outstanding[key], key[2], agent.institution)
                if not fresh:
                    await first_of(news, self._stopping, timeout_s=_LOOK_S)
        finally:
            if self._streams.get(agent.institution) is mine:
                del self._streams[agent.institution]

    async def _forget_old(self) -> None:
        """Delete what ran out: agents' streams begin anew every few minutes, whatever is asked."""
        if self._clock() - self._forgot_at < _FORGET_S:
            return
        self._forgot_at = self._clock()
        try:
            await self._forget()
        except Refused as refused:
            # It is not shown any more; an agent is not to wait until it can be deleted.
            _LOG.warning("contributions that ran out are still there: %s", refused.reason.value)

    def _outstanding(self, agent: str) -> dict[_Key, Round]:
        """Return what is outstanding; the orders themselves are made when they are given."""
        found: dict[_Key, Round] = {}
        for one in self._rounds.all():
            kind = _owed(one, agent) if agent in one.accepted.contributors else None
            if kind is not None:
                found[one.id, one.attempt, kind] = one
        return found

    def _order(self, one: Round, kind: type[Order], agent: str) -> Order:
        if kind is QuestionOrder:
            box = one.accepted.boxes.get(agent, b"")
            return QuestionOrder(one.signed, box, one.accepted.commitments)
        if kind is RosterOrder:
            return RosterOrder(_roster(one), tuple(one.readies.values()))
        if kind is ResultOrder:
            return ResultOrder(shown_to(one, self._tree, agent))
        return BinOrder(one.signed, _roster(one)) if kind is BinOrder else VoidOrder(one.id)

    def _require_contributor(self, agent: Principal) -> None:
        contracts = self._policy.current.aggregates.values()
        if not any(agent.institution in one.contributors for one in contracts):
            raise refuse(ErrorReason.AGGREGATE_NOT_PERMITTED)

    def _remember(self, agent: Principal, signed: Signed) -> None:
        try:
            signer = self._statements.institution(BOX_KEY_TYPE, signed)
            key = msgspec.json.decode(signed.payload, type=BoxKey)
        except (StatementRefused, msgspec.MsgspecError):
            raise refuse(ErrorReason.STATEMENT_REFUSED, "box_key") from None
        if not signer == agent.institution == key.contributor or key.expires_at <= self._clock():
            raise refuse(ErrorReason.STATEMENT_REFUSED, "box_key")
        self._box_keys[agent.institution] = (key, signed)


def _owed(one: Round, agent: str) -> type[Order] | None:
    """Return which order a contributor has not answered yet."""
    if one.phase in (Phase.REFUSED, Phase.VOID):
        return VoidOrder
    if one.accepted.kind == BINNING:
        waits = one.phase is Phase.COLLECTING and agent not in one.readies
        return BinOrder if waits else None
    if one.phase is Phase.OPENING:
        return None
    if one.phase is Phase.ASKING:
        answered = agent in one.readies or agent in one.decliners
        return None if answered or one.roster is not None else QuestionOrder
    if agent not in one.members:
        return VoidOrder
    if one.phase is Phase.COLLECTING and agent not in one.contributions:
        return RosterOrder
    return ResultOrder if one.sealed is not None else None


def shown_to(one: Round, tree: ContributionTree, member: str = "") -> Shown:
    """Return a released round's result for a member, or for its asker where none is named."""
    if one.sealed is None:
        raise ValueError("a round that is not released has no result")
    prepared = one.sealed.prepared
    path = tree.path(prepared.payloads, one.members.index(member)) if member else ()
    proof = prepared.proof if member else b""
    return Shown(one.sealed, _roster(one), tuple(one.readies.values()), path, proof)


def _roster(one: Round) -> Signed:
    if one.roster is None:
        raise ValueError("a round that has members has a roster")
    return one.roster
