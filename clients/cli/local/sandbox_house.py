"""The sandbox's processes: the data provider's server and the gateway, up and down together.

Owns starting both, watching them, and the end of both and of a folder that was made for this run.
Refuses to start on a port that is taken, and to leave anything running.
"""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from clients.cli.local.child import Child
from clients.cli.local.demo_scenes.gateway_child import GatewayChild
from clients.cli.local.demo_scenes.interrupts import Interrupts
from clients.cli.local.sandbox_home import (
    PEOPLE,
    PROVIDER_PROFILE,
    SandboxFolder,
    known_port,
    open_or_make,
)
from clients.cli.local.sandbox_provider import PAYROLL
from clients.cli.output import UsageError

GATEWAY_LOG = "gateway.log"
PROVIDER_LOG = "provider.log"


@dataclass(frozen=True, slots=True)
class House:
    """A sandbox that is up; ``provider_port`` is the data provider's."""

    sandbox: SandboxFolder
    provider_port: int
    children: tuple[Child, ...]

    def require_running(self) -> None:
        """Raise ``ChildFailed`` if one of its processes has ended."""
        for child in self.children:
            child.require_running()


@contextmanager
def house(folder: Path | None, port: int | None, interrupts: Interrupts) -> Iterator[House]:
    """Start a sandbox, and stop it at the end; without a folder it gets one that is removed then.

    Raises:
        UsageError: the folder or the port cannot be used.
        ChildFailed: a process did not come up.
        Interrupted: a signal came meanwhile; everything is cleaned up by then.
    """
    # Without links in it: it is shown, and typed into a shell.
    place = (folder or Path(tempfile.mkdtemp(prefix="veilgate-sandbox-"))).resolve()
    children: list[Child] = []
    try:
        with interrupts.open(), Console(file=sys.stderr).status("making the sandbox's folder"):
            wanted = port or known_port(place)
            _require_free(wanted)
            sandbox = open_or_make(place, wanted)
        provider_port = _start_provider(sandbox, children, interrupts)
        children.append(GatewayChild(place / "gateway.toml", place / GATEWAY_LOG))
        with interrupts.open(), Console(file=sys.stderr).status("starting the gateway"):
            children[-1].wait_until_serving()
        yield House(sandbox, provider_port, tuple(children))
    finally:
        try:
            _stop(children)
        finally:
            if folder is None:
                shutil.rmtree(place)


def _start_provider(sandbox: SandboxFolder, children: list[Child], interrupts: Interrupts) -> int:
    place = sandbox.folder
    module = "clients.cli.local.sandbox_provider"
    words = (module, str(place / PROVIDER_PROFILE), str(place / PEOPLE))
    serving = rf"serving {PAYROLL} on port (\d+)"
    children.append(Child("the data provider", words, place / PROVIDER_LOG, serving))
    with interrupts.open(), Console(file=sys.stderr).status("starting the data provider"):
        port = children[-1].wait_until_serving()
        sandbox.point_to_provider(port)
    return port


def _stop(children: list[Child]) -> None:
    """Stop the last first: the gateway still asks its provider while it ends."""
    if children:
        try:
            children[-1].stop()
        finally:
            _stop(children[:-1])


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        # As the gateway binds it: what a gateway left a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("localhost", port))
        except OSError as error:
            raise UsageError(
                f"port {port} of this machine is taken",
                "End what listens there, or name another port: veilgate sandbox --port N",
            ) from error
