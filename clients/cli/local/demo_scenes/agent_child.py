"""The demo's agents: a process for each institution that answers aggregates."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clients.cli.local.child import Child
from clients.cli.local.dev_members import CONTRIBUTORS
from clients.cli.local.home import Home


class AgentChild(Child):
    """An institution's agent; ``log`` gets what it says."""

    def __init__(self, institution: str, profile: Path, log: Path) -> None:
        words = ("clients.cli.main", "agent", "serve", "--profile", str(profile))
        super().__init__(f"the agent of {institution}", words, log, r"the agent serves")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Stop its clock for a while, as a machine under load would."""
        self.send(signal.SIGSTOP)
        try:
            yield
        finally:
            self.send(signal.SIGCONT)


def start_agents(home: Home) -> dict[str, AgentChild]:
    """Start one for each institution that has one; they come up side by side."""
    return {
        one: AgentChild(one, home.agent(one), home.folder / f"agent-{one}.log")
        for one in CONTRIBUTORS
    }
