"""What each party may try on the other in the talk, and how it ends."""

from collections.abc import Callable
from typing import Any

import pytest

from clients.agent.binning.errors import BinDeclined, BinWord
from clients.keyholder.binning.errors import BinningRefused, BinWrong
from clients.keyholder.binning.lender import counts_of
from gateway.crypto.alignment import AlignmentKey
from gateway.crypto.elgamal import PublicKey
from gateway.crypto.elgamal.curve import ORDER, random_scalar
from gateway.crypto.elgamal.or_proof import BitStatement
from gateway.crypto.elgamal.row_work import labels_of
from gateway.crypto.ristretto import IDENTITY
from gateway.crypto.sealed_channel import Channel
from gateway.crypto.workers import Workers
from gateway.domain.aggregate.binning import MergedBin
from gateway.domain.aggregate.binning_talk import BinCounts, Kind, declared, parts_of
from support.binning_pair import Pair, People, contract, identifiers, pair, people

ROWS = 300
Spoil = Callable[[bytes], bytes]


class Hostile:
    """A lender of the test's own: it follows the talk, but for what a test spoils."""

    def __init__(self, talk: Pair) -> None:
        self.talk = talk
        self.setup = talk.setup
        self.channel: Channel = vars(talk.lender)["_channel"]
        self.key = AlignmentKey.generate()
        self.rows = self.key.blind(self.setup.kind, self.setup.identifiers)
        proven = self.setup.job.mode == "dp"
        with Workers(1) as workers:
            self.labels = labels_of(
                *(self.public, self.setup.context, self.setup.labels),
                proven=proven,
                workers=workers,
            )
        self.spoil_raised: Spoil = lambda raised: raised

    @property
    def public(self) -> bytes:
        return self.talk.secret.public_key().to_bytes()

    def send(self, kind: Kind, content: bytes, last: bool = False) -> list[bytes]:
        contents = list(parts_of(kind, content))
        sealer, replies = self.channel.sealer, list[bytes]()
        for number, one in enumerate(contents, 1):
            part = sealer.seal(one, last=last and number == len(contents))
            replies += self.talk.bureau.receive(part)
        return [self.channel.opener.open(reply) for reply in replies]

    def run(self) -> Any:
        """The whole talk; returns the bureau's answer."""
        people = b"".join(part[1:] for part in self.send(Kind.ROWS, self.rows))[4:]
        self.send(Kind.RAISED, self.spoil_raised(self.key.raise_all(people)))
        self.send(Kind.LABELS, self.labels, last=True)
        return self.talk.bureau.answer()


def _hostile(**changes: Any) -> Hostile:
    return Hostile(pair(range(ROWS), **{"features": ["housing"], **changes}))


def _hostile_dp() -> Hostile:
    return _hostile(mode="dp", cost=10**9)


def _require_declined(word: BinWord, work: Callable[[], object]) -> None:
    with pytest.raises(BinDeclined) as declined:
        work()
    assert declined.value.word is word


def test_the_script_itself_is_answered() -> None:
    assert _hostile().run().counts.length > 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rows: rows[32:] + IDENTITY,
        lambda rows: rows[32:] + rows[32:64],
        lambda rows: rows[32:] + b"\xff" * 32,
    ],
    ids=["identity", "twice", "invalid"],
)
def test_rows_that_are_invalid_or_there_twice(spoil: Spoil) -> None:
    lender = _hostile()
    lender.rows = spoil(lender.rows)
    _require_declined(BinWord.ELEMENTS, lender.run)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raised: raised[32:] + IDENTITY,
        lambda raised: raised[32:] + raised[32:64],
        lambda raised: raised[32:] + b"\xff" * 32,
    ],
    ids=["identity", "twice", "invalid"],
)
def test_people_that_come_back_invalid_or_twice(spoil: Spoil) -> None:
    lender = _hostile()
    lender.spoil_raised = spoil
    _require_declined(BinWord.ELEMENTS, lender.run)


@pytest.mark.parametrize("changes", [{}, {"mode": "dp", "cost": 10**9}], ids=["exact", "dp"])
def test_people_that_come_back_in_another_order_match_rows_of_others(
    changes: dict[str, Any],
) -> None:
    # Blinded by the bureau and shuffled, they tell the lender nothing that it could aim with; and
    # whoever is matched is not who consented, and counts as not matched, as one does that falls on
    # a filling element.
    lender = _hostile(**changes)
    lender.spoil_raised = lambda raised: raised[32:] + raised[:32]
    _require_declined(BinWord.ROWS, lender.run)


def test_more_or_fewer_than_declared_ends_the_talk() -> None:
    for extra in (b"\x01", bytes(32)):
        lender = _hostile()
        lender.rows += extra
        _require_declined(BinWord.TALK, lender.run)
    lender = _hostile()
    lender.labels = lender.labels[:-66]
    _require_declined(BinWord.TALK, lender.run)


def test_lists_out_of_turn_end_the_talk() -> None:
    lender = _hostile()
    _require_declined(BinWord.TALK, lambda: lender.send(Kind.LABELS, lender.labels))
    lender = _hostile()
    _require_declined(BinWord.TALK, lender.talk.bureau.answer)


@pytest.mark.parametrize(
    "point",
    [
        bytes(33),
        b"\x04" + bytes(32),
        b"\x02" + b"\xff" * 32,
        b"\x05" + bytes(31) + b"\x01",
        b"\x02" + bytes(31) + b"\x05",
    ],
    ids=["infinity", "uncompressed", "not reduced", "hybrid", "off the curve"],
)
def test_labels_that_are_no_points(point: bytes) -> None:
    for at in (0, 33):
        lender = _hostile()
        lender.labels = lender.labels[:at] + point + lender.labels[at + 33 :]
        _require_declined(BinWord.LABELS, lender.run)


