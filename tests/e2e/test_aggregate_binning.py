"""Binning over gRPC: a gateway process, a bureau's agent, and a lender's command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clients.agent.agent import make_agent
from clients.agent.profile import AgentProfile
from clients.cli.aggregate.secret import secret_by
from clients.cli.local.demo_data.dataset import applicants
from clients.cli.local.demo_data.loans import key_of
from clients.cli.local.home import LENDER_A
from clients.cli.main import app
from clients.keyholder.binning.link import talk_over
from clients.keyholder.binning.plan import BinWish, draft_job, sign_job
from clients.keyholder.binning.rows import Columns, read_rows
from clients.keyholder.binning.run import BinningRun
from clients.keyholder.calls import KeyholderClient
from clients.keyholder.identity import identity_of
from clients.keyholder.keyholder import Keyholder
from clients.sdk.errors import VeilgateError
from clients.sdk.reasons import ErrorReason
from clients.sdk.vocabulary import IdentifierType, SeparateConsent
from support.binning_commands import labels_for, shipped_contract, with_address
from support.binning_pair import clear_text
from support.faults_serving import wait_until
from support.live_gateway import LiveGateway, running_gateway, underwriting_consent

BUREAU, DATASET, MODEL = "demo-bureau", "credit.applicant", "research.model"
ROWS = 260
_KEY_FILE = "--key-file"
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
    """The home's own agent of the bureau, which holds all thousand applicants."""
    path = gateway.home.agent(BUREAU)
    path.write_text(with_address(path.read_text(), gateway))
    agent = make_agent(AgentProfile.load(path))
    thread = threading.Thread(target=agent.run)
    thread.start()
    yield
    agent.service.stop()
    thread.join(20)


@pytest.fixture(scope="module")
def command(
    gateway: LiveGateway, consents: list[str], tmp_path_factory: pytest.TempPathFactory
) -> list[str]:
    """The words of the command, with the file of labels and the key that it needs."""
    folder = tmp_path_factory.mktemp("lender")
    labels_for(folder / "labels.csv", consents)
    (folder / "seal").write_bytes(os.urandom(32))
    (folder / "seal").chmod(0o600)
    sealed = [_KEY_FILE, str(folder / "seal")]
    made = _run(gateway, "aggregate", "keygen", "--scheme", "elgamal", *sealed)
    assert made.exit_code == 0, made.output
    return [
        *("aggregate", "bin", DATASET, "--labels", str(folder / "labels.csv"), *sealed),
        *("--id-type-column", "identity_type", "--id", "identity_key"),
        *("--label", "bad", "--consent", "consent_id"),
        *("--purpose", MODEL, "--features", ",".join(FEATURES), "--processes", "1"),
    ]


def _run(gateway: LiveGateway, *words: str) -> Result:
    profile = gateway.home.profile(LENDER_A)
    profile.write_text(with_address(profile.read_text(), gateway))
    return CliRunner().invoke(app, [*words, "--profile", str(profile)])


def test_a_dry_run_asks_nobody(gateway: LiveGateway, command: list[str]) -> None:
    words = [*command, "--mode", "dp", "--cost", "0.5", "--dry-run"]
    shown = _run(gateway, *words)
    assert shown.exit_code == 0, shown.output
    assert "nobody was asked" in shown.stdout
    result = _run(gateway, *words, "--json")
    answer = json.loads(result.stdout)
    assert (answer["rows"], answer["cost"], answer["left_before"] - answer["left_after"]) == (
        *(ROWS, 500_000, 500_000),
    )
    assert [one["name"] for one in answer["features"]] == list(FEATURES)
    assert all(one["woe_error"] > 0 for one in answer["features"])
    assert answer["sent_bytes"] > ROWS * 200
    exact = json.loads(_run(gateway, *command, "--dry-run", "--json").stdout)
    assert (exact["cost"], exact["count_error"], exact["epsilon"]) == (0, 0, None)
    # It costs nothing, and there is no round of it.
    (account,) = (
        one
        for one in json.loads(_run(gateway, "aggregate", "budget", "--json").stdout)
        if one["dataset"] == DATASET
    )
    assert (account["spent"], account["refusals"]) == (0, 0)
    assert not list(_jobs(gateway).glob("*"))


def test_a_dry_run_says_what_the_contract_does_not_let(
    gateway: LiveGateway, command: list[str]
) -> None:
    result = _run(gateway, *command, "--features", "salary", "--dry-run", "--json")
    assert result.exit_code == 1
    assert "does not let this be binned: features" in result.stdout


def _jobs(gateway: LiveGateway) -> Path:
    folder = gateway.profile(LENDER_A).keyholder_state
    assert folder is not None
    return folder / "binnings"


