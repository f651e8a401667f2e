"""The lender's side of one binning, as a state machine over the contents of sealed parts.

Owns the order: its blinded rows go out; the bureau's blinded people come and go back raised, then
the encrypted labels; then the counts come. Opens the answer, once the caller has checked the signed
result and marked the job as spent. Refuses parts out of turn, elements that are invalid or there
twice, counts that are not of the job's features, and event counts that cannot be.

What goes out was kept before: a talk that is gone on with gets the same bytes again. The bureau's
people are raised once; whatever comes in their place later is not looked at.

Rows are in the job's order, which the caller drew at random before it signed the job: so a place
says nothing about the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256

import msgspec

from clients.keyholder.binning.errors import BinningRefused, BinWrong
from clients.keyholder.binning.kept import ANSWERS, HEARD, ROWS, stored
from clients.sdk.kept_parts import KeptParts, PartsInMemory
from gateway.crypto.alignment import AlignmentError, AlignmentKey
from gateway.crypto.alignment_work import blinded, checked, raised
from gateway.crypto.elgamal import CIPHERTEXT_SIZE, Ciphertext, ElGamalError, SecretKey
from gateway.crypto.elgamal.row_work import PROOF_COST, labels_of
from gateway.crypto.sealed_channel import Channel, ChannelError
from gateway.crypto.workers import Workers, worth
from gateway.domain.aggregate.binning import (
    BinningPlan,
    FeatureFigures,
    MergedBin,
    require_merged,
    weigh,
)
from gateway.domain.aggregate.binning_talk import (
    ELEMENT,
    MAX_PEOPLE,
    BinCounts,
    Incoming,
    Kind,
    TalkRefused,
    parts_of,
    people_in,
)
from gateway.domain.aggregate.question import BinningJob

_MAX_COUNTS = 16 << 20


@dataclass(frozen=True, kw_only=True)
class LenderSetup:
    """What a lender brings to a job; rows in the job's order."""

    job: BinningJob
    plan: BinningPlan
    context: bytes
    """H(JOB, M)."""
    kind: str
    """Of the identifiers."""
    identifiers: Sequence[bytes] = field(repr=False)
    labels: bytes = field(repr=False)
    """One byte a row: 1 is an event."""
    secret: SecretKey = field(repr=False)
    processes: int = 1


