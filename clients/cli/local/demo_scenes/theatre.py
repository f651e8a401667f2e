"""The demo's house: a home, a gateway that serves it, and the end of both.

Owns everything that the demo starts or writes. Refuses to leave any of it behind: the gateway is
stopped, and the folder removed unless it is to be kept, however the demo ends.
"""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

from rich.console import Console

from clients.cli.local.demo_scenes.agent_child import AgentChild, start_agents
from clients.cli.local.demo_scenes.gateway_child import GatewayChild
from clients.cli.local.demo_scenes.interrupts import Interrupts
from clients.cli.local.demo_scenes.stage import Stage
from clients.cli.local.home import LENDER_A, Home, HomeError, make_home
from clients.sdk.failure import SdkError

LOG = "gateway.log"
_USUAL_PORT = 7443


class FolderTaken(SdkError):
    """The folder that is to be kept cannot become a home."""


@contextmanager
def on_stage(keep: Path | None, interrupts: Interrupts) -> Iterator[Stage]:
    """Make a home, serve it, and stand in it; ``keep`` names a folder that stays.

    ``interrupts`` have taken over the signals by now.

    Raises:
        FolderTaken: ``keep`` is there already and not empty.
        ChildFailed: the gateway did not come up.
        Interrupted: a signal asked the demo to end; everything is cleaned up by then.
    """
    # Bound to today's stream: the commands that the scenes run have theirs redirected.
    spinner = Console(file=sys.stderr).status("making a home with 1,000 invented applicants")
    gateway: GatewayChild | None = None
    agents: dict[str, AgentChild] = {}
    folder = keep.absolute() if keep else Path(tempfile.mkdtemp(prefix="veilgate-demo-"))
    try:
        with interrupts.open(), spinner:
            home = _make(folder, f"localhost:{_free_port(keep is not None)}")
        gateway = GatewayChild(home.config, folder / LOG)
        with interrupts.open():
            with spinner:
                spinner.update("starting the gateway")
                gateway.wait_until_serving()
                spinner.update("starting the agents of four institutions")
                agents = start_agents(home)
                for agent in agents.values():
                    agent.wait_until_ready()
                stage = Stage.prepare(home, gateway, agents)
            with chdir(folder):
                stage.grant_first((stage.chinese, stage.english), LENDER_A)
                yield stage
    finally:
        try:
            for agent in agents.values():
                agent.stop()
            if gateway:
                gateway.stop()
        finally:
            if not keep:
                shutil.rmtree(folder)


def _make(folder: Path, listen: str) -> Home:
    try:
        return make_home(folder, listen, development=True)
    except HomeError as error:
        raise FolderTaken(str(error), "Name a new folder: veilgate demo --keep NEW.") from error


def _free_port(usual_first: bool) -> int:
    """A port of localhost that was free a moment ago; the usual one for a home that is kept."""
    for port in (_USUAL_PORT, 0) if usual_first else (0,):
        with socket.socket() as probe:
            try:
                probe.bind(("localhost", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise FolderTaken("no port of localhost is free", "End what listens on so many of them.")
