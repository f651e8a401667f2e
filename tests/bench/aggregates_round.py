"""One measured round: the processes are started, data is frozen, a question is asked and opened.

Owns the processes' lives and the clock. The stages of a question come from its stream; what lies
between "opened" and "ready", and between "roster" and "contributed", is parted by the slowest
agent's clocks, and the rest of each is "ready" and "send": signatures, messages, what is stored,
the gateway's checks. The keyholder begins without a table of baby steps, as a fresh process would:
it makes one while others work, and where that takes longer, "open" has the rest.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from bench.aggregates_agents import READY, STEPS
from bench.aggregates_home import ASKER, DATASET, PURPOSE, Network, make_network, write_profile
from clients.keyholder.calls import KeyholderClient, Stage
from clients.keyholder.identity import identity_of
from clients.keyholder.keyholder import Keyholder
from clients.keyholder.keys.key_store import KeyHead
from clients.keyholder.keys.sealing import Secret
from clients.keyholder.planner import CohortDraft
from clients.keyholder.wanted import Figure as Wish
from clients.keyholder.wanted import Wanted, conditions
from clients.sdk.identity.profile import ClientProfile
from gateway.crypto.elgamal import baby_steps
from support.live_gateway import LiveGateway, serve_home
from support.process import LoggedProcess, kill_group, wait_for_line

STAGES = (
    *("charge", "evaluate", "overlap", "noise", "ready", "roster"),
    *("encrypt", "send", "combine", "release", "open"),
)
_TIMES = ("begin", "opened", "ready", "roster", "contributed", "combined", "released", "end")
_SPANS = ("charge", "willing", "roster", "contributing", "combine", "release", "open")
PROCESSES = 3
_START_S = 300
_AGENTS = Path(__file__).with_name("aggregates_agents.py")
_WAITS: dict[str, Any] = {
    "aggregate_ready_timeout_ms": 60_000,
    "aggregate_contribution_timeout_ms": 60_000,
}


@dataclass(frozen=True)
class Round:
    """Seconds: the whole question, its stages, the same cells once more (table there), freezing."""

    total: float
    stages: dict[str, float]
    again: float
    freezing: float


def measured(folder: Path, providers: int, rows: int, people_at_most: int) -> Round:
    """Measure one question over ``providers`` agents with ``rows`` rows each."""
    network = make_network(folder, providers, rows, people_at_most)
    gateway = serve_home(network.home, **_WAITS)
    try:
        began = time.perf_counter()
        with _agents(network, gateway) as agents:
            freezing = time.perf_counter() - began
            with _keyholder(gateway) as keyholder:
                return _asked(keyholder, agents, freezing)
    finally:
        gateway.stop()


def _asked(keyholder: Keyholder, agents: list[LoggedProcess], freezing: float) -> Round:
    secret = Secret("file", secrets.token_bytes(32))
    contract, _ = keyholder.contract(DATASET)
    wanted = _wanted()
    draft = keyholder.draft(wanted, contract)
    head = keyholder.make_key(draft.plan.scheme, secret)
    keyholder.register(head)
    baby_steps._largest.clear()
    times = _one(keyholder, draft, head, secret)
    total = times["end"] - times["begin"]
    stages = _stages(times, _slowest(agents))
    more = keyholder.draft(msgspec.structs.replace(wanted, cost=wanted.cost - 1), contract)
    again = _one(keyholder, more, head, secret)
    return Round(total, stages, again["end"] - again["begin"], freezing)


def _wanted() -> Wanted:
    return Wanted(
        dataset=DATASET,
        purpose=PURPOSE,
        cost=1_000_000,
        where=conditions(["market=CN"]),
        group_by=("region", "band"),
        figures=(
            *(Wish("mean", "amount"), Wish("deviation", "amount"), Wish("histogram", "amount")),
            *(Wish("mean", "days"), Wish("deviation", "days")),
        ),
    )


def _one(
    keyholder: Keyholder, draft: CohortDraft, head: KeyHead, secret: Secret
) -> dict[str, float]:
    """Ask and open; return when each stage was reached."""
    times = {"begin": time.perf_counter()}

    def reached(stage: Stage) -> None:
        # The last of several that say the same stage: all contributors are as far.
        times[stage.name] = time.perf_counter()

    verified = keyholder.ask(keyholder.sign(draft, head), reached)
    keyholder.open(verified, lambda _: secret)
    times["end"] = time.perf_counter()
    return times


def _stages(times: dict[str, float], took: dict[str, float]) -> dict[str, float]:
    # A stage that came together with the next one took no time that could be seen.
    for earlier, later in pairwise(reversed(_TIMES[1:])):
        times.setdefault(later, times[earlier])
    spans = {
        name: times[later] - times[earlier]
        for name, (earlier, later) in zip(_SPANS, pairwise(_TIMES), strict=True)
    }
    data = ("evaluate", "overlap", "noise")
    willing, contributing = spans.pop("willing"), spans.pop("contributing")
    parted = {
        **{name: took[name] for name in data},
        "ready": max(0.0, willing - sum(took[name] for name in data)),
        "encrypt": took["encrypt"],
        "send": max(0.0, contributing - took["encrypt"]),
    }
    return {name: {**spans, **parted}[name] for name in STAGES}


def _slowest(agents: list[LoggedProcess]) -> dict[str, float]:
    """Return for each step the longest that an agent took."""
    longest = dict.fromkeys(STEPS, 0.0)
    for one in agents:
        for line in one.output().splitlines():
            if line.startswith("took "):
                _, name, seconds = line.split()
                longest[name] = max(longest[name], float(seconds))
    return longest


@contextmanager
def _agents(network: Network, gateway: LiveGateway) -> Iterator[list[LoggedProcess]]:
    """Start the agents, and wait until they have frozen their data."""
    running: list[LoggedProcess] = []
    for one in network.profiles:
        write_profile(network, one, gateway.port, threads=1 if len(network.profiles) > 3 else 2)
    shares = [network.profiles[number::PROCESSES] for number in range(PROCESSES)]
    try:
        for share in filter(None, shares):
            running.append(LoggedProcess([sys.executable, str(_AGENTS), *map(str, share)]))
        for process in running:
            wait_for_line(process, READY, _START_S)
        # A stream of orders is opened by each within a moment.
        time.sleep(2)
        yield running
    finally:
        for process in running:
            _stopped(process)


def _stopped(process: LoggedProcess) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        kill_group(process)


@contextmanager
def _keyholder(gateway: LiveGateway) -> Iterator[Keyholder]:
    profile: ClientProfile = replace(
        ClientProfile.load(gateway.home.profile(ASKER)), gateway=gateway.address
    )
    with KeyholderClient(profile) as client:
        yield Keyholder(identity_of(profile), client)
