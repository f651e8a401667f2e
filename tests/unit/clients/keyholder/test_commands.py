"""`veilgate aggregate` against a gateway over mutual TLS: keys, price, question, answer, resume."""

import json
import time
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner, Result

from clients.cli.main import app
from clients.keyholder.calls import KeyholderClient
from clients.keyholder.errors import ResultRefused, Wrong
from clients.keyholder.identity import identity_of
from clients.keyholder.keyholder import Keyholder
from clients.sdk.identity.profile import ClientProfile
from gateway.crypto.ed25519 import SigningKey
from gateway.domain.aggregate.plan import STEPS
from support.canned_answers import refusal
from support.keyholders import DATASET, PURPOSE, Script, contract, people
from support.keyholders_gateway import ScriptedGateway, serving

ASK = ("ask", DATASET, "--purpose", PURPOSE, "--cost", "0.05")


@dataclass
class Commands:
    gateway: ScriptedGateway
    profile: Path
    folder: Path
    sealed_by: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str) -> Result:
        given = self.sealed_by if words[0] in ("ask", "keygen") else ()
        whole = ["aggregate", *words, *given, "--profile", str(self.profile)]
        return CliRunner().invoke(app, whole, env=self.environment)

    def json(self, *words: str) -> Any:
        result = self.run(*words, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    with serving(tmp_path) as (gateway, profile):
        gateway.cells = lambda opened, member: [people(100)] * len(opened.plan.shape.cells)
        yield Commands(gateway, profile, tmp_path, ("--key-file", str(tmp_path / "secret")))


@pytest.fixture
def keyed(commands: Commands) -> Commands:
    commands.json("keygen", "--scheme", "elgamal")
    return commands


def test_a_made_key_is_registered_and_listed(commands: Commands) -> None:
    (made,) = commands.json("keygen", "--scheme", "elgamal")
    assert made["registered"]["log_index"] == 4
    assert [one.key for one in commands.gateway.registered] != []
    (listed,) = commands.json("keys")
    assert listed == made


def test_both_schemes_are_made(commands: Commands) -> None:
    assert [one["scheme"] for one in commands.json("keygen")] == ["elgamal", "paillier"]


def test_a_key_may_be_registered_when_it_is_first_used(commands: Commands) -> None:
    (made,) = commands.json("keygen", "--scheme", "elgamal", "--no-register")
    assert made["registered"] is None
    commands.json(*ASK)
    assert len(commands.gateway.registered) == 1


def test_the_contract_and_the_budget_are_shown(commands: Commands) -> None:
    shown = commands.json("contract", DATASET)
    assert shown["digest"] == contract().digest
    assert shown["budget"]["left"] == 5_000_000
    assert commands.run("contract", DATASET).exit_code == 0
    (budget,) = commands.json("budget")
    assert budget["left"] == 5_000_000
    assert commands.run("budget").exit_code == 0


def test_an_answer_is_printed_and_can_be_shown_again(keyed: Commands) -> None:
    answer = keyed.json(*ASK, "--group-by", "housing", "--where", "market=CN")
    assert [cell["group"] for cell in answer["cells"]] == [["own"], ["rent"]]
    assert [cell["people"]["value"] for cell in answer["cells"]] == [400, 400]
    assert answer["where"] == ["market=CN"]
    assert keyed.json("show", answer["id"]) == answer
    (listed,) = keyed.json("rounds")
    assert (listed["round"], listed["state"]) == (answer["id"], "opened")


def test_people_see_a_table_bars_and_what_was_suppressed(keyed: Commands) -> None:
    def cells(opened: Any, member: str) -> Any:
        rent = {("counter", "", 0): 0} if member == "lender-c" else people(30)
        return [{**people(300), ("bin", "amount", 1): 300 * STEPS}, rent]

    keyed.gateway.cells = cells
    result = keyed.run(
        *ASK, "--group-by", "housing", "--histogram", "amount", "--quantile", "amount:0.5"
    )
    assert result.exit_code == 0, result.stderr
    assert "Housing / 住房" in result.stdout
    assert "suppressed" in result.stdout
    assert "1,200 ±" in result.stdout
    assert "█" * 40 in result.stdout
    assert "512 to 1,024" in result.stdout
    assert "3 of 4" not in result.stdout, "how many suppressed a cell is told to nobody"


def test_a_dry_run_asks_nobody_and_needs_no_key(commands: Commands) -> None:
    shown = commands.json(*ASK, "--mean", "amount", "--dry-run")
    assert shown["left_after"] == 4_950_000
    assert commands.gateway.asked == []
    printed = commands.run(*ASK, "--mean", "amount", "--quantile", "amount:0.9", "--dry-run")
    assert printed.exit_code == 0, printed.stderr
    assert "nothing is charged" in printed.stdout


def test_a_question_beyond_the_budget_is_not_sent(keyed: Commands) -> None:
    keyed.gateway.spent = 4_990_000
    result = keyed.run(*ASK)
    assert result.exit_code == 2
    assert keyed.gateway.asked == []


def test_without_a_key_nothing_is_asked(commands: Commands) -> None:
    result = commands.run(*ASK)
    assert result.exit_code == 1
    assert "keygen" in result.stderr
    assert commands.gateway.asked == []


def test_a_gateway_with_another_round_key_is_not_asked(keyed: Commands) -> None:
    keyed.gateway.round_key = SigningKey.generate().public_key.raw
    result = keyed.run(*ASK)
    assert result.exit_code == 1
    assert "pinned" in result.stderr
    assert keyed.gateway.asked == []


def test_a_lost_contributor_is_gone_on_with_by_the_same_bytes(keyed: Commands) -> None:
    keyed.gateway.refusals = [refusal("CONTRIBUTOR_LOST", grpc.StatusCode.UNAVAILABLE)]
    result = keyed.run(*ASK)
    assert result.exit_code == 1
    (listed,) = keyed.json("rounds")
    assert listed["state"] == "open"
    assert f"--resume {listed['round']}" in result.stderr
    answer = keyed.json("ask", DATASET, "--resume", listed["round"])
    assert answer["cells"][0]["people"]["value"] == 400
    first, second = keyed.gateway.asked
    assert first == second


@pytest.mark.parametrize("reason", ["AGGREGATE_REFUSED", "ROUND_VOID"])
def test_a_round_that_was_refused_is_over(keyed: Commands, reason: str) -> None:
    keyed.gateway.refusals = [refusal(reason, grpc.StatusCode.FAILED_PRECONDITION)]
    assert keyed.run(*ASK).exit_code == 1
    (listed,) = keyed.json("rounds")
    assert listed["state"] == "ended"
    again = keyed.run("ask", DATASET, "--resume", listed["round"])
    assert again.exit_code == 1
    assert len(keyed.gateway.asked) == 1


def test_a_question_whose_time_is_over_is_not_sent(keyed: Commands) -> None:
    keyed.gateway.refusals = [refusal("CONTRIBUTOR_LOST", grpc.StatusCode.UNAVAILABLE)]
    keyed.run(*ASK)
    (listed,) = keyed.json("rounds")
    profile = ClientProfile.load(keyed.profile)
    with KeyholderClient(profile) as client:
        late = Keyholder(identity_of(profile), client, lambda: time.time() + 3601)
        with pytest.raises(ResultRefused) as caught:
            late.ask(late.rounds.get(listed["round"]), lambda stage: None)
    assert caught.value.wrong is Wrong.EXPIRED
    assert len(keyed.gateway.asked) == 1


def test_a_password_may_come_from_the_environment(commands: Commands) -> None:
    commands.sealed_by = ()
    commands.environment = {"VEILGATE_KEY_PASSWORD": "correct horse"}
    commands.json("keygen", "--scheme", "elgamal")
    assert commands.json(*ASK)["cells"][0]["people"]["value"] == 400
    commands.environment = {"VEILGATE_KEY_PASSWORD": "another horse"}
    assert commands.run(*ASK).exit_code == 1
    commands.environment = {}
    nobody = commands.run(*ASK)
    assert nobody.exit_code == 2
    assert "VEILGATE_KEY_PASSWORD" in nobody.stderr


def test_a_question_is_on_the_disk_before_it_is_sent(keyed: Commands) -> None:
    """Else a crash would lose what is charged already."""
    seen: list[bytes] = []

    def look(opened: Any, member: str) -> Any:
        (kept,) = (keyed.folder / "keyholder" / "rounds").glob("*/question.json")
        seen.append(b64decode(json.loads(kept.read_bytes())["payload"]))
        return [people(100)]

    keyed.gateway.cells = look
    keyed.json(*ASK)
    assert set(seen) == {keyed.gateway.asked[0].payload}


def test_a_round_is_not_opened_a_second_time(keyed: Commands) -> None:
    answer = keyed.json(*ASK)
    again = keyed.run("ask", DATASET, "--resume", answer["id"])
    assert again.exit_code == 1
    assert "opened before" in again.stderr
    assert len(keyed.gateway.asked) == 1


def test_a_result_that_does_not_hold_opens_nothing(keyed: Commands) -> None:
    keyed.gateway.script = Script(event=lambda one: one | {"result": "0" * 64})
    result = keyed.run(*ASK)
    assert result.exit_code == 1
    assert "400" not in result.stdout + result.stderr
    (listed,) = keyed.json("rounds")
    assert listed["state"] == "open"
    keyed.gateway.script = Script()
    assert keyed.json("ask", DATASET, "--resume", listed["round"])["cells"] != []


def test_more_ciphertexts_than_the_question_can_have_are_not_taken(keyed: Commands) -> None:
    keyed.gateway.script = Script(sent=lambda content: content * 100)
    result = keyed.run(*ASK)
    assert result.exit_code == 1
    assert "cannot have" in result.stderr


@pytest.mark.parametrize(
    "edit",
    [
        lambda updates: [updates[0], *updates],
        lambda updates: updates[::-1],
        lambda updates: updates[1:],
        lambda updates: [],
    ],
    ids=["two results", "ciphertexts first", "no result", "nothing"],
)
def test_a_stream_out_of_order_is_not_taken(keyed: Commands, edit: Any) -> None:
    keyed.gateway.edit = edit
    result = keyed.run(*ASK)
    assert result.exit_code == 1
    assert "the gateway's answer" in result.stderr
    (listed,) = keyed.json("rounds")
    assert listed["state"] == "open"


def test_a_lost_password_spends_nothing(keyed: Commands) -> None:
    (keyed.folder / "secret").write_bytes(b"\x06" * 32)
    result = keyed.run(*ASK)
    assert result.exit_code == 1
    assert keyed.gateway.asked == []


def test_a_picture_is_drawn_and_none_is_written_over(keyed: Commands) -> None:
    png = keyed.folder / "answer.png"
    answer = keyed.json(*ASK, "--histogram", "amount", "--png", str(png))
    assert png.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    before = png.read_bytes()
    assert keyed.run("show", answer["id"], "--png", str(png)).exit_code == 1
    assert keyed.run(*ASK, "--png", str(png)).exit_code == 2
    assert png.read_bytes() == before
    assert len(keyed.gateway.asked) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("ask", DATASET, "--purpose", PURPOSE),
        ("ask", DATASET, "--cost", "0.05"),
        (*ASK, "--where", "market"),
        (*ASK, "--quantile", "amount"),
        ("show", "0" * 32),
        ("ask", "credit.other", "--resume", "0" * 32),
    ],
)
def test_a_wrong_call_says_what_to_do(commands: Commands, words: tuple[str, ...]) -> None:
    result = commands.run(*words)
    assert result.exit_code in (1, 2)
    assert "\nnext: " in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "name",
    ["statement_key", "statement_certificate", "anchors", "trust_domain", "round_key",
     "keyholder_state", "log_verifier_key"],
)  # fmt: skip
def test_what_is_not_pinned_is_asked_for(commands: Commands, name: str) -> None:
    lines = commands.profile.read_text().splitlines()
    commands.profile.write_text("\n".join(one for one in lines if not one.startswith(f"{name} =")))
    result = commands.run(*ASK)
    assert result.exit_code == 1
    assert f"`{name}`" in result.stderr


def test_the_reasons_are_words_that_programs_can_read() -> None:
    assert all(one.value == one.name.lower() for one in Wrong)


def test_a_result_that_does_not_hold_is_kept_for_a_judge(keyed: Commands) -> None:
    keyed.gateway.script = Script(event=lambda one: one | {"result": "0" * 64})
    for _ in range(2):
        assert keyed.run(*ASK).exit_code == 1
        (listed, *_) = keyed.json("rounds")
        assert keyed.run("ask", DATASET, "--resume", listed["round"]).exit_code == 1
    first, second = sorted((keyed.folder / "keyholder" / "evidence").iterdir())
    assert first.name.endswith(".other_release.json")
    assert first.stat().st_mode & 0o077 == 0
    said = keyed.json("judge", str(first))
    assert [(one["who"], one["rule"]) for one in said["findings"]] == [
        ("gateway", "other_release"),
    ]
    assert len(keyed.json("judge", str(first), str(second))["findings"]) == 2


def test_a_result_that_holds_leaves_no_evidence(keyed: Commands) -> None:
    keyed.json(*ASK)
    assert not (keyed.folder / "keyholder" / "evidence").exists()
