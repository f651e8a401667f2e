"""Binning over gRPC: a gateway process, a bureau's agent, and a lender's command line."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clients.agent.agent import make_agent
from clients.agent.profile import AgentProfile
from clients.cli.aggregate.secret import secret_by
from clients.cli.local.demo_data.dataset import applicants
from clients.cli.local.demo_data.loans import key_of, write_labels
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
from gateway.domain.aggregate.contract import AggregateContract, read_contract
from support.binning_pair import clear_text
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
    path.write_text(_with_address(path.read_text(), gateway))
    agent = make_agent(AgentProfile.load(path))
    thread = threading.Thread(target=agent.run)
    thread.start()
    yield
    agent.service.stop()
    thread.join(20)


def _with_address(profile: str, gateway: LiveGateway) -> str:
    lines = (
        f'gateway = "{gateway.address}"' if line.startswith("gateway =") else line
        for line in profile.splitlines()
    )
    return "\n".join(lines) + "\n"


def _contract() -> AggregateContract:
    from clients.cli.local.home import packaged_policies
    from gateway.bootstrap.settings import load_policy

    return read_contract(load_policy(packaged_policies()).aggregates[DATASET].encoded())


@pytest.fixture(scope="module")
def command(
    gateway: LiveGateway, consents: list[str], tmp_path_factory: pytest.TempPathFactory
) -> list[str]:
    """The words of the command, with the file of labels and the key that it needs."""
    folder = tmp_path_factory.mktemp("lender")
    _write_labels(folder / "labels.csv", consents)
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


def _write_labels(path: Path, consents: Sequence[str]) -> None:
    named = {one.applicant_no: name for one, name in zip(applicants(), consents, strict=False)}
    write_labels(path, named)


def _run(gateway: LiveGateway, *words: str) -> Result:
    profile = gateway.home.profile(LENDER_A)
    profile.write_text(_with_address(profile.read_text(), gateway))
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
    _write_labels(tmp_path / "swapped.csv", swapped)
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
    _write_labels(tmp_path / "labels.csv", consents)
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
        planned = draft_job(LENDER_A, _contract(), rows, wish, head.public, now)
        opened = sign_job(identity, planned, rows, held.stored())
        run = BinningRun(identity, opened, keyholder.rounds, time.time, lambda *_: None, 1)
        with pytest.raises(VeilgateError) as refused:
            run(talk_over(own, 60.0))
    assert refused.value.reason is ErrorReason.AGGREGATE_REFUSED
    assert "declined: unbound" in caplog.text
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
