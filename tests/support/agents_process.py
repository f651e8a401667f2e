"""An agent's state machine in a process of its own that kills itself at a named point.

``python agents_process.py FOLDER POINT``: orders come in on standard input and replies go out on
standard output, a JSON document a line; what was written counts as sent. A point is "before" or
"after" a step of the store, or "sent" with a kind of reply; no point at all is "-".
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from clients.agent.orders import QuestionOrder, Reply, RosterOrder, SendContribution, SendReady
from clients.agent.store import Kept, RoundStore, Secrets
from clients.agent.stored import decode_roster, decode_statement, encode_roster, encode_statement
from clients.cli.local.dev_authority import DevAuthority
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.contract import read_contract
from support.agents import TestedAgent
from support.agents_world import OWN, World

POINTS: Final = (
    "before accept",
    "after accept",
    "sent ready",
    "before fix_roster",
    "after fix_roster",
    "before contribute",
    "after contribute",
    "sent contribution",
)
_START_S: Final = 60


class Line(msgspec.Struct):
    """One order or reply: its kind, its bytes."""

    kind: str
    body: bytes
    ciphertexts: bytes = b""


@dataclass
class AgentProcess:
    """A running agent, seen from the test."""

    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, folder: Path, point: str) -> AgentProcess:
        command = [sys.executable, __file__, str(folder), point]
        pipe = subprocess.PIPE
        paths = os.pathsep.join(filter(None, sys.path))
        return cls(
            subprocess.Popen(
                command, stdin=pipe, stdout=pipe, env={**os.environ, "PYTHONPATH": paths}
            )
        )

    def follow(self, order: QuestionOrder | RosterOrder) -> Line | None:
        """What the agent sent, or None if it was killed before it could."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if isinstance(order, QuestionOrder):
            line = Line("question", encode_statement(order.question))
        else:
            line = Line("roster", encode_roster(order))
        try:
            self.process.stdin.write(msgspec.json.encode(line) + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return None
        reply = self.process.stdout.readline()
        return msgspec.json.decode(reply, type=Line) if reply else None

    def killed(self) -> bool:
        """End it; whether it had been killed by itself before."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        # A pipe that is broken says that it is gone; how it ended, the status says.
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(_START_S) == -signal.SIGKILL


def save_world(world: World, folder: Path) -> None:
    """Leave what a process needs to be an agent of this world."""
    world.authority.save(folder)
    (folder / "round.seed").write_bytes(world.round_key.seed())
    (folder / "contract.json").write_bytes(world.contract.encoded())


def statement_of(line: Line) -> SignedStatement:
    """The statement that a reply carries."""
    return decode_statement(line.body)


def _loaded_world(folder: Path) -> World:
    return World(
        authority=DevAuthority.load(folder),
        round_key=SigningKey.from_seed((folder / "round.seed").read_bytes()),
        contract=read_contract((folder / "contract.json").read_bytes()),
    )


class _Killing(RoundStore):
    """A store that ends its process at a point."""

    point = "-"

    def accept(self, kept: Kept, secrets: Secrets) -> bool:
        return bool(self._around("accept", super().accept, kept, secrets))

    def fix_roster(self, round_id: str, roster_hash: bytes, roster: bytes) -> bool:
        return bool(self._around("fix_roster", super().fix_roster, round_id, roster_hash, roster))

    def contribute(self, round_id: str, contribution: SignedStatement, ciphertexts: bytes) -> bool:
        step = super().contribute
        return bool(self._around("contribute", step, round_id, contribution, ciphertexts))

    def _around(self, name: str, step: Any, *values: Any) -> object:
        self._at(f"before {name}")
        done = step(*values)
        self._at(f"after {name}")
        return done

    def _at(self, point: str) -> None:
        if point == self.point:
            os.kill(os.getpid(), signal.SIGKILL)


def _main(folder: Path, point: str) -> None:
    _Killing.point = point
    world = _loaded_world(folder)
    agent = TestedAgent.make(world, folder, store=_Killing.open(folder / "state"))
    for raw in sys.stdin.buffer:
        line = msgspec.json.decode(raw, type=Line)
        if line.kind == "question":
            reply = agent.rounds.follow(QuestionOrder(decode_statement(line.body)))
        else:
            reply = agent.rounds.follow(decode_roster(line.body))
        kind, sent = _sent(reply)
        sys.stdout.buffer.write(msgspec.json.encode(sent) + b"\n")
        sys.stdout.buffer.flush()
        if point == f"sent {kind}":
            os.kill(os.getpid(), signal.SIGKILL)


def _sent(reply: Reply | None) -> tuple[str, Line]:
    if isinstance(reply, SendReady):
        return "ready", Line("ready", encode_statement(reply.ready))
    assert isinstance(reply, SendContribution), OWN
    return "contribution", Line(
        "contribution", encode_statement(reply.contribution), reply.ciphertexts
    )


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2])
