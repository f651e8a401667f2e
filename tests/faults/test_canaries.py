"""Canaries: personal values of the run's own, put everywhere, driven through every error path.

Afterwards they are searched for, in many encodings, in what the gateway printed at DEBUG, in every
error that a caller was given, in every byte of the store's files and in the exported log. What the
provider holds and what was released to a lender is not searched: there they belong.
"""

import os
import random
import secrets
import signal
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from clients.cli.local.home import AUDITOR, LENDER_A, LENDER_B, Home
from support.faults_canaries import Person, Search, american_person, chinese_person
from support.faults_canary_calls import (
    METHODS,
    garbage,
    grant,
    misdirected,
    misplaced,
    oversize,
    request,
    signed_consent,
    spoilt_consents,
)
from support.faults_errors import Caller, Errors
from support.faults_gateway import (
    BUGS,
    RAISES_IN_A_CALLBACK,
    RAISES_IN_A_TASK,
    RAISES_ON_PROTECTING,
    RAISES_ON_RESOLVING,
)
from support.faults_points import Plan
from support.faults_provider_data import DOUBLE, database, loosen, spoil
from support.faults_serving import serve_faulty, verified, wait_until
from support.homes import development_home
from support.live_gateway import LiveGateway
from veilgate.v1 import audit_pb2, consent_pb2, exchange_pb2

STORE_FAULTS = ("commit fails", "commit unsure", "release fails", "read-only", "quotes")
LEAST_REASONS = {
    *("INVALID_FIELD", "UNDECODABLE_REQUEST", "REQUEST_ID_REUSED", "RATE_LIMITED", "ROLE_MISSING"),
    *("PURPOSE_UNKNOWN", "DATASET_UNKNOWN", "FIELD_UNKNOWN", "RULE_FORBIDS", "NO_RULE_PERMITS"),
    *("RECIPIENT_NOT_PERMITTED", "NOTHING_TO_RELEASE", "CONSENT_ABSENT", "CONSENT_REVOKED"),
    *("CONSENT_PURPOSE_MISSING", "CONSENT_SEPARATE_MISSING", "CONSENT_USES_SPENT"),
    *("CONSENT_NOT_FOUND", "CONSENT_ALREADY_EXISTS", "CONSENT_TRANSITION_REFUSED"),
    *("CONSENT_SIGNATURE_INVALID", "STORE_UNAVAILABLE", "PROVIDER_UNAVAILABLE"),
    *("PROVIDER_ANSWER_INVALID", "RECORD_NOT_FOUND", "LOG_ENTRY_NOT_FOUND", "INTERNAL"),
    *("SUBJECT_LIMIT_REACHED", "UNSPECIFIED"),
}
"""Reasons that the paths below must have met; UNSPECIFIED is gRPC's own, such as for oversize."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The people of the run; the provider holds the first two as they are, others spoilt."""

    seed: str
    chinese: Person
    american: Person
    unknown: Person
    spoilt: tuple[Person, ...]

    @property
    def known(self) -> tuple[Person, Person]:
        return self.chinese, self.american

    @property
    def canaries(self) -> set[str]:
        people = (*self.known, self.unknown, *self.spoilt)
        return {value for person in people for value in person.canaries}


def _scene(seed: str) -> Scene:
    rng = random.Random(seed)
    spoilt = tuple(american_person(rng) for _ in range(7))
    return Scene(seed, chinese_person(rng), american_person(rng), chinese_person(rng), spoilt)


