"""Which profile a remote command uses: ``--profile``, or the environment.

Refuses to guess: without either there is no gateway to call and no identity to call as.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clients.cli.output import UsageError
from clients.sdk.client import VeilgateClient
from clients.sdk.profile import ClientProfile

VARIABLE = "VEILGATE_PROFILE"

ProfileOption = Annotated[
    Path | None,
    typer.Option(
        "--profile", envvar=VARIABLE, help="The client profile (TOML): gateway and identity."
    ),
]
TimeoutOption = Annotated[float, typer.Option("--timeout", min=0.001, help="Seconds, per call.")]


def load_profile(path: Path | None) -> ClientProfile:
    """The named profile.

    Raises:
        UsageError: none is named.
        ProfileError: it cannot be used.
    """
    if path is None:
        raise UsageError(
            "no profile is named", f"Give --profile PATH, or set {VARIABLE} to the path."
        )
    return ClientProfile.load(path)


def open_client(path: Path | None) -> VeilgateClient:
    """A client for the named profile, to be used as a context manager."""
    return VeilgateClient(load_profile(path))
