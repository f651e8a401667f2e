"""A result is opened once, and only if all of it is what it says (protocol H, step 10)."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clients.keyholder.answers import CohortAnswer
from clients.keyholder.calls import Received
from clients.keyholder.errors import ResultRefused, Wrong
from clients.keyholder.figures import answer_of
from clients.keyholder.keys.held_key import HeldKey, make_key
from clients.keyholder.opening import open_result, verify_result
from clients.keyholder.rounds import OpenQuestion, RoundStore
from clients.keyholder.wanted import Figure
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.elgamal import PublicKey, SecretKey
from gateway.domain.aggregate.plan import STEPS
from gateway.domain.aggregate.statements import Member
from support.crypto_log import ATTACKER
from support.keyholders import (
    ASKER,
    CONTRIBUTORS,
    Script,
    World,
    contract,
    people,
    vector,
    wanted,
)


@dataclass
class Asked:
    """An open question of one cell, and what its four contributors would send."""

    world: World
    opened: OpenQuestion
    key: HeldKey
    rounds: RoundStore
    now: int

    def received(self, script: Script, **values: list[int]) -> Received:
        return script.received(self.world, self.opened, self.vectors() | values)

    def vectors(self) -> dict[str, list[int]]:
        return {name: vector(self.opened, [people(100 + at)]) for at, name in
                enumerate(CONTRIBUTORS)}  # fmt: skip

    def open(self, received: Received, now: int = 0) -> CohortAnswer:
        verified = verify_result(self.opened, received, self.world.trusted, now or self.now)
        return answer_of(open_result(verified, self.key, self.rounds))


def asking(folder: Path, people_at_most: int = 10_000, **more: Any) -> Asked:
    world = World(folder)
    now = int(time.time())
    opened, key = world.question(wanted(**more), contract(people_at_most), now)
    rounds = RoundStore(folder / "rounds")
    rounds.add(opened)
    return Asked(world, opened, key, rounds, now + 10)


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    return asking(tmp_path)


def refused(asked: Asked, received: Received, wrong: Wrong, now: int = 0) -> None:
    with pytest.raises(ResultRefused) as caught:
        asked.open(received, now)
    assert caught.value.wrong is wrong
    assert asked.rounds.state(asked.opened.id) == "open", "what is refused spends nothing"


def test_an_honest_result_gives_the_sum_of_all_members(asked: Asked) -> None:
    answer = asked.open(asked.received(Script()))
    (cell,) = answer.cells
    assert cell.people is not None
    assert cell.people.value == 100 + 101 + 102 + 103
    assert answer.members == CONTRIBUTORS
    assert answer.log_index == 1


def test_three_of_four_members_are_enough_by_this_contract(asked: Asked) -> None:
    (cell,) = asked.open(asked.received(Script(members=CONTRIBUTORS[:3]))).cells
    assert cell.people is not None
    assert cell.people.value == 100 + 101 + 102


def test_paillier_gives_the_same_figures(tmp_path: Path) -> None:
    figures = (Figure("mean", "months"), Figure("histogram", "amount"))
    asked = asking(tmp_path, 10**9, figures=figures, group_by=("housing",))
    assert asked.opened.question.key.scheme == "paillier"
    cells = [
        {**people(40), ("sum", "months", 0): -300 * STEPS, ("bin", "amount", 2): 40 * STEPS},
        people(50),
    ]
    sent = {name: vector(asked.opened, cells) for name in CONTRIBUTORS}
    own, rent = asked.open(asked.received(Script(), **sent)).cells
    assert own.people is not None
    assert rent.people is not None
    assert (own.people.value, rent.people.value) == (160, 200)
    mean = own.figures[0].estimate
    assert mean is not None
    assert mean.value == pytest.approx(-1200 * 64 / 160)
    assert [one.people.value for one in own.figures[1].bins] == [0, 0, 160]


def dropped(readies: list[Any]) -> list[Any]:
    return readies[1:]


def twice(readies: list[Any]) -> list[Any]:
    return [readies[0], readies[0], *readies[2:]]


OTHER_ROUND = "0" * 32
ATTACKS: dict[str, tuple[Wrong, Callable[[World], Script]]] = {
    "a result signed by another key": (
        Wrong.RESULT_SIGNATURE,
        lambda world: Script(result_key=SigningKey.generate()),
    ),
    "a roster signed by another key": (
        Wrong.ROSTER_SIGNATURE,
        lambda world: Script(roster_key=SigningKey.generate()),
    ),
    "a result of another round": (
        Wrong.OTHER_QUESTION,
        lambda world: Script(result=lambda r: msgspec.structs.replace(r, round=OTHER_ROUND)),
    ),
    "a result of an altered question": (
        Wrong.OTHER_QUESTION,
        lambda world: Script(result=lambda r: msgspec.structs.replace(r, question="0" * 64)),
    ),
    "a roster of another round": (
        Wrong.OTHER_QUESTION,
        lambda world: Script(roster=lambda r: msgspec.structs.replace(r, round=OTHER_ROUND)),
    ),
    "a roster of an altered question": (
        Wrong.OTHER_QUESTION,
        lambda world: Script(roster=lambda r: msgspec.structs.replace(r, question="0" * 64)),
    ),
    "two rosters, of which the result names the other": (
        Wrong.OTHER_ROSTER,
        lambda world: Script(result=lambda r: msgspec.structs.replace(r, roster="0" * 64)),
    ),
    "an invented contributor": (
        Wrong.NOT_A_CONTRIBUTOR,
        lambda world: Script(
            roster=lambda r: msgspec.structs.replace(
                r, members=(Member("aaa-invented", "0" * 64), *r.members[1:])
            )
        ),
    ),
    "a lost contributor's readiness": (
        Wrong.READY_REFUSED,
        lambda world: Script(readies=dropped),
    ),
    "a readiness too many": (
        Wrong.READY_REFUSED,
        lambda world: Script(readies=lambda them: [*them, them[0]]),
    ),
    "one readiness twice": (Wrong.READY_REFUSED, lambda world: Script(readies=twice)),
    "readiness by an authority that nobody trusts": (
        Wrong.READY_REFUSED,
        lambda world: Script(ready_signer=lambda w, name: w.agent(name, stranger=True)),
    ),
    "readiness by another workload of the institution": (
        Wrong.READY_REFUSED,
        lambda world: Script(ready_signer=lambda w, name: w.agent(name, "integrator")),
    ),
    "one institution that answers for all": (
        Wrong.READY_REFUSED,
        lambda world: Script(ready_signer=lambda w, name: w.agents[CONTRIBUTORS[0]]),
    ),
    "a readiness that names another contributor": (
        Wrong.READY_REFUSED,
        lambda world: Script(ready=lambda r: msgspec.structs.replace(r, contributor="lender-c")),
    ),
    "a replayed readiness of another question": (
        Wrong.OTHER_QUESTION,
        lambda world: Script(ready=lambda r: msgspec.structs.replace(r, question="0" * 64)),
    ),
    "a replayed readiness of another round": (
        Wrong.OTHER_QUESTION,
        lambda world: Script(ready=lambda r: msgspec.structs.replace(r, round=OTHER_ROUND)),
    ),
    "one masking key for two members": (
        Wrong.READY_REFUSED,
        lambda world: Script(ready=lambda r: msgspec.structs.replace(r, masking_key="1" * 64)),
    ),
    "other ciphertexts than those of the digest": (
        Wrong.CIPHERTEXTS,
        lambda world: Script(sent=lambda b: b[66:] + b[:66]),
    ),
    "ciphertexts left out": (Wrong.CIPHERTEXTS, lambda world: Script(ciphertexts=lambda b: b[66:])),
    "another number of ciphertexts": (
        Wrong.CIPHERTEXTS,
        lambda world: Script(result=lambda r: msgspec.structs.replace(r, ciphertexts=1)),
    ),
    "a cohort that rests on consents": (
        Wrong.CIPHERTEXTS,
        lambda world: Script(result=lambda r: msgspec.structs.replace(r, consents=1)),
    ),
    "a checkpoint of another log": (
        Wrong.NOT_IN_LOG,
        lambda world: Script(log_signer=ATTACKER),
    ),
    "a release at another place of the log": (
        Wrong.NOT_IN_LOG,
        lambda world: Script(result=lambda r: msgspec.structs.replace(r, log_index=2)),
    ),
    "a release long after the question's end": (
        Wrong.EXPIRED,
        lambda world: Script(released_at=int(time.time()) + 7200),
    ),
    "a release before the question": (
        Wrong.EXPIRED,
        lambda world: Script(released_at=int(time.time()) - 7200),
    ),
} | {
    f"a log entry with another {name}": (
        Wrong.OTHER_RELEASE,
        lambda world, name=name: Script(event=lambda e: e | {name: "other"}),
    )
    for name in (
        *("kind", "institution", "dataset", "purpose", "round", "request", "roster"),
        *("contributions", "result"),
    )
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_loses_and_spends_nothing(asked: Asked, name: str) -> None:
    wrong, script = ATTACKS[name]
    refused(asked, asked.received(script(asked.world)), wrong)


def test_two_members_are_too_few(asked: Asked) -> None:
    refused(asked, asked.received(Script(members=CONTRIBUTORS[:2])), Wrong.TOO_FEW)


def test_a_statement_of_the_gateway_with_a_chain_is_none(asked: Asked) -> None:
    received = asked.received(Script())
    chained = replace(received.result, chain=asked.world.agents["lender-c"].chain)
    refused(asked, replace(received, result=chained), Wrong.RESULT_SIGNATURE)


def test_a_roster_in_the_results_place_is_no_result(asked: Asked) -> None:
    received = asked.received(Script())
    refused(asked, replace(received, result=received.roster), Wrong.RESULT_SIGNATURE)


def test_the_result_of_one_question_does_not_open_another(tmp_path: Path) -> None:
    asked = asking(tmp_path)
    other, _ = asked.world.question(wanted(), contract(), asked.now, asked.key)
    received = Script().received(asked.world, other, asked.vectors())
    refused(asked, received, Wrong.OTHER_QUESTION)


def test_after_the_question_ended_its_result_is_not_opened(asked: Asked) -> None:
    late = asked.opened.question.expires_at + 1
    refused(asked, asked.received(Script()), Wrong.EXPIRED, late)
    asked.open(asked.received(Script()), late - 1)


def test_a_certificate_that_ended_signs_no_more(tmp_path: Path) -> None:
    asked = asking(tmp_path)
    day_after = asked.now + 2 * 24 * 3600
    opened, _ = asked.world.question(wanted(), contract(), day_after - 10, asked.key)
    asked.rounds.add(opened)
    later = replace(asked, opened=opened, now=day_after)
    refused(later, later.received(Script()), Wrong.READY_REFUSED)


def test_a_second_opening_is_refused(asked: Asked) -> None:
    received = asked.received(Script())
    asked.open(received)
    with pytest.raises(ResultRefused) as caught:
        asked.open(received)
    assert caught.value.wrong is Wrong.ALREADY_OPENED


class Unreadable:
    """A key that must not be used."""

    def __init__(self, key: HeldKey, before: Callable[[], None]) -> None:
        self.public = key.public
        self._before = before

    def stored(self) -> bytes:
        raise AssertionError

    def sums(self, layout: object, ciphertexts: bytes) -> list[int]:
        self._before()
        raise ResultRefused(Wrong.OUT_OF_BOUNDS, "stop here")


def test_the_round_is_marked_on_the_disk_before_the_key_is_used(asked: Asked) -> None:
    seen: list[str] = []
    again = RoundStore(asked.world.folder / "rounds")
    key = Unreadable(asked.key, lambda: seen.append(again.state(asked.opened.id)))
    verified = verify_result(asked.opened, asked.received(Script()), asked.world.trusted, asked.now)
    with pytest.raises(ResultRefused):
        open_result(verified, key, asked.rounds)
    assert seen == ["opened"]
    with pytest.raises(ResultRefused) as caught:
        open_result(verified, asked.key, again)
    assert caught.value.wrong is Wrong.ALREADY_OPENED


def test_of_many_at_once_one_opens(asked: Asked) -> None:
    verified = verify_result(asked.opened, asked.received(Script()), asked.world.trusted, asked.now)
    ends: list[str] = []

    def run() -> None:
        try:
            open_result(verified, asked.key, RoundStore(asked.world.folder / "rounds"))
            ends.append("opened")
        except ResultRefused as error:
            ends.append(error.wrong)

    threads = [threading.Thread(target=run) for _ in range(16)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(ends) == ["already_opened"] * 15 + ["opened"]


def test_another_key_does_not_open_and_spends_nothing(asked: Asked) -> None:
    verified = verify_result(asked.opened, asked.received(Script()), asked.world.trusted, asked.now)
    with pytest.raises(ResultRefused) as caught:
        open_result(verified, make_key("elgamal", ASKER), asked.rounds)
    assert caught.value.wrong is Wrong.OTHER_KEY
    assert asked.rounds.state(asked.opened.id) == "open"


def out_of_bounds(asked: Asked, received: Received) -> None:
    with pytest.raises(ResultRefused) as caught:
        asked.open(received)
    assert caught.value.wrong is Wrong.OUT_OF_BOUNDS
    assert asked.rounds.answer(asked.opened.id) is None


def test_masks_that_do_not_cancel_are_an_error(asked: Asked) -> None:
    public = PublicKey.from_bytes(bytes.fromhex(asked.opened.question.key.key))
    random = b"".join(public.encrypt(SecretKey.generate().scalar).to_bytes() for _ in range(2))
    out_of_bounds(asked, asked.received(Script(ciphertexts=lambda _: random)))


@pytest.mark.parametrize("counter", [-1, 2])
def test_a_counter_that_no_members_can_make_is_an_error(asked: Asked, counter: int) -> None:
    values = [counter, 100 * STEPS]
    sent = dict.fromkeys(CONTRIBUTORS, values)
    out_of_bounds(asked, asked.received(Script(), **sent))


def test_a_sum_beyond_the_declared_bound_is_an_error(asked: Asked) -> None:
    bound = 10_000 * STEPS + asked.opened.plan.noise.share_tail
    at_the_bound = {name: [1, bound] for name in CONTRIBUTORS}
    beyond = at_the_bound | {"lender-c": [1, bound + 1]}
    out_of_bounds(asked, asked.received(Script(), **beyond))


def test_the_declared_bound_itself_can_be_read(asked: Asked) -> None:
    bound = 10_000 * STEPS + asked.opened.plan.noise.share_tail
    (cell,) = asked.open(
        asked.received(Script(), **{name: [1, bound] for name in CONTRIBUTORS})
    ).cells
    assert cell.people is not None
    assert cell.people.value == 4 * bound / STEPS


def test_malformed_points_are_refused_and_show_nothing(asked: Asked) -> None:
    received = asked.received(Script(ciphertexts=lambda b: b"\x04" + b[1:]))
    with pytest.raises(ResultRefused) as caught:
        asked.open(received)
    assert caught.value.wrong is Wrong.CIPHERTEXTS


def test_zero_people_are_read_though_infinity_has_no_encoding(asked: Asked) -> None:
    sent = {name: [1, 0] for name in CONTRIBUTORS}
    (cell,) = asked.open(asked.received(Script(), **sent)).cells
    assert cell.people is not None
    assert cell.people.value == 0


def test_refusals_name_no_figure(asked: Asked) -> None:
    values = {name: [3, 7777 * STEPS] for name in CONTRIBUTORS}
    with pytest.raises(ResultRefused) as caught:
        asked.open(asked.received(Script(), **values))
    assert "7777" not in str(caught.value) + caught.value.next_step
    assert caught.value.__context__ is None or "7777" not in str(caught.value.__context__)
