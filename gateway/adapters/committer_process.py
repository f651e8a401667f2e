"""The committer's process: one batch of every worker at a time, one transaction, then the answers.

Owns the loop between the sockets and ``SqliteCommitter``. It ends when all its workers are gone,
whatever ended them; it never acknowledges before COMMIT. Started by ``sibling_process``.
"""

import selectors
import signal
import socket
import time
from pathlib import Path
from typing import Protocol

import msgspec

from gateway.adapters.batch_channel import Frames, framed
from gateway.adapters.committer_messages import AnyOperation, Result
from gateway.adapters.sibling_process import child_main
from gateway.adapters.sqlite_checkpoints import Checkpointer
from gateway.adapters.sqlite_committer import SqliteCommitter
from gateway.adapters.sqlite_store import open_writer


class Commits(Protocol):
    """What the loop needs of a committer."""

    def commit(self, operations: list[AnyOperation]) -> list[Result]:
        """Return a result for each operation, once durable."""
        ...


class _Worker:
    """One worker's socket and the frames that arrived on it."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.frames = Frames()


def serve(sockets: list[socket.socket], committer: Commits) -> None:
    """Serve until every worker has closed its end."""
    decoder = msgspec.msgpack.Decoder(list[AnyOperation])
    encoder = msgspec.msgpack.Encoder()
    selector = selectors.DefaultSelector()
    for sock in sockets:
        sock.setblocking(True)
        selector.register(sock, selectors.EVENT_READ, _Worker(sock))
    while selector.get_map():
        gathered: list[tuple[_Worker, list[AnyOperation]]] = []
        for key, _ in selector.select():
            worker: _Worker = key.data
            frames = _receive(worker)
            if frames is None:
                selector.unregister(worker.sock)
                continue
            gathered.extend((worker, decoder.decode(frame)) for frame in frames)
        if gathered:
            _commit_and_answer(gathered, committer, encoder)


def _receive(worker: _Worker) -> list[bytes] | None:
    try:
        chunk = worker.sock.recv(1 << 18)
    except ConnectionError:
        return None
    return worker.frames.feed(chunk) if chunk else None


def _commit_and_answer(
    gathered: list[tuple[_Worker, list[AnyOperation]]],
    committer: Commits,
    encoder: msgspec.msgpack.Encoder,
) -> None:
    results = committer.commit([one for _, operations in gathered for one in operations])
    at = 0
    for worker, operations in gathered:
        answer = results[at : at + len(operations)]
        at += len(operations)
        try:
            worker.sock.sendall(framed(encoder.encode(answer)))
        except ConnectionError:
            continue  # The worker died; its intents are closed at the next start.


def run(sockets: list[socket.socket], argument: str) -> tuple[dict[str, int], object]:
    """Open the store named by ``argument``, close open intents, and return what to say and do."""
    # The parent decides when to stop, by closing its ends: a Ctrl-C must not cut a batch off.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    path = Path(argument)
    committer = SqliteCommitter(open_writer(path), time.time)
    abandoned = committer.abandon_open_intents()
    checkpointer = Checkpointer(path)

    def serve_and_check() -> None:
        checkpointer.start()
        serve(sockets, committer)
        checkpointer.stop()

    return {"abandoned": abandoned}, serve_and_check


if __name__ == "__main__":
    child_main(run)
