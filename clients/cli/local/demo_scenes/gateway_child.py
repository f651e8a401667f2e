"""The demo's gateway, a process of its own that ends with the demo."""

from __future__ import annotations

from pathlib import Path

from clients.cli.local.child import Child


class GatewayChild(Child):
    """A gateway that was told to start; ``log`` gets what it says."""

    def __init__(self, config: Path, log: Path) -> None:
        super().__init__("the gateway", ("gateway", str(config)), log, r"serving on port (\d+)")
