"""The demo's gateway: a process of its own, ended with all that it started.

Owns starting it, the wait until it serves, and stopping it. Refuses to outlive the demo: on Linux
the kernel kills the gateway when the demo is gone, however that came about.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from clients.sdk.failure import SdkError
from gateway.detection.parent_death import die_with_parent

_START_S = 60.0
_STOP_S = 15.0
_POLL_S = 0.05
_SERVING = re.compile(r"serving on port (\d+)")
_LAST_LINES = 8


class GatewayNotStarted(SdkError):
    """The gateway ended, or said nothing, before it served; the text has its last words."""

    def __init__(self, why: str, log: Path) -> None:
        last = "\n".join(log.read_text("utf-8", "replace").splitlines()[-_LAST_LINES:])
        super().__init__(f"the gateway {why}:\n{last}", "Correct what it names, and try again.")


class GatewayChild:
    """A gateway that was told to start; ``log`` gets what it says."""

    def __init__(self, config: Path, log: Path) -> None:
        self._log = log
        # Settings of another gateway on this machine are none of this one.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("VEILGATE_")}
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", __name__, str(os.getpid()), str(config)],
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

    def wait_until_serving(self) -> int:
        """Return the port.

        Raises:
            GatewayNotStarted: it ended, or the time ran out.
        """
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            ended = not self.running
            if found := _SERVING.search(self._log.read_text("utf-8", "replace")):
                return int(found[1])
            if ended:
                raise GatewayNotStarted(f"ended with {self._process.returncode}", self._log)
            time.sleep(_POLL_S)
        raise GatewayNotStarted(f"did not serve within {_START_S:g} seconds", self._log)

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


def main(parent: int, config: str) -> None:
    """In the child: tie its life to the demo's, and become the gateway."""
    if sys.platform == "linux":
        # Elsewhere a thread would watch, and no thread outlives the next line.
        die_with_parent(parent)
    os.execv(sys.executable, [sys.executable, "-m", "gateway", config])  # noqa: S606


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
