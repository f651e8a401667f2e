"""The combiner in its process: sums, hostile values at bounded cost, and a process that is lost."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import signal
from collections.abc import AsyncIterator, Iterator
from functools import cache

import pytest

from gateway.adapters.aggregates.process_combiner import ProcessCombiner
from gateway.application.ports.aggregates import CiphertextRefused
from gateway.crypto.elgamal import Ciphertext
from gateway.crypto.elgamal.curve import FIELD, negate
from gateway.crypto.paillier import PrivateKey, prove_key
from gateway.domain.aggregate.question import AskerKey, key_context, proof_text
from support.aggregate_parties import Asker, encrypted
from support.paillier_keys import key as paillier_key

HOSTILE = 10_000
"""Half of them points, half residues."""
ASKER = Asker()


@pytest.fixture
async def combiner() -> AsyncIterator[ProcessCombiner]:
    one = ProcessCombiner()
    one.open()
    yield one
    one.close()


@cache
def private() -> PrivateKey:
    return paillier_key("veilgate_3072")


@cache
def paillier() -> AskerKey:
    n = private().public_key.n
    proof = prove_key(private(), key_context(ASKER.institution)).encode(n)
    return AskerKey(scheme="paillier", key=f"{n:x}", proof=proof_text("paillier", proof))


def under_paillier(values: list[int]) -> bytes:
    key = private().public_key
    return b"".join(key.encrypt_raw(value % key.n).to_bytes(768, "big") for value in values)


async def test_columns_are_summed_in_their_order(combiner: ProcessCombiner) -> None:
    # More than fit one piece of work.
    values = [list(range(3000)), [7] * 3000, [1] * 3000]
    sent = [encrypted(ASKER.key, one) for one in values]
    for one in sent:
        await combiner.require_valid(ASKER.key, one, 3000)
    total = (await combiner.combine(ASKER.key, sent, 3000, b"")).ciphertexts
    some = [0, 1, 1023, 1024, 2047, 2048, 2999]
    picked = b"".join(total[66 * at : 66 * at + 66] for at in some)
    assert ASKER.read(picked, 1 << 16) == [at + 8 for at in some]
    again = (await combiner.combine(ASKER.key, sent, 3000, b"")).ciphertexts
    assert len({again[at : at + 66] for at in range(0, len(again), 66)}) == 3000
    assert not {again[at : at + 33] for at in range(0, len(again), 33)} & {
        total[at : at + 33] for at in range(0, len(total), 33)
    }


async def test_residues_are_summed_in_their_order(combiner: ProcessCombiner) -> None:
    sent = [under_paillier([at, -5, 1 << 200]) for at in range(4)]
    for one in sent:
        await combiner.require_valid(paillier(), one, 3)
    total = (await combiner.combine(paillier(), sent, 3, b"")).ciphertexts
    n = private().public_key.n
    sums = [private().decrypt_raw(int.from_bytes(total[at : at + 768], "big")) for at in (0, 768)]
    assert sums == [6, n - 20]
    assert total != (await combiner.combine(paillier(), sent, 3, b"")).ciphertexts


async def test_keys_are_accepted_for_who_proved_them_only(combiner: ProcessCombiner) -> None:
    for key in (ASKER.key, paillier()):
        await combiner.require_key(key, ASKER.institution)
        await combiner.require_key(key, ASKER.institution)
        with pytest.raises(CiphertextRefused):
            await combiner.require_key(key, "lender-y")


def bad_keys() -> Iterator[AskerKey]:
    good, n = ASKER.key, private().public_key.n
    yield AskerKey(scheme="elgamal", key="00" * 33, proof=good.proof)
    yield AskerKey(scheme="elgamal", key=good.key, proof=good.proof[:-2])
    yield AskerKey(scheme="elgamal", key="04" + good.key[2:] * 2, proof=good.proof)
    yield AskerKey(scheme="elgamal", key=paillier().key, proof=good.proof)
    # A zero in front: the same number under another id.
    yield AskerKey(scheme="paillier", key="00" + paillier().key, proof=paillier().proof)
    yield AskerKey(scheme="paillier", key="00", proof="00")
    for modulus in (n + 1, n - 2, n << 1, (1 << 3071) + 1, n >> 1500, n * n, n * 3):
        encoded = modulus.to_bytes((modulus.bit_length() + 7) // 8, "big")
        yield AskerKey(scheme="paillier", key=encoded.hex(), proof=paillier().proof)
    yield AskerKey(scheme="paillier", key=paillier().key, proof="00" * (len(paillier().proof) // 2))
    yield AskerKey(scheme="paillier", key=good.key, proof=good.proof)


async def test_bad_keys_are_refused_and_the_process_lives(combiner: ProcessCombiner) -> None:
    pid = combiner.pid
    for key in bad_keys():
        with pytest.raises(CiphertextRefused):
            await combiner.require_key(key, ASKER.institution)
    assert combiner.pid == pid


def hostile_points(count: int) -> Iterator[bytes]:
    """Ciphertexts of which one point at least is none."""
    drawn = random.Random(20261122)
    good = encrypted(ASKER.key, [1])
    uncompressed = b"\x04" + good[1:33]
    fixed = (
        *(bytes(66), b"\xff" * 66, bytes(33) + good[33:], good[:33] + bytes(33)),
        *(uncompressed + good[33:], b"\x06" + good[1:], b"\x00" + good[1:]),
        b"\x02" + FIELD.to_bytes(32, "big") + good[33:],
        b"\x02" + (FIELD + 1).to_bytes(32, "big") + good[33:],
        # x = 5 is on no point of the curve.
        good[:33] + b"\x02" + (5).to_bytes(32, "big"),
    )
    for at in range(count):
        if at % 2:
            yield fixed[drawn.randrange(len(fixed))]
        else:
            yield bytes([drawn.choice((0, 1, 4, 5, 6, 7, 255))]) + drawn.randbytes(65)


def hostile_residues(count: int) -> Iterator[bytes]:
    """Numbers that are no ciphertexts."""
    drawn = random.Random(20261122)
    key, own = private(), private().public_key
    square = own.n**2
    values = (0, own.n, own.n * 7, square, square + 1, key.p, key.q * 5, (1 << 6144) - 1)
    for _ in range(count):
        kind = drawn.randrange(len(values) + 1)
        if kind < len(values):
            yield values[kind].to_bytes(768, "big")
        else:
            yield (key.p * drawn.randrange(1, own.n)).to_bytes(768, "big")


@pytest.mark.parametrize("scheme", ["elgamal", "paillier"])
async def test_thousands_of_hostile_ciphertexts_are_each_refused(
    combiner: ProcessCombiner, scheme: str
) -> None:
    pid, key = combiner.pid, ASKER.key if scheme == "elgamal" else paillier()
    hostile = hostile_points if scheme == "elgamal" else hostile_residues
    for one in hostile(HOSTILE // 2):
        with pytest.raises(CiphertextRefused):
            await combiner.require_valid(key, one, 1)
    assert combiner.pid == pid
    # One among many good ones is enough, wherever it stands.
    good = encrypted(key, [1] * 50) if scheme == "elgamal" else under_paillier([1]) * 50
    size = len(good) // 50
    for at, one in zip((0, 24, 49), hostile(3), strict=True):
        mixed = good[: at * size] + one + good[(at + 1) * size :]
        with pytest.raises(CiphertextRefused):
            await combiner.require_valid(key, mixed, 50)
    await combiner.require_valid(key, good, 50)


@pytest.mark.parametrize("length", [0, 1, 65, 67, 66 * 2, 66 * 4])
async def test_a_wrong_number_of_bytes_costs_nothing(
    combiner: ProcessCombiner, length: int
) -> None:
    content = secrets.token_bytes(length)
    with pytest.raises(CiphertextRefused):
        await combiner.require_valid(ASKER.key, content, 3)
    with pytest.raises(CiphertextRefused):
        await combiner.combine(ASKER.key, [content, content], 3, b"")
    with pytest.raises(CiphertextRefused):
        await combiner.combine(ASKER.key, [], 3, b"")


async def test_a_hostile_round_does_not_hold_up_another(combiner: ProcessCombiner) -> None:
    long = encrypted(ASKER.key, [1] * 1000) * 16
    slow = asyncio.ensure_future(combiner.require_valid(ASKER.key, long, 16_000))
    for _ in range(3):
        await combiner.require_valid(ASKER.key, long[:66], 1)
    # Pieces take turns: three short ones came through while the long one was under way.
    assert not slow.done()
    await slow


async def test_work_is_done_again_where_the_process_was_lost(combiner: ProcessCombiner) -> None:
    sent = [encrypted(ASKER.key, [1, 2, 3]) for _ in range(3)]
    lost = combiner.pid
    assert lost is not None
    os.kill(lost, signal.SIGKILL)
    total = (await combiner.combine(ASKER.key, sent, 3, b"")).ciphertexts
    assert ASKER.read(total, 100) == [3, 6, 9]
    assert combiner.pid != lost


async def test_a_sum_that_is_infinity_is_refused(combiner: ProcessCombiner) -> None:
    one = Ciphertext.from_bytes(encrypted(ASKER.key, [5]))
    other = Ciphertext(negate(one.c1), negate(one.c2))
    with pytest.raises(CiphertextRefused):
        await combiner.combine(ASKER.key, [one.to_bytes(), other.to_bytes()], 1, b"")
