"""Sibling processes: started before gRPC, joined to the workers by socket pairs.

Owns starting, the ready message, and stopping. A sibling whose parent is gone sees its sockets
close and ends by itself. Refuses to start half: a sibling that does not say it is ready within the
limit is killed, and what it said instead is in the error.
"""

import json
import logging
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec

from gateway.safe_logging import log_unexpected

_LOG: Final = logging.getLogger(__name__)
READY_TIMEOUT_S: Final = 30.0
Run = Callable[[list[socket.socket], str], tuple[dict[str, int], Any]]


class SiblingFailed(Exception):
    """The sibling process did not start; the text says what it said."""


class Sibling:
    """A started sibling: its process, our ends of its sockets, and what it said when ready."""

    def __init__(
        self, process: subprocess.Popen[bytes], sockets: list[socket.socket], ready: dict[str, int]
    ) -> None:
        """Hold what ``start`` made."""
        self.process = process
        self.sockets = sockets
        self.ready = ready

    def stop(self, timeout_s: float = 10.0) -> int:
        """Close our ends, wait for it to finish its batch, and return its exit status."""
        for sock in self.sockets:
            sock.close()
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def start(module: str, argument: str, channels: int = 1) -> Sibling:
    """Start ``python -m module`` with ``channels`` socket pairs and wait until it is ready."""
    pairs = [socket.socketpair() for _ in range(channels)]
    theirs = [pair[1] for pair in pairs]
    numbers = [sock.fileno() for sock in theirs]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
        [sys.executable, "-m", module, json.dumps(numbers), argument],
        pass_fds=numbers,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    for sock in theirs:
        sock.close()
    return Sibling(process, [pair[0] for pair in pairs], _await_ready(process, module))


def _await_ready(process: subprocess.Popen[bytes], module: str) -> dict[str, int]:
    stdout = process.stdout
    if stdout is None:
        raise SiblingFailed(f"{module}: no output to read")
    try:
        said = msgspec.json.decode(_first_line(stdout.fileno()), type=dict[str, int | str])
    except msgspec.MsgspecError:
        said = {"error": "it ended or hung before it was ready"}
    ready = {name: value for name, value in said.items() if isinstance(value, int)}
    if len(ready) < len(said):
        process.kill()
        process.wait()
        raise SiblingFailed(f"{module}: {said.get('error', 'its ready message is malformed')}")
    return ready


def _first_line(output: int) -> bytes:
    """Return what was written up to the end of a line; less if it ended or the time is over."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    line = b""
    while b"\n" not in line:
        left = max(0.0, deadline - time.monotonic())
        readable, _, _ = select.select([output], [], [], left)
        chunk = os.read(output, 4096) if readable else b""
        if not chunk:
            break
        line += chunk
    return line


def child_main(run: Run) -> None:
    """In the sibling: take over the sockets, say ready or the error, and serve."""
    sockets = [socket.socket(fileno=number) for number in json.loads(sys.argv[1])]
    try:
        said, serve = run(sockets, sys.argv[2])
    except Exception as error:
        # The class and its own text only: adapters' errors carry no value of a record.
        sys.stdout.write(json.dumps({"error": f"{type(error).__name__}: {error}"}) + "\n")
        sys.stdout.flush()
        raise SystemExit(1) from error
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    try:
        serve()
    except Exception as error:  # noqa: BLE001 - a traceback would quote the values of a record
        log_unexpected(_LOG, "serving", error)
        raise SystemExit(1) from None
