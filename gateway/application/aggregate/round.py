"""One round as it stands: who is ready, the one roster, who has contributed, how it ended.

Owns the transitions. Each is made whole or not at all, without a wait in between, and whoever
follows the round is woken. Refuses a message that the round does not wait for, a second and other
one from the same contributor, and a roster once there is one.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Callable
from typing import Final

import msgspec

from gateway.application.aggregate.kept import Contributed, Prepared, Sealed
from gateway.application.aggregate.kinds import Accepted
from gateway.application.ports.aggregates import NewRound, Signed
from gateway.domain.aggregate.statements import Member, Ready, Roster, digest_of
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused, refuse


class Phase(enum.Enum):
    """How far a round is. The last three are ends."""

    OPENING = enum.auto()
    ASKING = enum.auto()
    COLLECTING = enum.auto()
    FINISHING = enum.auto()
    RELEASED = enum.auto()
    REFUSED = enum.auto()
    VOID = enum.auto()


ENDS: Final = frozenset({Phase.RELEASED, Phase.REFUSED, Phase.VOID})


class Stage(enum.Enum):
    """What an asker hears of before the result; words of ``RoundStage`` on the wire."""

    OPENED = enum.auto()
    READY = enum.auto()
    ROSTER = enum.auto()
    CONTRIBUTED = enum.auto()
    COMBINED = enum.auto()


class Update(msgspec.Struct, frozen=True):
    """So many contributors, of so many, are as far."""

    stage: Stage
    done: int
    of: int


class Round:
    """A round in memory. What must outlast the process is in the store as well."""

    def __init__(self, asker: Principal, signed: Signed, accepted: Accepted) -> None:
        """Begin with a question that may be asked and is not charged yet."""
        self.asker = asker
        self.signed = signed
        self.accepted = accepted
        self.digest = digest_of(signed.payload)
        self.phase = Phase.OPENING
        self.attempt = 1
        self.running = False
        self.decliners: set[str] = set()
        self.readies: dict[str, Signed] = {}
        self.masking_keys: dict[str, str] = {}
        self.roster: Signed | None = None
        self.members: tuple[str, ...] = ()
        self.contributions: dict[str, Contributed] = {}
        self.prepared: Prepared | None = None
        self.prepared_is_kept = False
        self.sealed: Sealed | None = None
        self.outcome: Refused | None = None
        self.updates: list[Update] = []
        self.tell: Callable[[], None] = lambda: None
        """Called at every change, for those who follow all rounds."""
        self._changed = asyncio.Event()

    @property
    def id(self) -> str:
        """Return the question's id."""
        return self.accepted.question.id

    @property
    def ended(self) -> bool:
        """Return whether nothing can come of it any more, or all has."""
        return self.phase in ENDS

    @property
    def due(self) -> int:
        """Return the ciphertexts that each member owes."""
        return self.accepted.ciphertexts(len(self.members))

    def changes(self) -> asyncio.Event:
        """Return an event that the next change sets."""
        return self._changed

    async def until(self, reached: Callable[[], bool], timeout_s: float) -> bool:
        """Wait, for so long at most; return whether it is so."""
        try:
            async with asyncio.timeout(max(0.0, timeout_s)):
                while not reached():
                    await self._changed.wait()
        except TimeoutError:
            return reached()
        return True

    def changed(self, *updates: Update) -> None:
        """Wake whoever follows the round."""
        self.updates.extend(updates)
        event, self._changed = self._changed, asyncio.Event()
        event.set()
        self.tell()

    def opened(self) -> None:
        """Go on with a question that is charged and in the log: agents may hear of it."""
        self.phase = Phase.ASKING
        self.changed(Update(Stage.OPENED, 0, len(self.accepted.contributors)))

    def take_ready(self, contributor: str, ready: Ready, signed: Signed) -> None:
        """Take a contributor's readiness; the same again is fine.

        Raises ``Refused``: ROUND_MESSAGE_REFUSED.
        """
        known = self.readies.get(contributor)
        if known is not None and known.payload == signed.payload:
            return
        if known is not None or self.phase is not Phase.ASKING or self.roster is not None:
            raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED)
        # Whoever copies another's key makes the roster useless to all.
        if ready.masking_key in self.masking_keys.values():
            raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED)
        self.readies[contributor] = signed
        self.masking_keys[contributor] = ready.masking_key
        self.changed()

    @property
    def enough(self) -> bool:
        """Return whether those who are ready can be a roster."""
        apart = len(self.readies.keys() - {self.asker.institution})
        return len(self.readies) >= self.accepted.minimum and apart >= self.accepted.apart

    @property
    def declined(self) -> bool:
        """Return whether anybody is not willing."""
        return bool(self.decliners)

    @property
    def answered(self) -> bool:
        """Return whether everybody who is waited for has answered, one way or the other."""
        if self.phase is Phase.ASKING:
            return self.decliners.union(self.readies).issuperset(self.accepted.contributors)
        return self.decliners.union(self.contributions).issuperset(self.members)

    def decline(self, contributor: str) -> None:
        """Take it that a contributor is not willing: the round will end, and nobody is named.

        Raises ``Refused``: ROUND_MESSAGE_REFUSED, where the combination is made already.
        """
        if self.phase is Phase.REFUSED:
            return
        if self.phase not in (Phase.ASKING, Phase.COLLECTING):
            raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED)
        self.decliners.add(contributor)
        self.changed()

    def draw_roster(self) -> Roster:
        """Return the roster of those who are ready now, in the order of their names."""
        return Roster(
            round=self.id,
            question=self.digest,
            members=tuple(
                Member(name, digest_of(self.readies[name].payload)) for name in sorted(self.readies)
            ),
        )

    def fix(self, roster: Signed, members: tuple[str, ...]) -> None:
        """Go on with the one roster, which is durable."""
        self.roster, self.members, self.phase = roster, members, Phase.COLLECTING
        self.readies = {name: self.readies[name] for name in members}
        count = len(members)
        self.changed(Update(Stage.READY, count, count), Update(Stage.ROSTER, count, count))

    def take_contribution(self, contributor: str, one: Contributed) -> None:
        """Take a checked contribution; the same again is fine.

        Raises ``Refused``: ROUND_MESSAGE_REFUSED.
        """
        if self.has(contributor, one.signed):
            return
        if contributor in self.contributions or self.phase is not Phase.COLLECTING:
            raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED)
        self.contributions[contributor] = one
        done, of = len(self.contributions), len(self.members)
        self.changed(Update(Stage.CONTRIBUTED, done, of))

    def has(self, contributor: str, signed: Signed) -> bool:
        """Return whether this very contribution has been taken."""
        known = self.contributions.get(contributor)
        if known is not None:
            return known.signed.payload == signed.payload
        # After a restart, or once forgotten, the combination still says what is in it.
        combined = self.prepared if self.sealed is None else self.sealed.prepared
        return combined is not None and signed.payload in combined.payloads

    def start(self) -> None:
        """Go on: what was not answered is asked again."""
        self.attempt += 0 if self.outcome is None else 1
        self.outcome, self.running = None, True
        self.changed()

    def stop(self, refused: Refused, end: Phase | None = None) -> None:
        """Stop with a refusal: for good where ``end`` says so, else to be gone on with."""
        self.outcome, self.running = refused, False
        if end is not None:
            self.phase = end
            self.forget()
        self.changed()

    def release(self, sealed: Sealed) -> None:
        """End with a result that is durable, as its contributions are."""
        self.sealed, self.phase, self.running = sealed, Phase.RELEASED, False
        self.contributions.clear()
        self.changed()

    def forget(self) -> None:
        """Forget ciphertexts of single contributors, which nobody needs after the round."""
        self.contributions.clear()
        if self.phase is not Phase.RELEASED:
            self.prepared = None


def new_round(one: Round) -> NewRound:
    """Return what the ledger charges and stores of a round."""
    accepted = one.accepted
    question, charge = accepted.question, accepted.charge
    return NewRound(
        id=one.id,
        kind=accepted.kind,
        dataset=question.dataset,
        purpose=question.purpose,
        digest=bytes.fromhex(one.digest),
        question=one.signed,
        cost=charge.cost,
        limit=charge.limit,
        max_refusals=charge.max_refusals,
        period_s=charge.period_s,
        expires_at=question.expires_at,
        consents=accepted.consents,
    )
