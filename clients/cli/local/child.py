"""A process that a command of this machine starts, and ends with all that it started.

Owns starting it, the wait until it serves, and stopping it. Refuses to let it outlive the command:
on Linux the kernel kills the child when the command is gone, however that came about.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from clients.sdk.failure import SdkError
from gateway.detection.parent_death import die_with_parent

_START_S = 60.0
_STOP_S = 15.0
_POLL_S = 0.05
_LAST_LINES = 8


class ChildFailed(SdkError):
    """A child ended, or did not come up; the text has its last words."""

    def __init__(self, name: str, why: str, log: Path) -> None:
        last = "\n".join(log.read_text("utf-8", "replace").splitlines()[-_LAST_LINES:])
        super().__init__(f"{name} {why}:\n{last}", "Correct what it names, and try again.")


class Child:
    """A Python module in a process of its own; ``log`` gets what it says.

    ``serving`` matches the line with which it says that it serves; its first group is the port.
    """

    def __init__(self, name: str, words: Sequence[str], log: Path, serving: str) -> None:
        self.name = name
        self._log = log
        self._serving = re.compile(serving)
        # Settings of another gateway on this machine are none of this one.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("VEILGATE_")}
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
                [sys.executable, "-m", __name__, str(os.getpid()), *words],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def require_running(self) -> None:
        """Raise ``ChildFailed`` if it has ended."""
        if not self.running:
            raise ChildFailed(self.name, f"ended with {self._process.returncode}", self._log)

    def wait_until_serving(self) -> int:
        """Return the port; raises as ``wait_until_ready``."""
        return int(self.wait_until_ready()[1])

    def wait_until_ready(self) -> re.Match[str]:
        """Return what the line matched with which it says that it serves.

        Raises:
            ChildFailed: it ended, or the time ran out.
        """
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            ended = not self.running
            if found := self._serving.search(self._log.read_text("utf-8", "replace")):
                return found
            if ended:
                self.require_running()
            time.sleep(_POLL_S)
        raise ChildFailed(self.name, f"did not serve within {_START_S:g} seconds", self._log)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def stop(self) -> int:
        """End it and whatever is left of its session; return its exit status."""
        if self.running:
            self._process.terminate()
        try:
            status = self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        return status


def main(parent: int, words: list[str]) -> None:
    """In the child: tie its life to the parent's, and become the module."""
    if sys.platform == "linux":
        # Elsewhere a thread would watch, and no thread outlives the next line.
        die_with_parent(parent)
    os.execv(sys.executable, [sys.executable, "-m", *words])  # noqa: S606


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