def test_a_label_beyond_one_has_no_proof() -> None:
    """A label of 1,000 for one row would read that row's bin out of every sum."""
    lender = _hostile_dp()
    key = PublicKey.from_bytes(lender.public)
    statement, k = BitStatement(key, lender.setup.context), random_scalar()
    heavy = key.encrypt_with(1000, k)
    for bit in (0, 1):
        forged = heavy.to_bytes() + statement.prove(heavy, bit, k, 0)
        lender = _hostile_dp()
        lender.labels = forged + lender.labels[len(forged) :]
        _require_declined(BinWord.LABELS, lender.run)


def test_a_proof_of_another_row_or_job_does_not_count() -> None:
    lender = _hostile_dp()
    size = len(lender.labels) // ROWS
    lender.labels = (
        lender.labels[size : 2 * size] + lender.labels[:size] + lender.labels[2 * size :]
    )
    _require_declined(BinWord.LABELS, lender.run)
    lender, other = _hostile_dp(), _hostile_dp()
    lender.labels = other.labels
    _require_declined(BinWord.LABELS, lender.run)


def test_labels_without_proofs_are_not_taken_in_dp() -> None:
    lender = _hostile_dp()
    size = len(lender.labels) // ROWS
    lender.labels = b"".join(
        lender.labels[at : at + 66] for at in range(0, len(lender.labels), size)
    )
    _require_declined(BinWord.TALK, lender.run)


def test_an_honest_sender_refuses_labels_other_than_0_and_1() -> None:
    for mode, cost in (("exact", 0), ("dp", 10**9)):
        talk = pair(range(ROWS), features=["housing"], mode=mode, cost=cost, events=[2] * ROWS)
        with pytest.raises(BinningRefused) as refused:
            talk.talk()
        assert refused.value.wrong is BinWrong.LABELS


def test_scalars_that_cancel_each_other_bring_about_no_failure() -> None:
    """With k and -k in two rows, both proven, a sum over just those would be infinity, and a
    failure would tell that they are alone together in a bin."""
    lender = _hostile_dp()
    key, k = PublicKey.from_bytes(lender.public), random_scalar()
    statement = BitStatement(key, lender.setup.context)
    rows = []
    for row in range(ROWS):
        scalar = k if row % 2 else ORDER - k
        one = key.encrypt_with(0, scalar)
        rows.append(one.to_bytes() + statement.prove(one, 0, scalar, row))
    lender.labels = b"".join(rows)
    answered = lender.run()
    figures = lender.talk.lender.open(answered.counts, answered.ciphertexts)
    assert sum(bin_.events for bin_ in figures[0].bins) < 200


def test_too_few_matching_rows_are_not_answered() -> None:
    data = People(people()[:150], identifiers(150))
    _require_declined(BinWord.ROWS, Hostile(pair(range(ROWS), data=data)).run)


@pytest.mark.parametrize(("members", "drawn", "answered"), [(197, 1, True), (203, -1, False)])
def test_in_dp_the_least_number_is_of_noisy_rows_and_no_oracle_of_members(
    members: int, drawn: int, answered: bool
) -> None:
    """Else a lender with 199 known members and one unknown would hear whether that is one."""
    data = People(people()[:members], identifiers(members))
    lender = _hostile(mode="dp", cost=10**9, data=data, noise=lambda _: drawn)
    if answered:
        lender.run()
    else:
        _require_declined(BinWord.ROWS, lender.run)


def test_more_people_than_declared_are_not_shown() -> None:
    data = People(list(people()) * 2, identifiers(2000))
    _require_declined(BinWord.CAPACITY, lambda: pair(range(ROWS), data=data))


@pytest.mark.parametrize(
    "people_",
    [
        declared(2) + IDENTITY * 2,
        declared(2) + b"\xff" * 64,
        declared(10**7 + 1),
        declared(0),
        declared(1) + bytes(64),
        b"\x00",
    ],
    ids=["identity", "invalid", "too many", "none", "more than declared", "cut"],
)
def test_a_hostile_bureau_s_people_are_refused(people_: bytes) -> None:
    talk = pair(range(ROWS), features=["housing"])
    channel: Channel = vars(talk.bureau)["_channel"]
    part = channel.sealer.seal(bytes([Kind.PEOPLE]) + people_)
    with pytest.raises(BinningRefused) as refused:
        talk.lender.receive(part)
    assert refused.value.wrong in (BinWrong.TALK, BinWrong.ELEMENTS)


def test_counts_of_other_ciphertexts_or_other_bins_are_refused() -> None:
    lender = _hostile()
    answered = lender.run()
    plan, content = lender.setup.plan, answered.ciphertexts
    counts_of(plan, answered.counts.encoded(), content)
    overlapping = BinCounts(
        ciphertexts=answered.counts.ciphertexts,
        features=((MergedBin(0, 1, 100), MergedBin(1, 2, 200)),),
    )
    small = BinCounts(ciphertexts=overlapping.ciphertexts, features=((MergedBin(0, 2, 9),),))
    for encoded, given in (
        (answered.counts.encoded(), content[:-1] + b"\x00"),
        (overlapping.encoded(), content),
        (small.encoded(), content),
        (b"{}", content),
    ):
        with pytest.raises(BinningRefused) as refused:
            counts_of(plan, encoded, given)
        assert refused.value.wrong is BinWrong.COUNTS


def test_an_altered_part_ends_the_talk_on_both_sides() -> None:
    talk = pair(range(ROWS), features=["housing"])
    with pytest.raises(BinDeclined) as declined:
        talk.talk(lambda part: part[:-1] + bytes([part[-1] ^ 1]))
    assert declined.value.word is BinWord.TALK
    assert contract().binning is not None
