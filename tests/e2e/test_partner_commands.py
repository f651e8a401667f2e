"""The partner commands against a gateway that runs: from a request to the first own look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from clients.cli.local.dev_members import write_signing_key
from clients.cli.local.home import AUDITOR, LENDER_A, LENDER_B, OPERATOR
from clients.cli.main import app
from support.command_line import Cli, assert_refused
from support.faults_serving import wait_until
from support.live_gateway import start_gateway
from support.newcomers import Newcomer


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    folder = tmp_path_factory.mktemp("partner")
    gateway = start_gateway(folder / "home")
    try:
        for profile in gateway.home.folder.glob("clients/*/profile.toml"):
            text = profile.read_text("utf-8").replace("localhost:0", gateway.address)
            profile.write_text(text, encoding="utf-8")
        (folder / "contract.txt").write_text("the signed contract", encoding="utf-8")
        yield Cli(gateway, folder / "contract.txt")
    finally:
        gateway.kill()


def alone(*words: str, **environment: str | None) -> Result:
    return CliRunner().invoke(app, list(words), env={"VEILGATE_PROFILE": None, **environment})


def requested(one: Newcomer, *words: str) -> tuple[Path, Result]:
    """The file that a newcomer makes on its own machine, offline."""
    certificate, _ = one.certificate.write(one.folder, "client")
    key, out = one.folder / "signing.pem", one.folder / "enrolment.json"
    write_signing_key(key, one.key.key)
    made = alone(
        *("partner", "request", "--institution", one.id, "--certificate", str(certificate)),
        *("--signing-key", str(key), "--signing-key-id", one.key.key_id, "--out", str(out)),
        *("--legal-group", f"{one.id}-group", "--role", "lender", "--jurisdiction", "CN", *words),
    )
    return out, made


def test_from_a_request_to_a_member_with_an_agreement(cli: Cli, tmp_path: Path) -> None:
    one = Newcomer(cli.gateway, tmp_path)
    file, made = requested(one)
    assert made.exit_code == 0, made.stderr
    assert one.fingerprint in made.stdout
    envelope = json.loads(file.read_bytes())
    assert set(envelope) == {"payload", "payloadType", "signatures"}
    shown = cli.run(OPERATOR, "partner", "enrol", str(file))
    assert shown.exit_code == 0, shown.stderr
    said = shown.stdout.index(one.fingerprint)
    assert said < shown.stdout.index(f"{one.id} is enrolled.")
    again = cli.run(OPERATOR, "partner", "enrol", str(file), "--yes")
    assert "by this very request before" in again.stdout
    words = ("--dataset", "credit.applicant", "--purpose", "credit")
    added = cli.json(
        OPERATOR,
        *("partner", "agreement", "add", one.id, *words, "--evidence", str(cli.evidence)),
    )
    listed = cli.json(OPERATOR, "partner", "agreement", "list", "--institution", one.id)
    assert [entry["agreement_id"] for entry in listed] == [added["agreement_id"]]
    ended = cli.run(OPERATOR, "partner", "agreement", "end", added["agreement_id"])
    assert ended.exit_code == 0
    assert (
        cli.json(OPERATOR, "partner", "agreement", "list", "--in-force", "--institution", one.id)
        == []
    )
    table = cli.run(OPERATOR, "partner", "agreement", "list", "--institution", one.id).stdout
    assert added["agreement_id"] in table


def test_a_request_as_json_says_what_was_signed(cli: Cli, tmp_path: Path) -> None:
    one = Newcomer(cli.gateway, tmp_path)
    file, made = requested(one, "--json")
    document = json.loads(made.stdout)
    assert document["file"] == str(file)
    assert document["enrolment"]["signing_keys"] == [one.key.key_id]
    assert one.key.key.seed().hex() not in made.stdout
    enrolled = cli.json(OPERATOR, "partner", "enrol", str(file))
    assert enrolled["institution"] == one.id


def test_show_and_list(cli: Cli) -> None:
    own = cli.json(LENDER_B, "partner", "show")
    assert (own["id"], own["status"], own["roles"]) == (LENDER_B, "active", ["lender"])
    assert own["certificates"][0]["not_after"]
    assert (
        own["certificates"][0]["fingerprint"]
        in cli.run(AUDITOR, "partner", "show", LENDER_B).stdout
    )
    listed = cli.json(OPERATOR, "partner", "list", "--role", "auditor")
    assert [one["id"] for one in listed] == [AUDITOR]
    assert AUDITOR in cli.run(OPERATOR, "partner", "list").stdout
    assert_refused(
        cli.run(LENDER_A, "partner", "show", LENDER_B), 1, "INSTITUTION_NOT_FOUND", "Check the id"
    )
    assert_refused(cli.run(OPERATOR, "partner", "list", "--role", "king"), 2, "Role", "lender")


def test_suspend_and_reactivate(cli: Cli) -> None:
    assert f"{LENDER_B} is suspended." in cli.run(OPERATOR, "partner", "suspend", LENDER_B).stdout
    assert_refused(cli.run(LENDER_B, "partner", "show"), 1, "INSTITUTION_SUSPENDED", "")
    assert cli.json(OPERATOR, "partner", "list", "--status", "suspended")[0]["id"] == LENDER_B
    assert cli.json(OPERATOR, "partner", "reactivate", LENDER_B)["event_id"]
    assert cli.run(LENDER_B, "partner", "show").exit_code == 0
    assert_refused(cli.run(LENDER_A, "partner", "suspend", LENDER_B), 1, "ROLE_MISSING", "profile")


def test_rotate_replaces_certificate_and_key_of_the_profile(cli: Cli, tmp_path: Path) -> None:
    one = Newcomer(cli.gateway, tmp_path, id=LENDER_A)
    certificate, private = one.certificate.write(tmp_path, "new")
    key = tmp_path / "signing.pem"
    write_signing_key(key, one.key.key)
    words = ("--certificate", str(certificate), "--signing-key", str(key))
    rotated = cli.json(
        LENDER_A,
        *("partner", "rotate", *words, "--signing-key-id", one.key.key_id, "--overlap", "2s"),
    )
    assert rotated["retired_at"]
    home = cli.gateway.home.profile(LENDER_A)
    text = home.read_text("utf-8")
    for old, new in (
        (f'"{LENDER_A}.pem"', f'"{certificate}"'),
        (f'"{LENDER_A}.key"', f'"{private}"'),
        ('"signing.pem"', f'"{key}"'),
        (f'"{LENDER_A}-1"', f'"{one.key.key_id}"'),
    ):
        assert old in text
        text = text.replace(old, new)

    def is_refused() -> bool:
        return cli.run(LENDER_A, "partner", "show").exit_code == 1

    wait_until(is_refused, "the old certificate is refused")
    home.write_text(text, encoding="utf-8")
    shown = cli.json(LENDER_A, "partner", "show")
    live = [entry["key_id"] for entry in shown["signing_keys"] if not entry["retired_at"]]
    assert live == [one.key.key_id]
    live = [entry["fingerprint"] for entry in shown["certificates"] if not entry["retired_at"]]
    for other in live:
        if other != one.fingerprint:
            cli.json(LENDER_A, "partner", "rotate", "--retire", other, "--overlap", "0s")
    retire = ("partner", "rotate", "--retire", one.fingerprint)
    assert_refused(cli.run(LENDER_A, *retire), 1, "LAST_CREDENTIAL", "")


def test_expiring_ends_with_1_where_cron_should_say_so(cli: Cli) -> None:
    shown = cli.run(AUDITOR, "partner", "expiring", "--within", "60")
    assert (shown.exit_code, "certificate" in shown.stdout) == (0, True)
    found = cli.json(AUDITOR, "partner", "expiring", "--within", "60")
    assert [(one["what"], one["days_left"] in (28, 29)) for one in found] == [("certificate", True)]
    assert (
        "Nothing ends within 5 days."
        in cli.run(AUDITOR, "partner", "expiring", "--within", "5").stdout
    )
    assert cli.run(AUDITOR, "partner", "expiring", "--fail-within", "14").exit_code == 0
    failed = cli.run(
        AUDITOR, "partner", "expiring", "--within", "1", "--fail-within", "60", "--json"
    )
    assert failed.exit_code == 1
    assert len(json.loads(failed.stdout)) == 1


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("enrol", "absent.json"), "absent.json cannot be read"),
        (("enrol", __file__), "not a signed enrolment"),
        (("rotate",), "nothing is to change"),
        (("rotate", "--signing-key-id", "x"), "a signing key has an id"),
        (("rotate", "--retire", "k", "--overlap", "soon"), "--overlap"),
        (("rotate", "--retire", "k", "--overlap", "31d"), "0 to 30 days"),
        (("rotate", "--certificate", __file__), "not a certificate"),
        (
            ("agreement", "add", "x", "--dataset", "d", "--purpose", "p", "--evidence", "absent"),
            "absent cannot be read",
        ),
    ],
    ids=str,
)
def test_a_wrong_call_says_what_is_wrong(cli: Cli, words: tuple[str, ...], what: str) -> None:
    result = cli.run(OPERATOR, "partner", *words)
    assert_refused(result, 2, what, "")


def test_a_request_names_its_institution_and_its_certificate(cli: Cli, tmp_path: Path) -> None:
    one = Newcomer(cli.gateway, tmp_path)
    _, made = requested(one, "--institution", "somebody-else")
    assert_refused(made, 2, "does not name this institution", "spiffe://")
    common: list[Any] = ["--out", "x", "--legal-group", "g", "--role", "lender"]
    nobody = alone("partner", "request", *common, "--jurisdiction", "CN")
    assert_refused(nobody, 2, "no institution is named", "--profile")


def test_the_profile_gives_a_request_what_is_left_out(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "again.json"
    words = ("--legal-group", "gg", "--role", "lender", "--jurisdiction", "CN", "--out", str(out))
    document = cli.json(LENDER_B, "partner", "request", *words)
    assert document["enrolment"]["institution"] == LENDER_B
    assert document["enrolment"]["signing_keys"] == [f"{LENDER_B}-1"]
    assert_refused(
        cli.run(OPERATOR, "partner", "enrol", str(out)), 1, "INSTITUTION_ALREADY_EXISTS", ""
    )
