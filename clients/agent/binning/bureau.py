"""The bureau's side of one binning, as a state machine over the contents of sealed parts.

Owns the order: the lender's blinded rows come, the own people go out, both raised; the people come
back raised, the encrypted labels come; then rows are matched, each held against its consent, and
bins summed. Before all that the gateway says what the rows are bound to. Refuses parts out of turn,
elements and points that are invalid, there twice or of another number, labels whose proof does not
hold, too few matched rows, and row sets that the history does not let through. Whatever is refused
ends the job: a lender learns that it was, not why.

What goes out was kept before, with what it was made for: a talk that is gone on with gets the same
bytes again, and rows other than those they answer end it.

Membership is disclosed to the bureau by the match. To the lender goes no more than the answer: how
many people the bureau has is hidden by the declared number, filled up with elements of nobody.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from hashlib import sha256
from itertools import chain, islice

import numpy as np

from clients.agent.binning.answer import BinAnswer, answer
from clients.agent.binning.bound import BoundRows
from clients.agent.binning.errors import BinDeclined, BinWord
from clients.agent.binning.kept import BEFORE_PEOPLE, PEOPLE, people_parts, secrets_of
from clients.agent.binning.setup import BureauSetup, Ordinals
from clients.sdk.kept_parts import KeptParts, PartsInMemory
from gateway.crypto.alignment import AlignmentError, AlignmentKey, dummies, match, split
from gateway.crypto.alignment_work import blinded, checked, raised
from gateway.crypto.elgamal.errors import ElGamalError
from gateway.crypto.elgamal.row_work import PROOF_COST, points_of
from gateway.crypto.sealed_channel import Channel, ChannelError
from gateway.crypto.workers import Workers, worth
from gateway.domain.aggregate.binning_talk import (
    ELEMENT,
    Incoming,
    Kind,
    TalkRefused,
    declared,
    label_size,
    parts_of,
)


class Bureau:
    """One job. Calls block for as long as the work takes."""

    def __init__(self, setup: BureauSetup, channel: Channel, kept: KeptParts | None = None) -> None:
        """Begin to wait for the lender's rows; ``kept`` has what is kept of this talk.

        Raises:
            BinDeclined: CAPACITY.
        """
        if setup.data.people > setup.declared_people:
            raise BinDeclined(BinWord.CAPACITY)
        self._setup = setup
        self._channel = channel
        self._bound = BoundRows(setup)
        self._kept = PartsInMemory() if kept is None else kept
        self._key = AlignmentKey(secrets_of(self._kept)[0])
        rows = setup.job.rows
        self._lists = [
            Incoming(Kind.ROWS, rows * ELEMENT),
            Incoming(Kind.RAISED, setup.declared_people * ELEMENT),
            Incoming(Kind.LABELS, rows * label_size(setup.job.mode)),
        ]
        self._whole: list[bytes] = []
        self._order: list[int] = []
        self._rows_twice = b""

    def bind(self, part: bytes) -> None:
        """Take a part of the rows' bindings, from the gateway.

        Raises:
            BinDeclined: TALK or UNBOUND.
        """
        self._bound.add(part)

    def receive(self, part: bytes) -> Iterator[bytes]:
        """Take a sealed part; returns the sealed parts to send.

        Raises:
            BinDeclined: TALK, ELEMENTS or LABELS.
        """
        if not self._bound.complete:
            raise BinDeclined(BinWord.TALK)
        try:
            content = self._channel.opener.open(part)
            if len(self._whole) == len(self._lists):
                raise TalkRefused("order")
            coming = self._lists[len(self._whole)]
            if not coming.add(content):
                return iter(())
            self._whole.append(coming.take())
        except (ChannelError, TalkRefused):
            raise BinDeclined(BinWord.TALK) from None
        if len(self._whole) > 1:
            return iter(())
        return self._people_for(self._whole[0])

    @property
    def complete(self) -> bool:
        """Whether everything has come that an answer needs, and the lender has nothing more."""
        return len(self._whole) == len(self._lists) and self._channel.opener.ended

    def answer(self) -> BinAnswer:
        """Match, check, sum, add noise, randomise anew.

        Raises:
            BinDeclined: ELEMENTS, LABELS, ROWS, HISTORY, REPEATED or DATA.
        """
        if not self.complete:
            raise BinDeclined(BinWord.TALK)
        setup = self._setup
        each = PROOF_COST if setup.job.mode == "dp" else 1
        items = max(setup.declared_people, setup.job.rows * each)
        with Workers(worth(items, setup.processes)) as workers:
            places, ordinals = self._bound.only_bound(*self._matched(workers))
            try:
                points = points_of(
                    bytes.fromhex(setup.job.key.key),
                    setup.context,
                    self._whole[2],
                    proven=setup.job.mode == "dp",
                    workers=workers,
                )
            except ElGamalError:
                raise BinDeclined(BinWord.LABELS) from None
        return answer(setup, points, places, ordinals)

    def seal_counts(self, answered: BinAnswer) -> Iterator[bytes]:
        """Yield the sealed parts of an answer's counts, the last of this direction."""
        parts = list(parts_of(Kind.COUNTS, answered.counts.encoded()))
        for number, part in enumerate(parts, 1):
            yield self._channel.sealer.seal(part, last=number == len(parts))

    def _people_for(self, rows: bytes) -> Iterator[bytes]:
        """Return the sealed parts of the own people, the same for the same rows."""
        digest, kept = sha256(rows).digest(), self._kept.parts(PEOPLE)
        if kept is None:
            contents = self._people(rows)
            order = np.array(self._order, dtype=np.int64).tobytes()
            parts = map(self._channel.sealer.seal, contents)
            self._kept.keep(PEOPLE, chain((digest, self._rows_twice, order), parts))
        else:
            known, self._rows_twice, order = islice(kept, BEFORE_PEOPLE)
            if known != digest:
                raise BinDeclined(BinWord.TALK)
            self._order = np.frombuffer(order, dtype=np.int64).tolist()
            self._channel.sealer.skip(sum(1 for _ in people_parts(self._kept)))
        return people_parts(self._kept)

    def _people(self, rows: bytes) -> Iterator[bytes]:
        setup = self._setup
        filling = setup.declared_people - setup.data.people
        items = max(setup.job.rows, setup.data.people)
        with Workers(worth(items, setup.processes)) as workers:
            try:
                checked(rows, setup.job.rows, workers)
                self._rows_twice = raised(self._key, rows, workers)
                own = blinded(self._key, setup.kind, setup.data.identifiers(), workers)
            except AlignmentError:
                raise BinDeclined(BinWord.ELEMENTS) from None
        pieces = split(own) + split(dummies(filling))
        self._order = list(range(len(pieces)))
        secrets.SystemRandom().shuffle(self._order)
        shuffled = b"".join([pieces[at] for at in self._order])
        return parts_of(Kind.PEOPLE, declared(len(pieces)) + shuffled)

    def _matched(self, workers: Workers) -> tuple[Ordinals, Ordinals]:
        """The matched rows' places in the job, ascending, and their people's ordinals."""
        try:
            checked(self._whole[1], self._setup.declared_people, workers)
            pairs = match(self._rows_twice, self._whole[1])
        except AlignmentError:
            raise BinDeclined(BinWord.ELEMENTS) from None
        # A lender that returns elements in another order can match one of nobody's. That row
        # counts as any that does not match: a refusal would tell how many people there are.
        people = self._setup.data.people
        both = sorted(
            (row, self._order[place]) for place, row in pairs.items() if self._order[place] < people
        )
        found = np.array(both, dtype=np.int64).reshape(-1, 2)
        return np.ascontiguousarray(found[:, 0]), np.ascontiguousarray(found[:, 1])
