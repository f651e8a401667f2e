"""The sibling's end of its channels: batches of every worker in, one answer a batch out.

Owns the loop: what has arrived from all workers is answered together. It ends when all workers are
gone, whatever ended them. Refuses nothing and knows no operation.
"""

import selectors
import socket
import time
from collections.abc import Callable
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec

from gateway.adapters.processes.batch_channel import Frames, framed

_CHUNK: Final = 1 << 18

Op = TypeVar("Op")
Res = TypeVar("Res")


class _Worker:
    """One worker's socket and the frames that arrived on it."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.frames = Frames()

    def receive(self) -> list[bytes] | None:
        """Return the frames that are whole now, or None at the end."""
        try:
            chunk = self.sock.recv(_CHUNK)
        except ConnectionError:
            return None
        return self.frames.feed(chunk) if chunk else None


class Besides(NamedTuple):
    """What a process looks after besides its workers; what the functions raise ends the loop."""

    session: int
    """The file descriptor of a session; when it speaks unasked, it is looked at."""
    every_s: float
    look_round: Callable[[], None]
    after: Callable[[], None]
    """Called when a batch was answered."""


class BatchServer(Generic[Op, Res]):
    """Serves ``sockets``; ``answers`` returns a result for each operation, in order."""

    def __init__(
        self,
        sockets: list[socket.socket],
        operation_type: object,
        answers: Callable[[list[Op]], list[Res]],
    ) -> None:
        """Take over connected sockets and the type of the operations on them."""
        self._decoder = msgspec.msgpack.Decoder(list[operation_type])  # type: ignore[valid-type]
        self._encoder = msgspec.msgpack.Encoder()
        self._answers = answers
        self._selector = selectors.DefaultSelector()
        for sock in sockets:
            sock.setblocking(True)
            self._selector.register(sock, selectors.EVENT_READ, _Worker(sock))
        self._workers = len(sockets)
        self._spoken = False

    def serve(self, besides: Besides | None = None) -> None:
        """Serve until every worker has closed its end; look after what else there is."""
        if besides is None:
            while self._workers:
                self._answer(self._gather(None))
            return
        self._selector.register(besides.session, selectors.EVENT_READ)
        due = time.monotonic() + besides.every_s
        while self._workers:
            gathered = self._gather(max(0.0, due - time.monotonic()))
            self._answer(gathered)
            if gathered:
                besides.after()
            if self._spoken or time.monotonic() >= due:
                besides.look_round()
                due = time.monotonic() + besides.every_s

    def _gather(self, timeout_s: float | None) -> list[tuple[_Worker, list[Op]]]:
        gathered: list[tuple[_Worker, list[Op]]] = []
        self._spoken = False
        for key, _ in self._selector.select(timeout_s):
            worker: _Worker | None = key.data
            if worker is None:
                self._spoken = True
                continue
            frames = worker.receive()
            if frames is None:
                self._selector.unregister(worker.sock)
                self._workers -= 1
                continue
            gathered.extend((worker, self._decoder.decode(frame)) for frame in frames)
        return gathered

    def _answer(self, gathered: list[tuple[_Worker, list[Op]]]) -> None:
        if not gathered:
            return
        results = self._answers([one for _, operations in gathered for one in operations])
        at = 0
        for worker, operations in gathered:
            answer = results[at : at + len(operations)]
            at += len(operations)
            try:
                worker.sock.sendall(framed(self._encoder.encode(answer)))
            except ConnectionError:
                continue  # The worker died; what it left open is closed at the next start.
