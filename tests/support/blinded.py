"""The blinded path in tests: a provider's file of people, its index, a lender that never names one.

Owns the provider's own folder, outside of the gateway's home, and running ``veilgate provider
index`` as its operator would.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import msgspec
from typer.testing import CliRunner, Result

from clients.cli.local.demo_data.dataset import COLUMNS
from clients.cli.local.home import PROVIDER, Home
from clients.cli.main import app
from clients.sdk import ClientProfile, SubjectReference
from clients.sdk.consents.draft import ReferencedDraft
from clients.sdk.consents.signing import load_signing_key, sign
from support.faults_canaries import Person
from support.live_gateway import LiveGateway, underwriting_terms
from support.remote_provider import use_provider
from veilgate.v1 import consent_pb2

INDEX = "data/indexed.csv"
HIDING = ("applicant_no", "market", "identity_number", "remark")
"""Columns in which an identifier could stand, or that the contract wants only with one."""
LEFT = tuple(name for name in COLUMNS if name not in (*HIDING, "identity_type", "synthetic"))


def by_reference(home: Home) -> None:
    """Let the gateway ask for people by reference, in a file that is not there yet."""
    use_provider(
        home,
        f"""[[providers]]
id = "{PROVIDER}"
dataset = "credit.applicant"
kind = "duckdb"
path = "{INDEX}"
addressed_by = "reference"
""",
    )


def write_people(path: Path, people: Sequence[Person]) -> None:
    """Write the provider's file: who they are, and their record."""
    with path.open("w", encoding="utf-8", newline="") as file:
        names = ("identity_type", "identity_key", "identity_number", *LEFT)
        writer = csv.DictWriter(file, names, extrasaction="ignore", restval="1")
        writer.writeheader()
        writer.writerows([person.row for person in people])


def bound_profile(gateway: LiveGateway, name: str) -> Path:
    """The profile of an institution, with the port that this gateway got."""
    path = gateway.home.profile(name)
    text = path.read_text(encoding="utf-8").replace("localhost:0", gateway.address)
    bound = path.with_name("bound.toml")
    bound.write_text(text, encoding="utf-8")
    return bound


def run_index(gateway: LiveGateway, people: Path, out: Path, *words: str) -> Result:
    """``veilgate provider index`` as the provider."""
    profile = str(bound_profile(gateway, PROVIDER))
    command = ("provider", "index", "--in", str(people), "--out", str(out), "--profile", profile)
    return CliRunner().invoke(app, [*command, *words])


def referenced_consent(
    profile: ClientProfile, person: Person, reference: SubjectReference
) -> consent_pb2.SignedConsent:
    """What underwriting accepts, with the reference in the place of the identifier."""
    terms = msgspec.structs.asdict(underwriting_terms(profile, person))  # type: ignore[arg-type]
    key, key_id = load_signing_key(profile)
    return sign(ReferencedDraft(**{**terms, "subject": reference}), key, key_id)
