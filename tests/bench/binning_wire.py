"""A whole binning, alignment included: lender, gateway and bureau over gRPC on one machine.

Rows x features a second from the read file to opened figures (`binning.end_to_end`), the seconds
that the gateway takes to bind rows to consents, and the largest memory of the lender with the
bureau in its process. Invented people, as many at the bureau as rows; their consents are put into
the store as they lie there, for granting them is measured elsewhere.
"""

from __future__ import annotations

import csv
import random
import resource
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import msgspec

from bench.figures import Figure
from clients.agent.agent import make_agent
from clients.agent.binning.data import BinnedDataset, BinningConfig
from clients.agent.data.config import CsvSource
from clients.agent.profile import AgentProfile
from clients.cli.local.demo_data.dataset import applicants
from clients.cli.local.home import LENDER_A
from clients.keyholder.binning.link import talk_over
from clients.keyholder.binning.plan import BinWish, draft_job, sign_job
from clients.keyholder.binning.rows import Columns, read_rows
from clients.keyholder.binning.run import BinningRun
from clients.keyholder.calls import KeyholderClient
from clients.keyholder.identity import identity_of
from clients.keyholder.keyholder import Keyholder
from clients.keyholder.keys.sealing import Secret
from clients.sdk.vocabulary import IdentifierType, SeparateConsent
from gateway.adapters.keys.keyring import load_keyring
from gateway.domain.aggregate.contract import AggregateContract, BinnedFeature
from gateway.domain.subject import SubjectReference, normalise
from gateway.domain.vocabulary import IdentifierType as Kind
from support.live_gateway import LiveGateway, running_gateway, underwriting_consent

ROWS, FEATURES, CORES = 100_000, 10, 4
BUREAU, DATASET, PURPOSE = "demo-bureau", "credit.applicant", "research.model"


