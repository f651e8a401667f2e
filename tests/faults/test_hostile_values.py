"""Hostile values at a live gateway: each refused, recorded, at bounded cost; nobody else is harmed.

Members of two rounds, one under ElGamal and one under Paillier, send one hostile ciphertext after
the other, each in a contribution that is otherwise as it should be, and an asker registers keys
that are none. Meanwhile honest rounds over the same members go on. At the end the members send what
they should have sent, and their own rounds end well, too.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from clients.keyholder.errors import ResultRefused, Wrong
from clients.keyholder.keys.held_key import HeldKey, read_key
from gateway.adapters.aggregates.schemes import check_key
from gateway.crypto.errors import CryptoError
from gateway.crypto.paillier import Reason
from gateway.crypto.paillier.jwk import export_private
from gateway.domain.aggregate.packing_plan import Layout
from gateway.domain.aggregate.question import key_context
from gateway.domain.reasons import ErrorReason
from support.aggregate_live import ASKER, CONTRIBUTORS, Asking, serving, stub_of
from support.aggregate_parties import Asker, encrypted
from support.faults_load import NO_LIMIT
from support.faults_serving import log_size
from support.hostile_play import (
    MOST,
    VALUES,
    asked,
    flood,
    honest_rounds,
    layout,
    recorded,
    refused_key,
    waiting,
)
from support.hostile_rounds import (
    Held,
    Holding,
    Large,
    add_large_dataset,
    holding,
    packing_of,
)
from support.hostile_values import (
    Hostile,
    hostile_curve_keys,
    hostile_moduli,
    hostile_points,
    hostile_residues,
)
from support.live_gateway import LiveGateway, running_gateway
from support.paillier_keys import key as paillier_key
from support.process_time import processor_seconds

R = ErrorReason
_LOG = logging.getLogger(__name__)
MODULI = {
    "small": Reason.MODULUS_LENGTH,
    "prime": Reason.MODULUS_PRIME,
    "square": Reason.MODULUS_POWER,
    "factor 3": Reason.MODULUS_SMALL_FACTOR,
    "factor 65537": Reason.MODULUS_SMALL_FACTOR,
    "smooth": Reason.MODULUS_SMOOTH,
    "smooth less one": Reason.MODULUS_SMOOTH,
    "s P Q, s divides P - 1": Reason.PROOF_WRONG,
    "p q, p divides q - 1": Reason.PROOF_WRONG,
    "three primes": Reason.PROOF_WRONG,
    "primes 1 modulo 4": Reason.PROOF_WRONG,
    "even": Reason.MODULUS_EVEN,
    # By its form, before it is a number.
    "zero in front": None,
    "no number": None,
}
A_CIPHERTEXT_S = 0.005
SLACK = 10
_COMBINER = "gateway.adapters.aggregates.combiner_process"
_WAITS: dict[str, Any] = {
    "aggregate_ready_timeout_ms": 10_000,
    "aggregate_contribution_timeout_ms": 600_000,
    "calls_per_second": NO_LIMIT,
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("hostile") / "home"
    with running_gateway(folder, prepare=add_large_dataset, **_WAITS) as running:
        yield running


@pytest.fixture
def agents(gateway: LiveGateway) -> Iterator[list[Holding]]:
    everybody = [holding(gateway, VALUES, name) for name in CONTRIBUTORS]
    with serving(*everybody):
        yield everybody


@pytest.fixture
def stub(gateway: LiveGateway) -> Iterator[Any]:
    with stub_of(gateway, ASKER, "keyholder") as found:
        yield found


def wrong_counts(place: Held) -> Iterator[str]:
    """What a contribution is refused for whose number of ciphertexts is another."""
    good, size = place.good, len(place.good) // place.due
    for count in (0, 1, place.due - 1, place.due + 1, 2 * place.due, 10**9):
        if count != place.due:
            yield place.refusal(good, ciphertexts=count)
    for sent in (b"", good[:-size], good + good[:size], good * 2, good[:-1], good + b"\0"):
        yield place.refusal(sent)
        yield place.refusal(sent, ciphertexts=len(sent) // size)


def play(gateway: LiveGateway, agents: list[Holding], stub: Any, count: int) -> None:
    small, large = Asking(stub, gateway), Large(stub, gateway)
    question, other = small.question(), large.question()
    since, combiner = log_size(gateway), gateway.child(_COMBINER)
    with (
        waiting(small, question, agents, 1, 2) as (points, curve),
        waiting(large, other, agents, 0, 1, 2, 3) as (residues, modular),
    ):
        hostile = list(zip((*curve, *modular[2:]), values(curve[0], count // 4), strict=True))
        before = processor_seconds(combiner)
        rounds = flooded(gateway, hostile, count)
        spent = processor_seconds(combiner) - before
        for place in (*curve, *modular):
            place.send(place.good)
        assert small.asker.read(points.result(), MOST) == [4 * at for at in range(VALUES)]
        assert opened(residues.result(), layout(large, other)) == [4 * at for at in range(VALUES)]
    assert gateway.child(_COMBINER) == combiner
    members = Counter(place.agent.agent.institution for place, _ in hostile)
    assert recorded(gateway, since) == {
        (name, R.CIPHERTEXT_REFUSED.value): count // 4 * times for name, times in members.items()
    }
    each = spent / (count // 2 * VALUES + count // 2)
    _LOG.info("%d values, %d honest rounds, %.3f ms a ciphertext", count, rounds, 1e3 * each)
    assert each < SLACK * A_CIPHERTEXT_S


def values(place: Held, share: int) -> Iterator[Iterator[Hostile]]:
    """Two members' points, then two members' residues."""
    good = place.good[:66]
    yield from (hostile_points(good, random.Random(seed), share) for seed in (0, 1))
    private = paillier_key("veilgate_3072")
    yield from (hostile_residues(private, random.Random(seed), share) for seed in (2, 3))


def flooded(gateway: LiveGateway, hostile: list[tuple[Held, Iterator[Hostile]]], count: int) -> int:
    """Send all of it; return how many honest rounds ended well meanwhile."""
    with ThreadPoolExecutor(len(hostile)) as pool:
        flooding = [pool.submit(flood, *each, at) for at, each in enumerate(hostile)]
        rounds = honest_rounds(gateway, flooding, 20)
    found = sum((one.result() for one in flooding), Counter[str]())
    assert found == {R.CIPHERTEXT_REFUSED.value: count}
    assert rounds > 1
    return rounds


def opened(ciphertexts: bytes, of: Layout) -> list[int]:
    private = paillier_key("veilgate_3072")
    plain = [
        private.decrypt_raw(int.from_bytes(ciphertexts[at : at + 768], "big"))
        for at in range(0, len(ciphertexts), 768)
    ]
    return packing_of(of).unpack(plain, of.length)


def test_six_hundred_hostile_ciphertexts_harm_nobody(
    gateway: LiveGateway, agents: list[Holding], stub: Any
) -> None:
    play(gateway, agents, stub, 600)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_ten_thousand_hostile_ciphertexts_harm_nobody(
    gateway: LiveGateway, agents: list[Holding], stub: Any
) -> None:
    play(gateway, agents, stub, 10_000)


def test_wrong_counts_are_refused_and_recorded(
    gateway: LiveGateway, agents: list[Holding], stub: Any
) -> None:
    small, large = Asking(stub, gateway), Large(stub, gateway)
    since = log_size(gateway)
    with (
        waiting(small, small.question(), agents, 1) as (points, (curve,)),
        waiting(large, large.question(), agents, 0, 1, 2, 3) as (residues, modular),
    ):
        refused = Counter([*wrong_counts(curve), *wrong_counts(modular[2])])
        for place in (curve, *modular):
            place.send(place.good)
        assert small.asker.read(points.result(), MOST) == [4 * at for at in range(VALUES)]
        assert residues.result()
    assert set(refused) == {R.CIPHERTEXT_REFUSED.value}
    assert sum(recorded(gateway, since).values()) == refused.total() > 30


def test_hostile_keys_are_refused_and_recorded(
    gateway: LiveGateway, agents: list[Holding], stub: Any
) -> None:
    asking, since = Asking(stub, gateway), log_size(gateway)
    keys = [*hostile_curve_keys(asking.asker.key), *hostile_moduli(ASKER)]
    combiner, costs = gateway.child(_COMBINER), dict[str, float]()

    def refuse_all() -> Counter[str]:
        found: Counter[str] = Counter()
        for kind, key in keys:
            before = processor_seconds(combiner)
            reason = refused_key(stub, key)
            assert reason == R.AGGREGATE_KEY_REFUSED.value, kind
            found[reason] += 1
            costs[kind] = processor_seconds(combiner) - before
        return found

    with ThreadPoolExecutor(1) as pool:
        flooding = [pool.submit(refuse_all)]
        honest_rounds(gateway, flooding, 5)
        assert flooding[0].result().total() == len(keys)
    dearest = max(costs, key=lambda kind: costs[kind])
    _LOG.info("%d keys; the dearest (%s): %.2f s", len(keys), dearest, costs[dearest])
    assert gateway.child(_COMBINER) == combiner
    assert recorded(gateway, since) == {(ASKER, R.AGGREGATE_KEY_REFUSED.value): len(keys)}
    # The check of one key is allowed a second.
    assert costs[dearest] < SLACK


@pytest.mark.parametrize("kind", MODULI)
def test_each_modulus_is_refused_for_what_is_wrong_with_it(kind: str) -> None:
    """The gateway says one reason for all of them, so another mistake could hide behind it."""
    with pytest.raises(CryptoError) as caught:
        check_key(dict(hostile_moduli(ASKER))[kind], key_context(ASKER))
    assert getattr(caught.value, "reason", None) is MODULI[kind]


def test_every_modulus_is_looked_at() -> None:
    assert [kind for kind, _ in hostile_moduli(ASKER)] == list(MODULI)


def test_ciphertexts_under_another_key_spoil_their_own_round_only(
    gateway: LiveGateway, agents: list[Holding], stub: Any
) -> None:
    """Nobody can tell them from others without the secret key: who has it refuses the sum."""
    small, large = Asking(stub, gateway), Large(stub, gateway)
    question, other = small.question(), large.question()
    stranger, short = Asker(ASKER).key, paillier_key().public_key
    with (
        waiting(small, question, agents, 1) as (points, (curve,)),
        waiting(large, other, agents, 0, 1, 2, 3) as (residues, modular),
    ):
        curve.send(encrypted(stranger, list(range(VALUES))))
        modular[0].send(short.encrypt_raw(7).to_bytes(768, "big"))
        for place in modular[1:]:
            place.send(place.good)
        answers = (small, question, points.result()), (large, other, residues.result())
    for asking, about, ciphertexts in answers:
        with pytest.raises(ResultRefused) as caught:
            key_of(asking).sums(layout(asking, about), ciphertexts)
        assert caught.value.wrong is Wrong.OUT_OF_BOUNDS
    assert asked_well(small)


def asked_well(asking: Asking) -> bool:
    """Whether the next round's answer is right."""
    return asking.asker.read(asked(asking, asking.question()), MOST)[1:3] == [4, 8]


def key_of(asking: Asking) -> HeldKey:
    """The asker's key as a keyholder has it."""
    public = asking.asker.key
    if public.scheme == "elgamal":
        return read_key(asking.secret.to_bytes(), public)
    return read_key(export_private(paillier_key("veilgate_3072")).encode(), public)
