"""A provider's process that answers rubbish: what it says is in the environment.

Owns the rubbish only, so that the gateway's end of the channel can be tested with it.
"""

import os
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import msgspec

from gateway.adapters.processes.batch_channel import MAX_FRAME_BYTES, framed
from gateway.adapters.processes.sibling_process import child_main
from gateway.adapters.providers.messages import Found

MODULE = "support.faults_rubbish_provider"
ENVIRONMENT = "FAULTS_RUBBISH"
HONEST = "honest"
QUOTED = "a value of a record"
_RECEIVED = 1 << 18


def _packed(*answers: object) -> bytes:
    return framed(msgspec.msgpack.encode(list(answers)))


def _die(_: socket.socket) -> None:
    os._exit(1)


def _say_half(sock: socket.socket) -> None:
    sock.sendall(b"\0\0\0\x10half")
    os._exit(1)


def _quote(_: socket.socket) -> None:
    raise ValueError(QUOTED)


def _hang(_: socket.socket) -> None:
    time.sleep(3600)


RUBBISH: dict[str, Callable[[socket.socket], object]] = {
    "bytes of no meaning": lambda sock: sock.sendall(framed(os.urandom(512))),
    "zero bytes": lambda sock: sock.sendall(bytes(4096)),
    "a frame without end": lambda sock: sock.sendall(struct.pack(">I", MAX_FRAME_BYTES + 1)),
    "half a frame, then the end": _say_half,
    "no answer at all": lambda sock: sock.sendall(_packed()),
    "one answer too many": lambda sock: sock.sendall(_packed(Found(("a", 1)), Found(("b", 2)))),
    "an unknown kind of answer": lambda sock: sock.sendall(_packed(["x", ["a", 1]])),
    "a value that is no value": lambda sock: sock.sendall(_packed(["f", [{"a": 1}, 1.5]])),
    "its end": _die,
    "a bug that quotes a value": _quote,
    "too few values": lambda sock: sock.sendall(_packed(Found(("a",)))),
    "too many values": lambda sock: sock.sendall(_packed(Found(("a", 1, 2)))),
    "a number for a text": lambda sock: sock.sendall(_packed(Found((1, 1)))),
    "a text for a number": lambda sock: sock.sendall(_packed(Found(("a", "1")))),
    "silence": _hang,
    HONEST: lambda sock: sock.sendall(_packed(Found(("a", 1)))),
}


def run(sockets: list[socket.socket], _: str) -> tuple[dict[str, int], Any]:
    (sock,) = sockets
    say = RUBBISH[os.environ[ENVIRONMENT]]

    def serve() -> None:
        while sock.recv(_RECEIVED):
            say(sock)

    return {"sources": 1}, serve


if __name__ == "__main__":
    child_main(run)
