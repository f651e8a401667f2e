"""Agents for measuring aggregates: ``python aggregates_agents.py PROFILE...``, a thread for each.

What runs is what ``veilgate agent serve`` runs. Owns the stopwatches that are put around the steps
of an answer, and the lines in which they are told. Refuses to change what a step does.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

from clients.agent import cohort
from clients.agent.agent import Agent, make_agent
from clients.agent.data import frozen
from clients.agent.gateway import Gateway
from clients.agent.orders import Reply, SendContribution
from clients.agent.profile import AgentProfile

READY = "agents serve"
STEPS = ("evaluate", "overlap", "noise", "encrypt", "send")


def _timed(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
    def run(*values: Any, **named: Any) -> Any:
        start = time.perf_counter()
        try:
            return step(*values, **named)
        finally:
            # One write for a line: several agents share the process.
            os.write(1, f"took {name} {time.perf_counter() - start:.6f}\n".encode())

    return run


def _send(self: Gateway, reply: Reply, send: Callable[..., None] = Gateway.send) -> None:
    step = _timed("send", send) if isinstance(reply, SendContribution) else send
    step(self, reply)


def _watch() -> None:
    for module, function, name in (
        (frozen, "evaluate", "evaluate"),
        (frozen, "require_apart", "overlap"),
        (frozen, "with_noise", "noise"),
        (cohort, "encrypted", "encrypt"),
    ):
        setattr(module, function, _timed(name, getattr(module, function)))
    setattr(Gateway, "send", _send)  # noqa: B010 - a method is not assigned to otherwise


def _stop(agents: list[Agent]) -> None:
    for one in agents:
        one.service.stop()


def main(profiles: list[str]) -> None:
    """Serve until SIGTERM."""
    logging.basicConfig(level=logging.WARNING)
    _watch()
    agents = [make_agent(AgentProfile.load(Path(one))) for one in profiles]
    signal.signal(signal.SIGTERM, lambda *_: Thread(target=_stop, args=(agents,)).start())
    print(READY, flush=True)
    threads = [Thread(target=one.run) for one in agents]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


if __name__ == "__main__":
    main(sys.argv[1:])
