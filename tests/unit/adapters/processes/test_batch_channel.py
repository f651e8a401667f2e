"""The channel to a sibling, over real socket pairs: order, one batch in flight, and every end."""

import asyncio
import select
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from gateway.adapters.processes.batch_channel import (
    MAX_BATCH,
    MAX_FRAME_BYTES,
    BatchChannel,
    Frames,
    SiblingGone,
    framed,
)

LONG_S = 60.0
BIG = 8 * 1024 * 1024


class Op(msgspec.Struct, frozen=True, array_like=True):
    """An operation: a number and some weight."""

    number: int
    weight: bytes = b""


class Rig:
    """A channel, and the sibling's end in the hands of the test."""

    def __init__(self, timeout_s: float) -> None:
        ours, self.sibling = socket.socketpair()
        self.sibling.settimeout(LONG_S)
        self.gone: list[bool] = []
        self.channel: BatchChannel[Any, int] = BatchChannel(ours, int, timeout_s, self.gone.append)
        self._frames = Frames()
        self._whole: deque[bytes] = deque()

    def _receive(self) -> list[list[Any]]:
        while not self._whole:
            chunk = self.sibling.recv(1 << 16)
            assert chunk, "the worker closed its end"
            self._whole.extend(self._frames.feed(chunk))
        batch: list[list[Any]] = msgspec.msgpack.decode(self._whole.popleft())
        return batch

    async def batch(self) -> list[int]:
        """The numbers of the next batch."""
        return [one[0] for one in await asyncio.to_thread(self._receive)]

    async def send(self, data: bytes) -> None:
        await asyncio.to_thread(self.sibling.sendall, data)

    async def answer(self, *results: object) -> None:
        await self.send(framed(msgspec.msgpack.encode(results)))

    async def nothing_to_read(self) -> bool:
        """Whether the channel sends nothing, though the loop has turned many times."""
        for _ in range(20):
            await asyncio.sleep(0.001)
        return not select.select([self.sibling], [], [], 0)[0]


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    rig = Rig(LONG_S)
    yield rig
    rig.channel.close()
    rig.sibling.close()


async def _all_gone(futures: list[asyncio.Future[int]], timed_out: bool = False) -> None:
    ends = await asyncio.wait_for(asyncio.gather(*futures, return_exceptions=True), LONG_S)
    assert [type(one) for one in ends] == [SiblingGone] * len(futures)
    assert all(isinstance(one, SiblingGone) and one.timed_out is timed_out for one in ends)


async def _echo(rig: Rig, calls: int) -> list[int]:
    """Answer each number with its double until all calls came; return the batches' sizes."""
    sizes: list[int] = []
    while sum(sizes) < calls:
        numbers = await rig.batch()
        sizes.append(len(numbers))
        await rig.answer(*(2 * one for one in numbers))
    return sizes


async def test_each_call_gets_its_own_result_in_bounded_batches(rig: Rig) -> None:
    count = 2 * MAX_BATCH + 100
    futures = [rig.channel.call(Op(number)) for number in range(count)]
    sizes = await _echo(rig, count)
    assert await asyncio.gather(*futures) == [2 * number for number in range(count)]
    assert sizes == [MAX_BATCH, MAX_BATCH, 100]
    assert rig.gone == []


async def test_the_next_batch_is_what_came_while_one_was_in_flight(rig: Rig) -> None:
    first = rig.channel.call(Op(1))
    assert await rig.batch() == [1]
    later = [rig.channel.call(Op(number)) for number in (2, 3, 4)]
    assert await rig.nothing_to_read()
    assert not any(one.done() for one in (first, *later))
    await rig.answer(10)
    assert await first == 10
    assert await rig.batch() == [2, 3, 4]
    await rig.answer(20, 30, 40)
    assert await asyncio.gather(*later) == [20, 30, 40]


async def test_a_call_made_of_a_result_is_sent(rig: Rig) -> None:
    """Calls that answers give rise to, as those of real callers are."""

    async def caller(number: int) -> int:
        for _ in range(5):
            number = await rig.channel.call(Op(number))
        return number

    callers = [asyncio.ensure_future(caller(number)) for number in range(50)]
    await _echo(rig, 250)
    assert await asyncio.gather(*callers) == [number * 32 for number in range(50)]


async def test_a_batch_larger_than_the_sockets_buffer_arrives_whole(rig: Rig) -> None:
    future = rig.channel.call(Op(7, bytes(BIG)))
    small = rig.channel.call(Op(8))
    assert await rig.nothing_to_read() is False
    assert await rig.batch() == [7, 8]
    await rig.answer(1, 2)
    assert (await future, await small) == (1, 2)
    again = rig.channel.call(Op(9))
    assert await rig.batch() == [9]
    await rig.answer(3)
    assert await again == 3


async def test_an_answer_in_pieces_is_one_answer(rig: Rig) -> None:
    futures = [rig.channel.call(Op(number)) for number in (1, 2)]
    await rig.batch()
    for byte in framed(msgspec.msgpack.encode([5, 6])):
        assert not futures[0].done()
        await rig.send(bytes([byte]))
        await asyncio.sleep(0)
    assert await asyncio.gather(*futures) == [5, 6]


async def test_a_sibling_that_does_not_answer_fails_all_that_wait() -> None:
    rig = Rig(0.05)
    flying = [rig.channel.call(Op(number)) for number in (1, 2)]
    assert await rig.batch() == [1, 2]
    waiting = [rig.channel.call(Op(number)) for number in (3, 4)]
    await _all_gone(flying + waiting, timed_out=True)
    assert rig.gone == [True]
    await _all_gone([rig.channel.call(Op(5))], timed_out=True)
    rig.sibling.close()


