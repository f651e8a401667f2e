"""A stream of batches between a worker's event loop and a sibling process.

Owns framing, order, and what happens when the sibling stalls or dies: every waiting call fails
with ``SiblingGone``, none hangs. One batch is in flight; the next is what arrived meanwhile, so a
busy loop pays one wake-up for many calls. Refuses to retry: the caller knows what is safe.
"""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeVar

import msgspec

MAX_FRAME_BYTES: Final = 64 * 1024 * 1024
MAX_BATCH: Final = 256
LINGER_S: Final = 0.002
"""Seconds; gateway/README.md has the measurement."""
_LENGTH: Final = struct.Struct(">I")
_LIST: Final = struct.Struct(">BH")
_ARRAY_16: Final = 0xDC
"""MessagePack: a list whose length is the next two bytes."""
_CHUNK: Final = 1 << 18

Op = TypeVar("Op")
Asked_contra = TypeVar("Asked_contra", contravariant=True)
Res = TypeVar("Res")


class Calls(Protocol[Asked_contra, Res]):
    """What a user of a sibling needs: a future for each operation."""

    def call(self, operation: Asked_contra) -> asyncio.Future[Res]:
        """Queue an operation; the future ends with its result or with ``SiblingGone``."""
        ...


class SiblingGone(Exception):
    """The sibling process did not answer in time or is dead; whether it acted is unknown."""

    def __init__(self, timed_out: bool) -> None:
        """Say which of the two it was."""
        super().__init__("the sibling process did not answer" if timed_out else "is gone")
        self.timed_out = timed_out


class Frames:
    """Reassembles length-prefixed frames from a stream of chunks."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take a chunk and return the frames that are now whole."""
        if not self._buffer and len(chunk) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(chunk)
            if length == len(chunk) - _LENGTH.size:
                return [chunk[_LENGTH.size :]]
        self._buffer += chunk
        frames = []
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if length > MAX_FRAME_BYTES:
                raise ConnectionError("a frame is longer than the limit")
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                break
            frames.append(bytes(self._buffer[_LENGTH.size : end]))
            del self._buffer[:end]
        return frames


def framed(payload: bytes) -> bytes:
    """Return the payload after its length."""
    return _LENGTH.pack(len(payload)) + payload


class BatchChannel(Generic[Op, Res]):
    """The worker's end. All methods are called on the event loop's thread."""

    def __init__(
        self,
        sock: socket.socket,
        result_type: type[Res] | object,
        timeout_s: float,
        on_gone: Callable[[bool], None],
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        """Take over a connected stream socket; ``on_gone(timed_out)`` is called once, at the end.

        ``timeout_s`` bounds the answer to one batch; while ``busy`` says so, batches gather.
        """
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        sock.setblocking(False)
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(list[result_type])  # type: ignore[valid-type]
        self._frames = Frames()
        self._waiting: deque[tuple[bytes, asyncio.Future[Res]]] = deque()
        self._flying: list[asyncio.Future[Res]] = []
        self._unsent: bytes | memoryview = b""
        self._timeout_s = timeout_s
        self._timer: asyncio.TimerHandle | None = None
        self._on_gone = on_gone
        self._gone: SiblingGone | None = None
        self._scheduled = False
        self._busy = busy
        self._loop.add_reader(sock.fileno(), self._readable)

    def call(self, operation: Op) -> asyncio.Future[Res]:
        """Queue an operation; the future ends with its result or with ``SiblingGone``."""
        future: asyncio.Future[Res] = self._loop.create_future()
        if self._gone is not None:
            future.set_exception(SiblingGone(self._gone.timed_out))
            return future
        # Encoded here, so that what cannot be encoded fails its own call and no other.
        self._waiting.append((self._encoder.encode(operation), future))
        self._schedule()
        return future

    def close(self) -> None:
        """Stop; what still waits fails with ``SiblingGone``."""
        self._end(timed_out=False, report=False)

    def _schedule(self) -> None:
        """Send at the end of this turn of the loop; a moment later while the worker is busy.

        A batch costs both processes about as much as ten operations in it. So where many calls
        are under way the next batch waits for more of them; otherwise no call waits.
        """
        if self._flying or self._scheduled:
            return
        self._scheduled = True
        if self._busy():
            self._loop.call_later(LINGER_S, self._send_next)
        else:
            self._loop.call_soon(self._send_next)

    def _send_next(self) -> None:
        self._scheduled = False
        if self._gone is not None or not self._waiting:
            return
        count = min(len(self._waiting), MAX_BATCH)
        batch = [self._waiting.popleft() for _ in range(count)]
        self._flying = [future for _, future in batch]
        payload = _LIST.pack(_ARRAY_16, count) + b"".join([encoded for encoded, _ in batch])
        self._timer = self._loop.call_later(self._timeout_s, self._end, True)
        # A view: what is left of a large batch is not copied at every turn.
        self._send(memoryview(framed(payload)))

    def _send(self, data: bytes | memoryview) -> None:
        try:
            sent = self._sock.send(data)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            self._end(timed_out=False)
            return
        self._unsent = data[sent:]
        if self._unsent:
            self._loop.add_writer(self._sock.fileno(), self._writable)

    def _writable(self) -> None:
        self._loop.remove_writer(self._sock.fileno())
        self._send(self._unsent)

    def _readable(self) -> None:
        try:
            chunk = self._sock.recv(_CHUNK)
            frames = self._frames.feed(chunk) if chunk else None
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            frames = None
        if frames is None:
            self._end(timed_out=False)
            return
        for frame in frames:
            self._answer(frame)

    def _answer(self, frame: bytes) -> None:
        try:
            results = self._decoder.decode(frame)
        except msgspec.MsgspecError:
            results = []
        flying, self._flying = self._flying, []
        # Nothing was asked, or not all of it was sent yet, or the count is wrong: not an answer.
        if not flying or self._unsent or len(results) != len(flying):
            self._flying = flying
            self._end(timed_out=False)
            return
        if self._timer is not None:
            self._timer.cancel()
        for future, result in zip(flying, results, strict=True):
            if not future.done():
                future.set_result(result)
        if self._waiting:
            self._schedule()

    def _end(self, timed_out: bool, report: bool = True) -> None:
        if self._gone is not None:
            return
        self._gone = SiblingGone(timed_out)
        if self._timer is not None:
            self._timer.cancel()
        self._loop.remove_reader(self._sock.fileno())
        self._loop.remove_writer(self._sock.fileno())
        self._sock.close()
        for future in (*self._flying, *(future for _, future in self._waiting)):
            if not future.done():
                future.set_exception(SiblingGone(timed_out))
        self._flying = []
        self._waiting.clear()
        if report:
            self._on_gone(timed_out)
