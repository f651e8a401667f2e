"""Every command against a gateway that runs: what people read, what programs read, how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import LENDER_A, LENDER_B
from clients.cli.main import app
from support.command_line import ASK, TERMS, Cli, assert_refused, line, who
from support.faults_serving import checkpoint
from support.live_gateway import DATASET, UNDERWRITING, start_gateway
from support.process import free_port

AUDITOR = "auditor"


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    folder = tmp_path_factory.mktemp("command-line")
    gateway = start_gateway(folder / "home")
    try:
        for profile in gateway.home.folder.glob("clients/*/profile.toml"):
            text = profile.read_text("utf-8").replace("localhost:0", gateway.address)
            profile.write_text(text, encoding="utf-8")
        (folder / "form.txt").write_text("the signed form", encoding="utf-8")
        yield Cli(gateway, folder / "form.txt")
    finally:
        gateway.kill()


# Getting and explaining.


def test_get_shows_the_masked_record_and_no_raw_value(cli: Cli) -> None:
    applicant, consent = cli.consented(1)
    result = cli.run(LENDER_A, "get", *ASK, *who(applicant), stdin=line(applicant))
    assert result.exit_code == 0
    assert result.stderr == ""
    for word in ("贾**", "4****************6", "withheld: c3", "no_onward_provision", consent):
        assert word in result.stdout
    for raw in (applicant.identity_number, applicant.name, applicant.phone, applicant.bank_card):
        assert raw not in result.output


def test_get_takes_the_subject_in_three_ways(cli: Cli, tmp_path: Path) -> None:
    applicant, _ = cli.consented(3)
    file = tmp_path / "subject.txt"
    file.write_text(line(applicant), encoding="utf-8")
    word = f"{applicant.identity_type}:{applicant.identity_number}"
    ways = (
        (*who(applicant), "--subject-file", str(file)),
        ("--subject", word),
        who(applicant),
    )
    answers = [cli.json(LENDER_A, "get", *ASK, *way, stdin=line(applicant)) for way in ways]
    assert len({json.dumps(one["fields"]) for one in answers}) == 1


def test_get_wants_fields_and_says_when_it_repeats(cli: Cli) -> None:
    applicant, consent = cli.consented(2)
    words = ("get", *ASK, *who(applicant), "--field", "name", "--field", "phone")
    words = (*words, "--consent", consent, "--request-id", str(uuid4()))
    first = cli.json(LENDER_A, *words, stdin=line(applicant))
    assert set(first["fields"]) == {"name", "phone"}
    assert first["repeat"] is False
    again = cli.run(LENDER_A, *words, stdin=line(applicant))
    assert "no second use was counted" in again.stdout
    assert cli.json(LENDER_A, "consent", "show", consent)["uses_made"] == 1


def test_a_denial_says_why_and_what_next_in_both_languages(cli: Cli) -> None:
    applicant, _ = cli.consented(5)
    ask = ("--dataset", DATASET, "--purpose", "marketing", *who(applicant))
    result = cli.run(LENDER_A, "get", *ask, "--json", stdin=line(applicant))
    assert_refused(result, 1, "CONSENT_PURPOSE_MISSING", "Obtain a consent that names the purpose")
    assert "个人信息保护法第十四条" in result.stderr
    error = json.loads(result.stdout)["error"]
    assert error["decision"]["rule"] == "marketing-offers"
    assert error["decision"]["findings"][0]["article"] == "PIPL 14"
    assert error["event_id"]


def test_explain_ends_well_also_where_it_would_be_denied(cli: Cli) -> None:
    applicant, _ = cli.consented(7)
    allowed = cli.run(LENDER_A, "explain", *ASK, *who(applicant), stdin=line(applicant))
    assert "ALLOWED 允许" in allowed.stdout
    assert "would release" not in allowed.stdout
    ask = ("--dataset", DATASET, "--purpose", "marketing", *who(applicant))
    denied = cli.run(LENDER_A, "explain", *ask, stdin=line(applicant))
    assert denied.exit_code == 0
    for word in ("DENIED 拒绝", "最小变更", "Once nothing of that is missing", "generalise"):
        assert word in denied.stdout
    answer = cli.json(LENDER_A, "explain", *ask, stdin=line(applicant))
    assert answer["decision"]["allow"] is False


@pytest.mark.parametrize(
    ("words", "stdin", "what"),
    [
        ((), "", "no subject is named"),
        (("--subject-type", "CN_RESIDENT_ID"), "", "value is missing"),
        (("--subject", "CN_RESIDENT_ID"), "", "value is missing"),
        (("--subject-type", "CN_RESIDENT_ID", "--subject-file", "absent"), "", "cannot be read"),
        (("--subject-type", "CN_RESIDENT_ID", "--subject", "US_SSN:1"), "", "by itself"),
        (("--subject-type", "PASSPORT"), "7\n", "not one of the words"),
    ],
    ids=str,
)
def test_a_subject_that_cannot_be_asked_about_is_a_wrong_call(
    cli: Cli, words: tuple[str, ...], stdin: str, what: str
) -> None:
    assert_refused(cli.run(LENDER_A, "get", *ASK, *words, stdin=stdin), 2, what, "")


def test_a_malformed_field_is_named_with_what_it_should_be(cli: Cli) -> None:
    person = ("--subject-type", "CN_RESIDENT_ID")
    result = cli.run(LENDER_A, "get", *ASK, *person, stdin="110101199003070019\n")
    assert_refused(
        result, 1, "subject.value", "subject.value (is not a valid identifier of its type)"
    )
    assert "110101199003070019" not in result.output
    result = cli.run(LENDER_A, "consent", "show", "nonsense")
    assert_refused(
        result, 1, "consent_id", "consent_id (must be a UUID in lower case with hyphens)"
    )


# Consents.


def test_a_consent_is_granted_shown_and_revoked(cli: Cli) -> None:
    applicant = synthetic_subject(9)
    words = ("consent", "grant", *TERMS, "--evidence", str(cli.evidence), "--uses", "2")
    granted = cli.run(
        LENDER_A, *words, "--frequency", "3/day", *who(applicant), stdin=line(applicant)
    )
    assert granted.exit_code == 0, granted.stderr
    assert "The consent is granted." in granted.stdout
    consent = granted.stdout.split("consent ", 2)[2].split()[0]
    shown = cli.run(LENDER_A, "consent", "show", consent)
    for word in ("active", "lender-a", UNDERWRITING, "third_party, sensitive", "CN_RESIDENT_ID"):
        assert word in shown.stdout
    assert applicant.identity_number not in shown.output
    with_subject = cli.json(LENDER_A, "consent", "show", consent, "--show-subject")
    assert with_subject["subject"]["value"] == applicant.identity_number
    assert with_subject["uses"] == 2
    hidden = cli.run(LENDER_B, "consent", "show", consent)
    assert_refused(hidden, 1, "CONSENT_NOT_FOUND", "what belongs to others looks the same")
    revoked = cli.run(LENDER_A, "consent", "revoke", consent)
    assert f"Consent {consent} is revoked." in revoked.stdout
    after = cli.run(LENDER_A, "get", *ASK, *who(applicant), stdin=line(applicant))
    assert_refused(after, 1, "CONSENT_REVOKED", "Ask the person for a new consent")
    again = cli.run(LENDER_A, "consent", "revoke", consent)
    assert_refused(again, 1, "CONSENT_TRANSITION_REFUSED", "")


def test_a_draft_from_a_file_and_options_make_one_consent(cli: Cli, tmp_path: Path) -> None:
    applicant, draft = synthetic_subject(11), tmp_path / "draft.json"
    terms = {
        "providers": ["demo-bureau"],
        "datasets": [DATASET],
        "purposes": [UNDERWRITING],
        "categories": ["identity"],
        "evidence_sha256": "ab" * 32,
        "subject": {"type": applicant.identity_type, "value": applicant.identity_number},
    }
    draft.write_text(json.dumps(terms), encoding="utf-8")
    words = ("consent", "grant", "--from", str(draft), "--separate", "third_party")
    granted = cli.json(LENDER_A, *words)
    record = cli.json(LENDER_A, "get", *ASK, *who(applicant), stdin=line(applicant))
    assert record["consent_id"] == granted["consent_id"]
    assert record["withheld"]["phone"] == "consent"


def test_a_consent_that_lacks_terms_names_all_options_at_once(cli: Cli) -> None:
    assert_refused(cli.run(LENDER_A, "consent", "grant"), 2, "more terms", "--field or --category")
    result = cli.run(LENDER_A, "consent", "grant", *TERMS)
    assert_refused(result, 2, "more terms", "Give --evidence, or a draft with --from.")


# The log.


def test_the_log_is_listed_exported_and_verified(cli: Cli, tmp_path: Path) -> None:
    applicant, _ = cli.consented(13)
    record = cli.json(LENDER_A, "get", *ASK, *who(applicant), stdin=line(applicant))
    listed = cli.run(AUDITOR, "audit", "tail", "--limit", "3")
    for word in ("CONSENT_GRANTED", "INTENT", "RELEASE", "lender-a", UNDERWRITING):
        assert word in listed.stdout
    (row,) = cli.json(AUDITOR, "audit", "tail", "--start", str(record["log_index"]))
    assert (row["index"], row["event"]["id"]) == (record["log_index"], record["event_id"])
    out = tmp_path / "log"
    checkpoint(cli.gateway)
    exported = cli.run(AUDITOR, "audit", "export", "--out", str(out))
    assert f"audit verify {out} --key {cli.gateway.home.log_verifier_key}" in exported.stdout
    verified = CliRunner().invoke(app, exported.stdout.split("veilgate ")[1].split())
    assert verified.exit_code == 0
    assert "are under the signed root" in verified.stdout
    kept = tmp_path / "log.checkpoint"
    cli.json(AUDITOR, "audit", "verify", str(out), "--save-checkpoint")
    cli.consented(15)
    checkpoint(cli.gateway)
    cli.json(AUDITOR, "audit", "export", "--out", str(out))
    grown = cli.json(AUDITOR, "audit", "verify", str(out), "--since", str(kept))
    assert grown["consistent_from"] == row["index"] + 1
    assert grown["size"] == row["index"] + 2


def test_a_changed_log_is_not_verified(cli: Cli, tmp_path: Path) -> None:
    cli.json(AUDITOR, "audit", "export", "--out", str(tmp_path / "log"))
    (bundle,) = (tmp_path / "log" / "tile" / "entries").glob("*.p/*")
    bundle.write_bytes(
        bundle.read_bytes().replace(b"INSTITUTION_ENROLLED", b"INSTITUTION_ENROLLEE")
    )
    result = cli.run(AUDITOR, "audit", "verify", str(tmp_path / "log"), "--json")
    assert_refused(result, 1, "entry 0", "Keep the export as evidence")
    assert json.loads(result.stdout)["first_bad_entry"] == 0


@pytest.mark.parametrize("words", [("tail",), ("export", "--out", "log")], ids=" ".join)
def test_only_an_auditor_reads_the_log(
    cli: Cli, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = cli.run(LENDER_A, "audit", *words, "--json")
    assert_refused(result, 1, "ROLE_MISSING", "an institution that has this role")
    assert json.loads(result.stdout)["error"]["reason"] == "ROLE_MISSING"


# Policies.


def test_the_home_s_policies_are_checked_and_explained(cli: Cli) -> None:
    policies = ("--policies", str(cli.gateway.home.folder / "policies"))
    checked = CliRunner().invoke(app, ["policy", "check", *policies, "--json"])
    assert json.loads(checked.stdout)["ok"] is True
    ask = ["--dataset", DATASET, "--purpose", "marketing", "--role", "lender", *policies]
    explained = CliRunner().invoke(app, ["policy", "explain", *ask])
    assert explained.exit_code == 0
    assert "marketing-offers" in explained.stdout
    supposed = [*ask, "--consent-purpose", "credit", "--category", "identity", "--json"]
    answer = json.loads(CliRunner().invoke(app, ["policy", "explain", *supposed]).stdout)
    reasons = [one["reason"] for one in answer["decision"]["findings"]]
    assert reasons == ["CONSENT_PURPOSE_MISSING", "CONSENT_SEPARATE_MISSING"]


# No gateway, and none that lets one in.


def _elsewhere(cli: Cli, tmp_path: Path, address: str) -> str:
    """Lender A's profile for another address."""
    own = cli.gateway.home.profile(LENDER_A)
    for file in own.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    profile = tmp_path / own.name
    text = own.read_text("utf-8").replace(cli.gateway.address, address)
    profile.write_text(text, encoding="utf-8")
    return str(profile)


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("get", *ASK, "--subject-type", "CN_RESIDENT_ID"),
    ("explain", *ASK, "--subject-type", "CN_RESIDENT_ID"),
    ("consent", "show", str(uuid4())),
    ("consent", "revoke", str(uuid4())),
    ("audit", "tail"),
    ("audit", "export", "--out", "log"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_without_a_gateway_each_command_says_what_to_check(
    cli: Cli, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    profile = _elsewhere(cli, tmp_path, f"localhost:{free_port()}")
    call = [*words, "--profile", profile, "--json"]
    result = CliRunner().invoke(app, call, input=line(synthetic_subject(1)))
    assert_refused(result, 1, "the gateway cannot be reached", "and that the gateway runs")
    assert json.loads(result.stdout)["error"]["code"] == "UNAVAILABLE"