def test_a_killed_agent_goes_on_with_the_same_job(
    gateway: LiveGateway, command: list[str], tmp_path: Path
) -> None:
    """Its stream breaks; the lender's command opens another by itself, and nobody begins anew."""
    path, own = gateway.home.agent(BUREAU), str(gateway.home.profile(LENDER_A))
    path.write_text(with_address(path.read_text(), gateway))
    _run(gateway, "aggregate", "budget")
    cli = [sys.executable, "-m", "clients.cli.main"]
    serve = [*cli, "agent", "serve", "--profile", str(path)]
    talks = AgentProfile.load(path).state / "binning" / "talks"
    with (tmp_path / "answer").open("wb") as answer, (tmp_path / "log").open("wb") as log:
        agent = subprocess.Popen(serve, stdout=log, stderr=log)
        words = [*cli, *command, "--profile", own, "--json"]
        lender = subprocess.Popen(words, stdout=answer, stderr=log)
        try:
            wait_until(lambda: any(talks.glob("*/secrets")), "the talk has begun")
            agent.kill()
            agent.wait()
            agent = subprocess.Popen(serve, stdout=log, stderr=log)
            assert lender.wait(90) == 0, (tmp_path / "log").read_text()
        finally:
            lender.kill()
            agent.terminate()
            agent.wait(30)
    shown = json.loads((tmp_path / "answer").read_text())
    assert shown["consents"] == ROWS
    assert [one["name"] for one in shown["features"]] == list(FEATURES)


def test_a_killed_keyholder_goes_on_with_the_same_job(
    gateway: LiveGateway, command: list[str], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    profile = str(gateway.home.profile(LENDER_A))
    _run(gateway, "aggregate", "budget")
    # The bureau is not there yet, so that the job waits.
    words = [sys.executable, "-m", "clients.cli.main", *command, "--profile", profile]
    with (tmp_path / "log").open("wb") as log:
        first = subprocess.Popen(words, stdout=log, stderr=log)
        wait_until(lambda: any(_jobs(gateway).glob("*/own-channel")), "the job is on its way")
        first.kill()
        first.wait()
    (job,) = (path.parent.name for path in _jobs(gateway).glob("*/secrets"))
    request.getfixturevalue("bureau")
    result = _run(gateway, *command, "--resume", job, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["job"]["id"] == job
    assert not (_jobs(gateway) / job).exists()
    over = _run(gateway, *command, "--resume", job)
    assert over.exit_code == 1
    assert "no such job" in over.output


@pytest.mark.usefixtures("bureau")
def test_exact_figures_are_those_of_the_clear_text(
    gateway: LiveGateway, command: list[str], tmp_path: Path
) -> None:
    picture = tmp_path / "curves.png"
    result = _run(gateway, *command, "--json", "--png", str(picture))
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    terms = shipped_contract().binning
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
def test_the_gateway_may_be_told_references_in_place_of_identifiers(
    gateway: LiveGateway, command: list[str]
) -> None:
    result = _run(gateway, *command, "--json", "--blinded")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["consents"] == ROWS


@pytest.mark.usefixtures("bureau")
@pytest.mark.parametrize("blinded", [(), ("--blinded",)])
def test_a_consent_of_one_person_does_not_stand_for_another(
    gateway: LiveGateway,
    command: list[str],
    consents: list[str],
    tmp_path: Path,
    blinded: tuple[str, ...],
) -> None:
    swapped = [consents[1], consents[0], *consents[2:]]
    labels_for(tmp_path / "swapped.csv", swapped)
    again = ("--labels", str(tmp_path / "swapped.csv"), "--json", *blinded)
    result = _run(gateway, *command, *again)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["reason"] == "CONSENT_ABSENT"


@pytest.mark.usefixtures("bureau")
def test_shills_consents_do_not_open_other_people_s_bins(
    gateway: LiveGateway,
    command: list[str],
    consents: list[str],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """To the gateway each consent's own subject; into the alignment, others who did not agree."""
    labels_for(tmp_path / "labels.csv", consents)
    columns = Columns("identity_key", "bad", "consent_id", "identity_type")
    shills = read_rows(tmp_path / "labels.csv", IdentifierType.CN_RESIDENT_ID, columns)
    own = gateway.profile(LENDER_A)
    with gateway.client(LENDER_A) as lender:
        references = lender.references(shills.pairs())
    victims = applicants()[ROWS : 2 * ROWS]
    aligned = tuple(f"{one.identity_type}|{key_of(one)}".encode() for one in victims)
    rows = replace(shills, identifiers=aligned, references=references)
    wish = BinWish(features=FEATURES, mode="exact", cost=0, purpose=MODEL)
    identity, now = identity_of(own), int(time.time())
    with KeyholderClient(own) as client:
        keyholder = Keyholder(identity, client)
        head = keyholder.keys.choose("elgamal", "")
        held = keyholder.keys.open(head.id, secret_by(Path(command[command.index(_KEY_FILE) + 1])))
        planned = draft_job(LENDER_A, shipped_contract(), rows, wish, head.public, now)
        opened = sign_job(identity, planned, rows, held.stored())
        run = BinningRun(identity, opened, keyholder.rounds, time.time, lambda *_: None, 1)
        with pytest.raises(VeilgateError) as refused:
            run(talk_over(own, 60.0))
    assert refused.value.reason is ErrorReason.AGGREGATE_REFUSED
    assert "declined: rows" in caplog.text
    # It costs nothing in exact, and counts all the same.
    accounts = json.loads(_run(gateway, "aggregate", "budget", "--json").stdout)
    (account,) = (one for one in accounts if one["dataset"] == DATASET)
    assert (account["spent"], account["refusals"]) == (0, 1)


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
