"""Gateways under fault: started over the faulty committer, looked at from outside.

Owns what several fault tests need of a live gateway: its health, its processes, its log. Refuses
to reach into it: everything here is an RPC, a signal or a file.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import grpc
import msgspec
from grpc_health.v1 import health_pb2, health_pb2_grpc

from clients.cli.local.home import AUDITOR, Home
from clients.sdk.identity.channel import open_channel
from clients.sdk.logs.export import CHECKPOINT, export_log
from gateway.crypto.checkpoint import Checkpoint
from gateway.crypto.log_verifier import VerifiedLog, verify_log
from gateway.crypto.signed_note import SignedNote
from support.live_gateway import LiveGateway
from support.process import PROJECT, LoggedProcess, kill_group, wait_for_line

STRUCTURED = ("name", "phone", "bank_card", "date_of_birth", "credit_amount", "housing")
"""Fields without free text: detection takes no part in a call for them."""
SERVICE = "veilgate.v1.ExchangeService"
_START_S = 60
_POLL_S = 0.02
Event = dict[str, object]


def serve_faulty(home: Home, environment: Mapping[str, str], **settings: str | int) -> LiveGateway:
    """Serve a home with the faulty committer, and with ``environment`` for its plan."""
    overrides = {f"VEILGATE_{name.upper()}": str(value) for name, value in settings.items()}
    process = LoggedProcess(
        [sys.executable, "-m", "support.faults_gateway", str(home.config)],
        {"PYTHONPATH": python_path(), **environment, **overrides},
    )
    try:
        port = int(wait_for_line(process, r"serving on port (\d+)", _START_S)[1])
    except BaseException:
        kill_group(process)
        raise
    return LiveGateway(home, port, process)


def python_path(*first: Path) -> str:
    """The value of PYTHONPATH under which a child process can import test support."""
    folders = (*first, PROJECT, PROJECT / "protos", PROJECT / "tests")
    return os.pathsep.join(str(folder) for folder in folders)


def wait_until(holds: Callable[[], bool], what: str, timeout_s: float = 30.0) -> None:
    """Wait until something holds; fails the test with ``what`` if it never does."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(_POLL_S)


def is_serving(channel: grpc.Channel, service: str = SERVICE) -> bool:
    """What the health service says of a service."""
    stub = health_pb2_grpc.HealthStub(channel)
    answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def health_channel(gateway: LiveGateway) -> grpc.Channel:
    """A channel of the auditor's; close it at the end."""
    return open_channel(gateway.profile(AUDITOR))


def events(gateway: LiveGateway, start: int = 0) -> list[Event]:
    """The log from an index on, decoded; ``log_index`` is added to each event."""
    found: list[Event] = []
    with gateway.client(AUDITOR) as auditor:
        while True:
            page = auditor.list_events(start, 500)
            found.extend(
                {**msgspec.json.decode(one.event), "log_index": one.index} for one in page.entries
            )
            if page.next >= page.size:
                return found
            start = page.next


def log_size(gateway: LiveGateway) -> int:
    """How many events the log has."""
    with gateway.client(AUDITOR) as auditor:
        return auditor.list_events(0, 1).size


def kinds(some: list[Event]) -> list[str]:
    """The kinds of events, in order."""
    return [str(event["kind"]) for event in some]


def verified(gateway: LiveGateway, folder: Path, since: bytes | None = None) -> VerifiedLog:
    """Export the log and verify it offline, as a continuation of a checkpoint if one is given."""
    checkpoint(gateway)
    with gateway.client(AUDITOR) as auditor:
        export_log(auditor, folder)
    return verify_log(
        (folder / CHECKPOINT).read_bytes(),
        gateway.home.log_verifier_key,
        lambda path: (folder / path).read_bytes(),
        since,
    )


def checkpoint(gateway: LiveGateway) -> bytes:
    """A signed checkpoint of the log as it is now: one is published a second."""
    size = log_size(gateway)
    notes: list[bytes] = []

    def is_published() -> bool:
        with gateway.client(AUDITOR) as auditor:
            notes.append(auditor.checkpoint().note)
        return Checkpoint.parse(SignedNote.parse(notes[-1]).text).size >= size

    wait_until(is_published, f"a checkpoint of {size} entries")
    return notes[-1]