def measure(rows: int = ROWS) -> list[Figure]:
    """Measure one job in the mode ``exact``; some minutes, most of them to invent the consents."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        options = {
            "aggregate_ready_timeout_ms": 60_000,
            "aggregate_contribution_timeout_ms": 600_000,
        }
        with running_gateway(folder / "home", **options) as gateway:
            return _measured(gateway, folder, rows)


def _measured(gateway: LiveGateway, folder: Path, rows: int) -> list[Figure]:
    own = gateway.profile(LENDER_A)
    with KeyholderClient(own) as client:
        keyholder = Keyholder(identity_of(own), client)
        contract, _ = keyholder.contract(DATASET)
        features = _features(contract)
        _invent(gateway, folder, features, rows)
        head = keyholder.make_key("elgamal", Secret.password("bench"))
        keyholder.register(head)
        held = keyholder.keys.open(head.id, lambda _: Secret.password("bench"))
        names = tuple(one.name for one in features)
        wish = BinWish(features=names, mode="exact", cost=0, purpose=PURPOSE)
        steps: dict[str, float] = {}
        with _bureau(gateway, folder, features, rows):
            start = time.perf_counter()
            columns = Columns("id", "bad", "consent")
            labelled = read_rows(folder / "labels.csv", IdentifierType.CN_RESIDENT_ID, columns)
            planned = draft_job(LENDER_A, contract, labelled, wish, head.public, int(time.time()))
            opened = sign_job(identity_of(own), planned, labelled, held.stored())

            def on_step(what: str, done: int, of: int) -> None:
                steps.setdefault(what, time.perf_counter() - start)

            run = BinningRun(identity_of(own), opened, keyholder.rounds, time.time, on_step, CORES)
            figures = run(talk_over(own, 3_600.0))
            taken = time.perf_counter() - start
    if sum(one.rows for one in figures.features[0].bins) != rows:
        raise AssertionError("every row counts")
    bound = steps["charged, consents checked"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        _alone("binning.end_to_end", rows * FEATURES / taken, "rows x features/s, alignment in it"),
        _alone("binning.end_to_end_s", taken, f"s for {rows:,} x {FEATURES}, exact"),
        _alone("binning.bound_s", bound, "s to send and bind the rows"),
        _alone("binning.peak_mb", peak, "MB of lender and bureau in one process"),
        _alone("binning.gateway_peak_mb", _peak(gateway.process.pid), "MB of the gateway"),
    ]


def _features(contract: AggregateContract) -> tuple[BinnedFeature, ...]:
    if contract.binning is None:
        raise AssertionError("the contract is for binning")
    return contract.binning.features[:FEATURES]


def _invent(
    gateway: LiveGateway, folder: Path, features: tuple[BinnedFeature, ...], rows: int
) -> None:
    """Write the lender's and the bureau's file, and put the consents into the store."""
    keys = load_keyring(gateway.home.folder / "keys")
    with gateway.client(LENDER_A) as lender:
        granted = lender.grant_consent(
            underwriting_consent(
                gateway.profile(LENDER_A),
                applicants()[0],
                purposes=(PURPOSE,),
                separate_consents=tuple(SeparateConsent),
            )
        )
    with (
        (folder / "labels.csv").open("w", newline="") as labels,
        (folder / "people.csv").open("w", newline="") as people,
        closing(sqlite3.connect(_store(gateway), timeout=60)) as store,
        store,
    ):
        own, bureau = csv.writer(labels), csv.writer(people)
        own.writerow(["id", "bad", "consent"])
        bureau.writerow(["id", "reference", *(one.name for one in features)])
        for number in range(rows):
            name, consent = _resident(number), str(uuid4())
            subject = normalise(Kind.CN_RESIDENT_ID, name)
            reference = SubjectReference(keys.version, keys.reference(subject))
            _grant(store, granted.consent_id, consent, keys.subject_id(reference))
            own.writerow([name, random.randrange(2), consent])
            tag = keys.scoped_reference(reference, BUREAU).hex()
            bureau.writerow([name, tag, *map(_value, features)])


def _store(gateway: LiveGateway) -> Path:
    (found,) = gateway.home.folder.rglob("veilgate.db")
    return found


def _grant(store: sqlite3.Connection, like: str, consent: str, subject: bytes) -> None:
    store.execute(
        "INSERT INTO subject(id, lookup, kek_id, wrapped_key, sealed_secret) SELECT ?, NULL,"
        " kek_id, wrapped_key, sealed_secret FROM subject LIMIT 1",
        (subject,),
    )
    store.execute(
        "INSERT INTO consent SELECT ?, ?, controller, collector, terms, key_id, signature,"
        " artefact_digest, sealed_artefact, granted_at, grant_log_index, state, uses, use_window,"
        " window_uses FROM consent WHERE id=?",
        (consent, subject, like),
    )


def _value(feature: BinnedFeature) -> str:
    if feature.edges:
        return str(random.randrange(int(feature.edges[0]) // 2, int(feature.edges[-1]) * 2))
    return random.choice(random.choice(feature.groups))


def _resident(number: int) -> str:
    # The gateway looks at the check character, not at the date.
    body = f"1101011990{number:07d}"
    total = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


@contextmanager
def _bureau(
    gateway: LiveGateway, folder: Path, features: tuple[BinnedFeature, ...], rows: int
) -> Iterator[None]:
    profile = AgentProfile.load(gateway.home.agent(BUREAU))
    if profile.binning is None:
        raise AssertionError("the bureau bins")
    known = profile.binning.datasets[DATASET]
    dataset = BinnedDataset(
        snapshot=known.snapshot,
        source=CsvSource(path=folder / "people.csv"),
        identifier="id",
        reference="reference",
        kind=IdentifierType.CN_RESIDENT_ID,
        features={one.name: one.name for one in features},
        declared_people=rows,
    )
    config = BinningConfig(datasets={DATASET: dataset}, processes=CORES)
    agent = make_agent(msgspec.structs.replace(profile, gateway=gateway.address, binning=config))
    thread = threading.Thread(target=agent.run)
    thread.start()
    try:
        yield
    finally:
        agent.service.stop()
        thread.join(30)


def _peak(pid: int) -> float:
    """The most memory that a process has had, in MB; 0 where the system does not say."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _alone(name: str, ours: float, unit: str) -> Figure:
    return Figure(name, ours, 0.0, 0.0, unit, "printed")


if __name__ == "__main__":
    for figure in measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS):
        print(figure.line())