async def test_a_sibling_that_does_not_read_fails_all_that_wait() -> None:
    rig = Rig(0.05)
    await _all_gone([rig.channel.call(Op(1, bytes(BIG)))], timed_out=True)
    assert rig.gone == [True]
    rig.sibling.close()


async def test_an_idle_channel_does_not_time_out() -> None:
    rig = Rig(0.05)
    for _ in range(2):
        future = rig.channel.call(Op(1))
        await rig.batch()
        await rig.answer(1)
        assert await future == 1
        await asyncio.sleep(0.15)
    assert rig.gone == []
    rig.channel.close()
    rig.sibling.close()


async def test_a_sibling_that_is_gone_fails_all_that_wait(rig: Rig) -> None:
    flying = [rig.channel.call(Op(number)) for number in (1, 2)]
    await rig.batch()
    waiting = [rig.channel.call(Op(number)) for number in (3, 4)]
    rig.sibling.close()
    await _all_gone(flying + waiting)
    assert rig.gone == [False]


async def test_a_sibling_that_is_gone_before_the_first_call(rig: Rig) -> None:
    rig.sibling.close()
    await _all_gone([rig.channel.call(Op(1))])
    assert rig.gone == [False]
    await _all_gone([rig.channel.call(Op(2))])
    assert rig.gone == [False]


@pytest.mark.parametrize(
    "answer",
    [
        framed(msgspec.msgpack.encode([1])),
        framed(msgspec.msgpack.encode([1, 2, 3])),
        framed(msgspec.msgpack.encode([])),
        framed(msgspec.msgpack.encode([1, "two"])),
        framed(msgspec.msgpack.encode({"a": 1})),
        framed(b"\xc1 rubbish"),
        framed(b""),
        struct.pack(">I", MAX_FRAME_BYTES + 1),
        b"\xff" * 64,
    ],
    ids=["too few", "too many", "none", "type", "map", "rubbish", "empty", "limit", "noise"],
)
async def test_an_answer_that_is_none_fails_all_and_hangs_nobody(rig: Rig, answer: bytes) -> None:
    flying = [rig.channel.call(Op(number)) for number in (1, 2)]
    await rig.batch()
    waiting = [rig.channel.call(Op(3))]
    await rig.send(answer)
    await _all_gone(flying + waiting)
    assert rig.gone == [False]


async def test_a_second_answer_to_one_batch_ends_the_channel(rig: Rig) -> None:
    future = rig.channel.call(Op(1))
    await rig.batch()
    other = rig.channel.call(Op(2))
    answer = framed(msgspec.msgpack.encode([1]))
    await rig.send(answer + answer)
    assert await future == 1
    await _all_gone([other])
    assert rig.gone == [False]


async def test_a_cancelled_call_disturbs_no_other(rig: Rig) -> None:
    futures = [rig.channel.call(Op(number)) for number in (1, 2, 3)]
    await rig.batch()
    waiting = [rig.channel.call(Op(number)) for number in (4, 5)]
    futures[1].cancel()
    waiting[0].cancel()
    await rig.answer(10, 20, 30)
    assert (await futures[0], await futures[2]) == (10, 30)
    # What was queued is sent all the same: order is what the callers rely on.
    assert await rig.batch() == [4, 5]
    await rig.answer(40, 50)
    assert await waiting[1] == 50
    assert futures[1].cancelled()
    assert waiting[0].cancelled()
    assert rig.gone == []


async def test_cancelled_calls_and_a_dead_sibling_go_together(rig: Rig) -> None:
    first, second = rig.channel.call(Op(1)), rig.channel.call(Op(2))
    await rig.batch()
    first.cancel()
    rig.sibling.close()
    await _all_gone([second])


@pytest.mark.parametrize("operation", [object(), Op(2**70), Op(1, "\ud800")])  # type: ignore[arg-type]
async def test_what_cannot_be_encoded_fails_alone(rig: Rig, operation: object) -> None:
    before = rig.channel.call(Op(1))
    with pytest.raises((TypeError, OverflowError, UnicodeEncodeError)):
        rig.channel.call(operation)
    after = rig.channel.call(Op(2))
    assert await rig.batch() == [1, 2]
    await rig.answer(10, 20)
    assert (await before, await after) == (10, 20)
    assert rig.gone == []


async def test_close_fails_what_waits_and_reports_nothing(rig: Rig) -> None:
    flying = [rig.channel.call(Op(1))]
    await rig.batch()
    waiting = [rig.channel.call(Op(2))]
    rig.channel.close()
    await _all_gone(flying + waiting)
    await _all_gone([rig.channel.call(Op(3))])
    rig.channel.close()
    assert rig.gone == []
    assert await asyncio.to_thread(rig.sibling.recv, 1) == b""


async def test_close_while_a_batch_is_half_sent(rig: Rig) -> None:
    future = rig.channel.call(Op(1, bytes(BIG)))
    assert not await rig.nothing_to_read()
    rig.channel.close()
    await _all_gone([future])
    assert rig.gone == []


@pytest.mark.parametrize("frame", [b"rubbish", msgspec.msgpack.encode([]), b""], ids=str)
async def test_a_frame_that_nobody_asked_for_ends_the_channel(rig: Rig, frame: bytes) -> None:
    await rig.send(framed(frame))
    for _ in range(1000):
        if rig.gone:
            break
        await asyncio.sleep(0.001)
    with pytest.raises(SiblingGone):
        await rig.channel.call(Op(1))


async def test_an_answer_before_its_batch_was_sent_ends_the_channel(rig: Rig) -> None:
    waiting = rig.channel.call(Op(1, bytes(BIG)))
    await asyncio.sleep(0.01)
    await rig.answer(1)
    with pytest.raises(SiblingGone):
        await waiting
    assert rig.gone == [False]