class Lender:
    """One job. Calls block for as long as the work takes."""

    def __init__(
        self,
        setup: LenderSetup,
        channel: Channel,
        kept: KeptParts | None = None,
        key: AlignmentKey | None = None,
    ) -> None:
        """Take the job's rows, and what is kept of its talk under this key.

        Raises:
            BinningRefused: ROWS, where there are not as many as the job says.
        """
        if not len(setup.identifiers) == len(setup.labels) == setup.job.rows:
            raise BinningRefused(BinWrong.ROWS)
        self._setup = setup
        self._channel = channel
        self._kept = PartsInMemory() if kept is None else kept
        self._key = AlignmentKey.generate() if key is None else key
        self._people = Incoming(Kind.PEOPLE, None, MAX_PEOPLE)
        self._sent = False
        self._heard = 0
        self._counts = bytearray()

    def start(self) -> Iterator[bytes]:
        """Return the sealed parts of the own rows.

        Raises:
            BinningRefused: ROWS, where an identifier is there twice or is empty.
        """
        if self._kept.parts(ROWS) is None:
            rows = parts_of(Kind.ROWS, self._blinded())
            self._kept.keep(ROWS, map(self._channel.sealer.seal, rows))
        else:
            self._channel.sealer.skip(sum(1 for _ in stored(self._kept, ROWS)))
        return stored(self._kept, ROWS)

    def _blinded(self) -> bytes:
        setup = self._setup
        with Workers(worth(setup.job.rows, setup.processes)) as workers:
            try:
                return blinded(self._key, setup.kind, setup.identifiers, workers)
            except AlignmentError:
                raise BinningRefused(BinWrong.ROWS) from None

    def rejoin(self) -> None:
        """Go on behind the bureau's people: the gateway has everything else.

        Raises:
            BinningRefused: TALK, where the people were never answered.
        """
        heard = self._kept.parts(HEARD)
        if heard is None or self._kept.parts(ANSWERS) is None:
            raise BinningRefused(BinWrong.TALK)
        self._channel.opener.skip(int.from_bytes(next(heard), "big"))
        self._sent = True

    def receive(self, part: bytes) -> Iterator[bytes]:
        """Take a sealed part; returns the sealed parts to send.

        Raises:
            BinningRefused: TALK, ELEMENTS or LABELS.
        """
        try:
            content = self._channel.opener.open(part)
            self._heard += 1
            if self._sent:
                self._add_counts(content)
                return iter(())
            if not self._people.add(content):
                return iter(())
        except (ChannelError, TalkRefused):
            raise BinningRefused(BinWrong.TALK) from None
        self._sent = True
        people = people_in(self._people.take())
        if self._kept.parts(ANSWERS) is None:
            self._kept.keep(HEARD, [self._heard.to_bytes(8, "big")])
            self._kept.keep(ANSWERS, self._answers(people))
        return stored(self._kept, ANSWERS)

    def _answers(self, people: bytes) -> Iterator[bytes]:
        job, each = self._setup.job, PROOF_COST if self._setup.job.mode == "dp" else 1
        items = max(len(people) // ELEMENT, job.rows * each)
        with Workers(worth(items, self._setup.processes)) as workers:
            raised_people = self._raised(people, workers)
            labels = self._encrypted(workers)
        return self._sealed(raised_people, labels)

    def _sealed(self, raised_people: bytes, labels: bytes) -> Iterator[bytes]:
        for content in parts_of(Kind.RAISED, raised_people):
            yield self._channel.sealer.seal(content)
        parts = list(parts_of(Kind.LABELS, labels))
        for number, content in enumerate(parts, 1):
            yield self._channel.sealer.seal(content, last=number == len(parts))

    @property
    def complete(self) -> bool:
        """Whether the counts are whole."""
        return self._sent and self._channel.opener.ended

    def counts(self, ciphertexts: bytes) -> BinCounts:
        """Return the counts that came, checked against the job and the ciphertexts of the result.

        Raises:
            BinningRefused: COUNTS, or TALK where they are not whole.
        """
        if not self.complete:
            raise BinningRefused(BinWrong.TALK)
        return counts_of(self._setup.plan, bytes(self._counts), ciphertexts)

    def open(self, counts: BinCounts, ciphertexts: bytes) -> tuple[FeatureFigures, ...]:
        """Read the events of each bin and weigh them. Once for a job: the caller sees to that.

        Raises:
            BinningRefused: CIPHERTEXTS, or OUT_OF_BOUNDS for events that cannot be.
        """
        return opened(self._setup, counts, ciphertexts)

    def _add_counts(self, content: bytes) -> None:
        if content[:1] != bytes([Kind.COUNTS]) or len(self._counts) > _MAX_COUNTS:
            raise TalkRefused("kind")
        self._counts += memoryview(content)[1:]

    def _raised(self, people: bytes, workers: Workers) -> bytes:
        try:
            checked(people, len(people) // ELEMENT, workers)
            return raised(self._key, people, workers)
        except AlignmentError:
            raise BinningRefused(BinWrong.ELEMENTS) from None

    def _encrypted(self, workers: Workers) -> bytes:
        setup = self._setup
        try:
            return labels_of(
                setup.secret.public_key().to_bytes(),
                setup.context,
                setup.labels,
                proven=setup.job.mode == "dp",
                workers=workers,
            )
        except ElGamalError:
            raise BinningRefused(BinWrong.LABELS) from None


def counts_of(plan: BinningPlan, encoded: bytes, ciphertexts: bytes) -> BinCounts:
    """Return counts from their bytes, checked against plan and ciphertexts.

    Raises:
        BinningRefused: COUNTS.
    """
    try:
        counts = msgspec.json.decode(encoded, type=BinCounts)
        if counts.ciphertexts != sha256(ciphertexts).hexdigest():
            raise ValueError("the counts belong to other ciphertexts")
        for bins, feature in zip(counts.features, plan.features, strict=True):
            require_merged(bins, feature, plan.terms.minimum_bin)
    except (msgspec.MsgspecError, ValueError):
        raise BinningRefused(BinWrong.COUNTS) from None
    return counts


def opened(setup: LenderSetup, counts: BinCounts, ciphertexts: bytes) -> tuple[FeatureFigures, ...]:
    """Read the events of each answered bin, and weigh the features.

    Raises:
        BinningRefused: CIPHERTEXTS or OUT_OF_BOUNDS.
    """
    if len(ciphertexts) != counts.length * CIPHERTEXT_SIZE:
        raise BinningRefused(BinWrong.CIPHERTEXTS)
    pieces = iter(
        ciphertexts[at : at + CIPHERTEXT_SIZE] for at in range(0, len(ciphertexts), CIPHERTEXT_SIZE)
    )
    zero_cell = Decimal(setup.plan.terms.zero_cell)
    return tuple(
        weigh(feature.name, bins, [_events(setup, one, next(pieces)) for one in bins], zero_cell)
        for feature, bins in zip(setup.plan.features, counts.features, strict=True)
    )


def _events(setup: LenderSetup, one: MergedBin, encoded: bytes) -> int:
    tail = setup.plan.tail
    # Noise moves rows and events apart; in the mode `exact` events lie in [0, rows].
    most = setup.job.rows + tail if tail else one.rows
    try:
        return setup.secret.decrypt(Ciphertext.from_bytes(encoded), -tail, most)
    except ElGamalError:
        raise BinningRefused(BinWrong.OUT_OF_BOUNDS) from None
