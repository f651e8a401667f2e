"""Which profile a remote command uses: ``--profile``, or the environment.

Owns the warning that the profile's own certificate is about to end. Refuses to guess: without
either there is no gateway to call and no identity to call as.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from clients.cli.output import UsageError, warn
from clients.sdk.client import VeilgateClient
from clients.sdk.failure import RequestError
from clients.sdk.identity.profile import ClientProfile

VARIABLE = "VEILGATE_PROFILE"
WARN_WITHIN = timedelta(days=14)

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
    profile = ClientProfile.load(path)
    _warn_of_the_end(profile)
    return profile


def _warn_of_the_end(profile: ClientProfile) -> None:
    # Imported here: it costs the commands that call nothing its import.
    from clients.sdk.identity.client_certificate import ClientCertificate

    try:
        ends = ClientCertificate(profile.certificate.read_bytes()).ends
    except (OSError, RequestError):
        return  # The connection reports a certificate that cannot be used.
    left = ends - datetime.now(UTC)
    if left < WARN_WITHIN:
        when = f"ends at {ends:%Y-%m-%d %H:%M} UTC" if left > timedelta(0) else "has ended"
        warn(f"the profile's certificate {when}: register a new one with `veilgate partner rotate`")


def open_client(path: Path | None) -> VeilgateClient:
    """A client for the named profile, to be used as a context manager."""
    return VeilgateClient(load_profile(path))
