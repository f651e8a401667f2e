"""A real gateway for tests: a home of its own, a process of its own, real certificates.

Owns starting, stopping and killing it, and profiles that carry the port it really got. Nothing is
simulated: callers speak gRPC over mutual TLS with the process that ``python -m gateway`` is.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from clients.cli.local.demo_data.identity import Identity
from clients.cli.local.home import PROVIDER, Home
from clients.sdk import ClientProfile, RetryPolicy, VeilgateClient
from clients.sdk.consents.draft import ConsentDraft, Subject
from clients.sdk.consents.signing import load_signing_key, sign
from clients.sdk.vocabulary import IdentifierType, SeparateConsent
from support.homes import development_home
from support.process import LoggedProcess, kill_group, wait_for_line
from veilgate.v1 import consent_pb2

DATASET = "credit.applicant"
UNDERWRITING = "credit.underwriting"
CATEGORIES = (
    "identity",
    "contact",
    "account",
    "loan",
    "credit_history",
    "employment",
    "household",
    "free_text",
)
_START_S = 60
_STOP_S = 30


@dataclass(slots=True)
class LiveGateway:
    """A gateway that serves ``home`` on ``port``; its log is ``process.output()``."""

    home: Home
    port: int
    process: LoggedProcess

    @property
    def address(self) -> str:
        """Host and port, as the gateway's certificate names the host."""
        return f"localhost:{self.port}"

    def profile(self, name: str) -> ClientProfile:
        """The profile of a development institution, with the port that this gateway got."""
        return replace(ClientProfile.load(self.home.profile(name)), gateway=self.address)

    def client(self, name: str) -> VeilgateClient:
        """A client of that institution, with a connection of its own; use it in a ``with``.

        It tries once: tests look at the gateway's own answers.
        """
        return VeilgateClient(self.profile(name), RetryPolicy.none())

    def child(self, module: str) -> int:
        """The process id of the gateway's child that runs ``module``, such as its committer."""
        (found,) = self.children(module)
        return found

    def children(self, module: str) -> list[int]:
        """The process ids of the gateway's children that run ``module``."""
        listing = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=True,
        )
        lines = listing.stdout.splitlines()
        return [int(line.split()[0]) for line in lines if f" -m {module} " in line]

    def stop(self) -> int:
        """SIGTERM, wait, and kill what is left of its group; return the exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(timeout=_STOP_S)
        finally:
            kill_group(self.process)

    def kill(self) -> None:
        """SIGKILL to the gateway and all its children."""
        kill_group(self.process)


def start_gateway(
    folder: Path,
    *,
    prepare: Callable[[Home], None] | None = None,
    environment: Mapping[str, str] | None = None,
    **settings: str | int,
) -> LiveGateway:
    """Make a development home in ``folder`` (absent or empty) and serve it on a free port.

    ``settings`` are scalar settings of the configuration, such as ``calls_per_second=5``;
    ``prepare`` may change the home before the gateway reads it.
    """
    home = development_home(folder)
    if prepare is not None:
        prepare(home)
    return serve_home(home, environment=environment, **settings)


def serve_home(
    home: Home, *, environment: Mapping[str, str] | None = None, **settings: str | int
) -> LiveGateway:
    """Serve a home that is there, such as that of a gateway that was killed."""
    overrides = {f"VEILGATE_{name.upper()}": str(value) for name, value in settings.items()}
    process = LoggedProcess(
        [sys.executable, "-m", "gateway", str(home.config)], {**(environment or {}), **overrides}
    )
    try:
        port = int(wait_for_line(process, r"serving on port (\d+)", _START_S)[1])
    except BaseException:
        kill_group(process)
        raise
    return LiveGateway(home, port, process)


@contextmanager
def running_gateway(folder: Path, **options: Any) -> Iterator[LiveGateway]:
    """``start_gateway`` with the same options, stopped at the end whatever happens."""
    gateway = start_gateway(folder, **options)
    try:
        yield gateway
    finally:
        gateway.stop()


def underwriting_terms(profile: ClientProfile, applicant: Identity, **changes: Any) -> ConsentDraft:
    """What underwriting accepts, collected and controlled by the profile's institution.

    ``changes`` are fields of ``ConsentDraft``.
    """
    terms: dict[str, Any] = {
        "subject": Subject(IdentifierType(applicant.identity_type), applicant.identity_number),
        "controller": profile.institution,
        "collector": profile.institution,
        "providers": (PROVIDER,),
        "datasets": (DATASET,),
        "purposes": (UNDERWRITING,),
        "categories": CATEGORIES,
        "separate_consents": (SeparateConsent.THIRD_PARTY, SeparateConsent.SENSITIVE),
        "evidence_sha256": sha256(b"the signed form").hexdigest(),
    }
    return ConsentDraft(**{**terms, **changes})


def underwriting_consent(
    profile: ClientProfile, applicant: Identity, **changes: Any
) -> consent_pb2.SignedConsent:
    """``underwriting_terms``, signed by the profile's institution."""
    key, key_id = load_signing_key(profile)
    return sign(underwriting_terms(profile, applicant, **changes), key, key_id)
