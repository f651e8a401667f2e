"""Lenders that call a gateway in threads until it is gone, and remember what they were given.

Owns the load of the tests that kill a gateway, and what must hold of its log afterwards.
"""

import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import grpc

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.demo_data.identity import Identity
from clients.cli.local.home import AUDITOR, LENDER_A, Home
from clients.sdk import VeilgateError
from clients.sdk.models.common import Record
from support.faults_serving import STRUCTURED, events, verified
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, underwriting_consent

NO_LIMIT = 1_000_000
THREADS = 6
_JOIN_S = 30
_OUTCOMES = ("RELEASE", "FAILURE", "ABANDONED")


def lift_limits(home: Home) -> None:
    """Take the limit per subject out of the way of tests that release often."""
    rules = home.folder / "policies" / "rules" / "credit.yaml"
    text = rules.read_text(encoding="utf-8")
    assert "count: 20, per: day" in text
    rules.write_text(text.replace("count: 20, per: day", f"count: {NO_LIMIT}, per: day"), "utf-8")


def grant(gateway: LiveGateway, applicant: Identity, **changes: object) -> str:
    """Grant what underwriting needs; return the consent's id."""
    profile = gateway.profile(LENDER_A)
    with gateway.client(LENDER_A) as lender:
        return lender.grant_consent(underwriting_consent(profile, applicant, **changes)).consent_id


@dataclass(slots=True)
class Load:
    """Threads that get records of applicants 1 to ``THREADS`` until the gateway is gone."""

    gateway: LiveGateway
    consents: list[str]
    records: list[Record] = field(default_factory=list)
    errors: list[VeilgateError] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._threads = [
            threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(THREADS)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(_JOIN_S)
            assert not thread.is_alive(), "a call hangs"

    def has_begun(self) -> bool:
        """Whether every thread's applicant was released once, so that all are under way."""
        return {record.consent_id for record in list(self.records)} == set(self.consents)

    def _run(self, number: int) -> None:
        applicant = synthetic_subject(number + 1)
        with self.gateway.client(LENDER_A) as lender:
            while not self._stop.is_set():
                try:
                    record = lender.get_record(
                        *(applicant.identity_type, applicant.identity_number),
                        *(UNDERWRITING, DATASET),
                        fields=STRUCTURED,
                        consent_id=self.consents[number],
                    )
                except VeilgateError as error:
                    self.errors.append(error)
                    return
                self.records.append(record)


def grant_for_load(gateway: LiveGateway) -> list[str]:
    """One consent for each thread's applicant."""
    return [grant(gateway, synthetic_subject(n + 1)) for n in range(THREADS)]


def only_unavailable(errors: list[VeilgateError]) -> bool:
    """Whether the calls that failed said so in the one way that a lost gateway allows."""
    return all(error.code is grpc.StatusCode.UNAVAILABLE for error in errors)


class Given(Protocol):
    """What lenders were given, and under which consents."""

    @property
    def records(self) -> list[Record]:
        """Every record that a lender was given."""

    @property
    def consents(self) -> list[str]:
        """The consents of the load."""


def check_log(gateway: LiveGateway, folder: Path, load: Given, since: bytes) -> None:
    """Check a log after its gateway came back.

    Every record that a lender was given is released at its index, with a proof; the log extends
    the checkpoint from before; each intent has one outcome; uses are counted with the releases.
    """
    verified(gateway, folder, since)
    found = events(gateway)
    ids = [event["id"] for event in found if "id" in event]
    assert len(ids) == len(set(ids)), "an event is in the log twice"
    outcomes = Counter(str(event["intent"]) for event in found if event["kind"] in _OUTCOMES)
    intents = {str(event["id"]) for event in found if event["kind"] == "INTENT"}
    assert outcomes == Counter(intents), "an intent has not exactly one outcome"
    with gateway.client(AUDITOR) as auditor:
        for record in load.records:
            event = found[record.log_index]
            assert (event["id"], event["kind"]) == (record.event_id, "RELEASE")
            auditor.inclusion_proof(record.log_index).verify(gateway.home.log_verifier_key)
    _check_uses(gateway, load, sum(event["kind"] == "RELEASE" for event in found))


def _check_uses(gateway: LiveGateway, load: Given, releases: int) -> None:
    given = Counter(record.consent_id for record in load.records)
    with gateway.client(LENDER_A) as lender:
        uses = {one: lender.get_consent(one).uses for one in load.consents}
    assert all(uses[one] >= given[one] for one in load.consents), "a use was forgotten"
    assert sum(uses.values()) == releases, "uses are not counted with the releases"