def _write(home: Home, scene: Scene) -> None:
    """Put the people in the place of the first applicants."""
    loosen(home)
    with closing(sqlite3.connect(database(home))) as connection, connection:
        for number, person in enumerate((*scene.known, *scene.spoilt), 1):
            columns = ", ".join(f"{column}=?" for column in person.row)
            connection.execute(
                f"UPDATE applicant SET {columns} WHERE applicant_no='A-{number:04d}'",
                list(person.row.values()),
            )
    statements = (
        "UPDATE applicant SET credit_amount=name",
        "UPDATE applicant SET housing=CAST(name AS BLOB)",
        "UPDATE applicant SET housing=CAST(CAST(name AS BLOB) || x'c328' AS TEXT)",
        "UPDATE applicant SET housing=replace(hex(zeroblob(9000)), '00', name)",
        DOUBLE,
        "UPDATE applicant SET date_of_birth=name",
        # 16,000 characters, most of three bytes: above the detector's limit, not the provider's.
        "UPDATE applicant SET remark=substr("
        "remark || replace(hex(zeroblob(8000)), '0', '桂'), 1, 16000)",
    )
    for person, statement in zip(scene.spoilt, statements, strict=True):
        spoil(home, statement, str(person.row["applicant_no"]))


@dataclass(frozen=True, slots=True)
class Run:
    """What is left of a run, to be searched."""

    scene: Scene
    search: Search
    output: bytes
    errors: Errors
    store: bytes
    export: bytes


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("canaries")
    scene, control = _scene(secrets.token_hex(8)), folder / "control"
    control.write_text("")
    home = development_home(folder / "home")
    _write(home, scene)
    environment = {**Plan(control=str(control)).environment(), BUGS: "1"}
    gateway = serve_faulty(
        home, environment, log_level="DEBUG", calls_per_second=100_000, provider_timeout_ms=500
    )
    try:
        errors = _drive(gateway, scene, control)
        verified(gateway, folder / "export")
        store = _bytes_of(home.folder / "data", "veilgate.db*")
        export = _bytes_of(folder / "export", "**/*")
        assert gateway.stop() == 0
        store += _bytes_of(home.folder / "data", "veilgate.db*")
    finally:
        gateway.kill()
    output = gateway.process.output().encode()
    return Run(scene, Search(scene.canaries), output, errors, store, export)


def _bytes_of(folder: Path, pattern: str) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob(pattern)) if path.is_file())


def _drive(gateway: LiveGateway, scene: Scene, control: Path) -> Errors:
    errors = Errors()
    with (
        Caller(gateway.profile(LENDER_A), errors) as lender,
        Caller(gateway.profile(LENDER_B), errors) as other,
        Caller(gateway.profile(AUDITOR), errors) as auditor,
    ):
        consents = {person: grant(lender, person) for person in scene.known}
        for person in scene.known:
            _ask_wrongly(lender, person)
            _without_right(lender, other, person, consents[person])
        _with_bad_answers(lender, scene)
        _with_bugs(lender, scene)
        _with_store_faults(lender, scene, control)
        _with_faulty_siblings(gateway, lender, scene)
        _after_the_end(lender, auditor, scene, consents)
    return errors


def _ask_wrongly(lender: Caller, person: Person) -> None:
    name = str(person.row["name"])
    assert lender.ask(lender.get_record, request(person), note=name) is not None
    for one in misplaced(person):
        lender.ask(lender.get_record, one, note=name)
    for method in METHODS:
        for body in garbage(person):
            lender.send(method, body)
    lender.send(METHODS[0], oversize(person))
    for signed in spoilt_consents(lender, person):
        lender.ask(lender.grant, consent_pb2.GrantConsentRequest(consent=signed))
    misdirected(lender, person)


def _without_right(lender: Caller, other: Caller, person: Person, consent_id: str) -> None:
    for purpose in ("marketing.advertising", "marketing", "credit", "reporting.regulatory"):
        lender.ask(lender.get_record, request(person, purpose=purpose))
    lender.ask(lender.get_record, request(person, fields=["card_cvn"]))
    other.ask(other.get_record, request(person, consent_id=consent_id))
    other.ask(other.get_consent, consent_pb2.GetConsentRequest(consent_id=consent_id))
    other.ask(other.revoke, consent_pb2.RevokeConsentRequest(consent_id=consent_id))
    foreign, _ = signed_consent(lender, person)
    other.ask(other.grant, consent_pb2.GrantConsentRequest(consent=foreign))
    lender.ask(lender.audit.ListEvents, audit_pb2.ListEventsRequest())
    same = request(person)
    lender.ask(lender.get_record, same)
    same.fields.append("name")
    lender.ask(lender.get_record, same)
    once = grant(lender, person, uses=1)
    for _ in range(2):
        lender.ask(lender.get_record, request(person, consent_id=once))
    bare = grant(lender, person, separate_consents=())
    lender.ask(lender.get_record, request(person, consent_id=bare))
    elsewhere = grant(lender, person, purposes=("credit.collection",))
    lender.ask(lender.get_record, request(person, consent_id=elsewhere))
    again, _ = signed_consent(lender, person, consent_id=elsewhere, data_life_days=7)
    lender.ask(lender.grant, consent_pb2.GrantConsentRequest(consent=again))


