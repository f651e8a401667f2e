"""Binning over gRPC: a gateway process, a bureau's agent, and a lender's command line."""

from __future__ import annotations

import csv
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clients.agent.agent import make_agent
from clients.agent.profile import AgentProfile
from clients.cli.local.demo_data.credit import CSV_COLUMNS
from clients.cli.local.demo_data.dataset import Applicant, applicants
from clients.cli.local.home import LENDER_A
from clients.cli.main import app
from clients.sdk.vocabulary import SeparateConsent
from gateway.domain.aggregate.contract import AggregateContract, read_contract
from support.binning_pair import clear_text
from support.live_gateway import LiveGateway, running_gateway, underwriting_consent

BUREAU, DATASET, MODEL = "demo-bureau", "credit.applicant", "research.model"
ROWS = 260
FEATURES = ("duration_in_month", "housing")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("binning") / "home"
    with running_gateway(folder, aggregate_ready_timeout_ms=8000) as running:
        yield running


@pytest.fixture(scope="module")
def consents(gateway: LiveGateway) -> list[str]:
    """The consents of the first applicants for a model of lender A's."""
    profile = gateway.profile(LENDER_A)
    every = tuple(SeparateConsent)
    with gateway.client(LENDER_A) as lender:
        return [
            lender.grant_consent(
                underwriting_consent(profile, one, purposes=(MODEL,), separate_consents=every)
            ).consent_id
            for one in applicants()[:ROWS]
        ]


@pytest.fixture(scope="module")
def bureau(gateway: LiveGateway) -> Iterator[None]:
    """The bureau's agent, which holds all thousand applicants."""
    path = gateway.home.agent(BUREAU)
    with (path.parent / "applicants.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("kind", "number", *CSV_COLUMNS))
        for one in applicants():
            writer.writerow((one.identity_type, one.identity_number, *_credit(one)))
    text = path.read_text()
    names = "\n".join(f'{name} = "{name}"' for name in _features())
    text = text.replace(gateway.home.config.name, gateway.home.config.name)
    text = text.replace('[policy.datasets."credit.loans"]', f'[policy.datasets."{DATASET}"]')
    text = text.split("[data.datasets")[0]
    text = "\n".join(
        f'gateway = "{gateway.address}"' if line.startswith("gateway =") else line
        for line in text.splitlines()
    )
    path.write_text(
        f"""{text}
[data]

[binning]
processes = 1

[binning.datasets."{DATASET}"]
snapshot = "2026-10-31"
source = {{ kind = "csv", path = "applicants.csv" }}
identifier = "number"
kind_column = "kind"
declared_people = 1024

[binning.datasets."{DATASET}".features]
{names}
"""
    )
    agent = make_agent(AgentProfile.load(path))
    thread = threading.Thread(target=agent.run)
    thread.start()
    yield
    agent.service.stop()
    thread.join(20)


def _credit(one: Applicant) -> tuple[object, ...]:
    return tuple(getattr(one, name) for name in CSV_COLUMNS)


def _features() -> tuple[str, ...]:
    return tuple(name for name in CSV_COLUMNS if name in _contract_features())


def _contract() -> AggregateContract:
    from clients.cli.local.home import packaged_policies
    from gateway.bootstrap.settings import load_policy

    return read_contract(load_policy(packaged_policies()).aggregates[DATASET].encoded())


def _contract_features() -> set[str]:
    terms = _contract().binning
    assert terms is not None
    return {one.name for one in terms.features}


@pytest.fixture(scope="module")
def command(
    gateway: LiveGateway, consents: list[str], tmp_path_factory: pytest.TempPathFactory
) -> list[str]:
    """The words of the command, with the file of labels and the key that it needs."""
    folder = tmp_path_factory.mktemp("lender")
    with (folder / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("kind", "number", "bad", "consent"))
        for one, consent in zip(applicants(), consents, strict=False):
            bad = int(one.creditability == "bad")
            writer.writerow((one.identity_type, one.identity_number, bad, consent))
    (folder / "seal").write_bytes(os.urandom(32))
    (folder / "seal").chmod(0o600)
    sealed = ["--key-file", str(folder / "seal")]
    made = _run(gateway, "aggregate", "keygen", "--scheme", "elgamal", *sealed)
    assert made.exit_code == 0, made.output
    return [
        *("aggregate", "bin", DATASET, "--labels", str(folder / "labels.csv"), *sealed),
        *("--id-type-column", "kind", "--id", "number", "--label", "bad"),
        *("--purpose", MODEL, "--features", ",".join(FEATURES), "--processes", "1"),
    ]


def _run(gateway: LiveGateway, *words: str) -> Result:
    profile = gateway.home.profile(LENDER_A)
    text = "\n".join(
        f'gateway = "{gateway.address}"' if line.startswith("gateway =") else line
        for line in profile.read_text().splitlines()
    )
    profile.write_text(text + "\n")
    return CliRunner().invoke(app, [*words, "--profile", str(profile)])


@pytest.mark.usefixtures("bureau")
def test_exact_figures_are_those_of_the_clear_text(
    gateway: LiveGateway, command: list[str], tmp_path: Path
) -> None:
    picture = tmp_path / "curves.png"
    result = _run(gateway, *command, "--json", "--png", str(picture))
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    terms = _contract().binning
    assert terms is not None
    known = {one.name: one for one in terms.features}
    assert [one["name"] for one in answer["features"]] == list(FEATURES)
    for one in answer["features"]:
        spans = [(part["first"], part["last"]) for part in one["bins"]]
        expected, value = clear_text(range(ROWS), known[one["name"]], spans)
        assert [(part["rows"], part["events"]) for part in one["bins"]] == [
            row[:2] for row in expected
        ]
        assert one["information_value"] == pytest.approx(value, abs=1e-9)
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("bureau")
def test_noisy_figures_cost_rho_and_are_shown_with_their_errors(
    gateway: LiveGateway, command: list[str]
) -> None:
    result = _run(gateway, *command, "--mode", "dp", "--cost", "0.5")
    assert result.exit_code == 0, result.output
    assert "±" in result.stdout
    assert "Duration in months" in result.stdout


@pytest.mark.usefixtures("bureau")
def test_a_withdrawn_consent_ends_every_further_job(
    gateway: LiveGateway, command: list[str], consents: list[str]
) -> None:
    with gateway.client(LENDER_A) as lender:
        lender.revoke_consent(consents[0])
    result = _run(gateway, *command)
    assert result.exit_code == 1
    assert "CONSENT_REVOKED" in result.stderr or "revoked" in result.stderr