def _with_bad_answers(lender: Caller, scene: Scene) -> None:
    lender.ask(lender.get_record, request(scene.unknown))
    for person in (*scene.spoilt, scene.unknown):
        grant(lender, person)
        answer = lender.ask(lender.get_record, request(person))
        if answer is not None:
            assert answer.withheld


def _with_bugs(lender: Caller, scene: Scene) -> None:
    for person in scene.known:
        for field in (RAISES_ON_RESOLVING, RAISES_ON_PROTECTING):
            assert lender.ask(lender.get_record, request(person, fields=[field])) is None
        for field in (RAISES_IN_A_CALLBACK, RAISES_IN_A_TASK):
            assert lender.ask(lender.get_record, request(person, fields=[field])) is not None


def _with_store_faults(lender: Caller, scene: Scene, control: Path) -> None:
    for fault in STORE_FAULTS:
        control.write_text(fault)
        for person in scene.known:
            lender.ask(lender.get_record, request(person))
            lender.ask(lender.get_record, request(person, purpose="marketing"))
            grant(lender, person)
    control.write_text("")


def _with_faulty_siblings(gateway: LiveGateway, lender: Caller, scene: Scene) -> None:
    with closing(sqlite3.connect(database(gateway.home), isolation_level=None)) as locked:
        locked.execute("BEGIN EXCLUSIVE")
        lender.ask(lender.get_record, request(scene.chinese))
    os.kill(gateway.child("gateway.adapters.providers.provider_process"), signal.SIGSTOP)
    lender.ask(lender.get_record, request(scene.chinese))
    lender.ask(lender.get_record, request(scene.american), timeout=0.01)
    wait_until(
        lambda: lender.ask(lender.get_record, request(scene.american)) is not None, "the provider"
    )


def _after_the_end(
    lender: Caller, auditor: Caller, scene: Scene, consents: dict[Person, str]
) -> None:
    for person in scene.known:
        for _ in range(25):
            lender.ask(lender.get_record, request(person))
    for _ in range(70):
        explain = exchange_pb2.ExplainAccessRequest(
            subject=request(scene.chinese).subject, dataset="credit.applicant", purpose="marketing"
        )
        lender.ask(lender.explain, explain)
    for person, consent_id in consents.items():
        for _ in range(2):
            lender.ask(lender.revoke, consent_pb2.RevokeConsentRequest(consent_id=consent_id))
        lender.ask(lender.get_record, request(person, consent_id=consent_id))
    auditor.ask(auditor.audit.GetTile, audit_pb2.GetTileRequest(path="tile/0/999"))
    auditor.ask(auditor.get_record, request(scene.american))


def test_the_error_paths_were_met(run: Run) -> None:
    assert set(run.errors.reasons) >= LEAST_REASONS


def test_no_canary_is_in_what_the_gateway_printed(run: Run) -> None:
    assert b"unexpected ValueError" in run.output
    assert run.search.found(run.output) == frozenset()


def test_no_canary_is_in_any_error(run: Run) -> None:
    assert run.search.found(run.errors.content) == frozenset()


def test_no_canary_is_in_the_store(run: Run) -> None:
    assert b"CONSENT_GRANTED" in run.store
    assert run.search.found(run.store) == frozenset()


def test_no_canary_is_in_the_exported_log(run: Run) -> None:
    assert b"CONSENT_GRANTED" in run.export
    assert run.search.found(run.export) == frozenset()
