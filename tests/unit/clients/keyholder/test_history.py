"""What a keyholder lists of its questions, and that figures go when their days are over."""

from __future__ import annotations

import json
import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from clients.cli.main import app
from clients.keyholder.errors import KeyholderError, ResultRefused, Wrong
from clients.keyholder.history import Figures, Standing, forget_old, past_of
from clients.keyholder.rounds import RoundStore
from clients.sdk.errors import VeilgateError
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.question import AskerKey, BinningJob
from gateway.domain.aggregate.subject import SubjectFigures
from support.exposures import CONSENT, Asking, asking, refused, wish
from support.keyholders import DATASET, PURPOSE, people
from support.keyholders_gateway import ScriptedGateway, serving

DAY_S = 86_400
ASK = ("ask", DATASET, "--purpose", PURPOSE, "--cost", "0.05")


@pytest.fixture
def here(tmp_path: Path) -> Asking:
    return asking(tmp_path, known={"lender-c": SubjectFigures(True, 3_500, 45)})


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[ScriptedGateway]:
    with serving(tmp_path) as (gateway, _):
        gateway.cells = lambda opened, member: [people(100)] * len(opened.plan.shape.cells)
        yield gateway


def run(folder: Path, *words: str, status: int = 0) -> Any:
    given = ["--key-file", str(folder / "secret")] if words[0] in ("ask", "keygen") else []
    whole = ["aggregate", *words, *given, "--profile", str(folder / "profile.toml"), "--json"]
    result = CliRunner().invoke(app, whole)
    assert result.exit_code == status, result.stderr
    return json.loads(result.stdout) if result.stdout else result.stderr


def job(folder: Path, now: int) -> BinningJob:
    """A job that is noted as the runner notes it."""
    one = BinningJob(
        id=secrets.token_hex(16),
        asker="lender-a",
        dataset="credit.applicant",
        snapshot="2026-10",
        contract="0" * 64,
        purpose="research.model",
        key=AskerKey(scheme="elgamal", key="02" + "11" * 32, proof="22" * 64),
        issued_at=now,
        expires_at=now + 600,
        features=("age",),
        mode="dp",
        cost=400_000,
        rows=10,
        row_root="0" * 64,
    )
    store = RoundStore(folder / "rounds")
    for _ in range(2):
        store.note_job(SignedStatement(one.encoded(), b"signature", (b"leaf",)))
    return one


def keyholder(here: Asking) -> Path:
    return here.folder.parent


def test_questions_of_every_kind_are_listed_and_filtered(
    tmp_path: Path, gateway: ScriptedGateway, here: Asking
) -> None:
    run(tmp_path, "keygen", "--scheme", "elgamal")
    cohort = run(tmp_path, *ASK)["id"]
    exposure = here.ask().id
    now = int(time.time())
    binned = job(keyholder(here), now - 700)
    listed = {one["round"]: one for one in run(tmp_path, "rounds")}
    assert {name: (one["kind"], one["state"], one["figures"]) for name, one in listed.items()} == {
        cohort: ("cohort", "opened", "kept"),
        exposure: ("exposure", "opened", "sealed"),
        binned.id: ("binning", "expired", "none"),
    }
    assert listed[cohort]["cost"] == 50_000
    assert (listed[binned.id]["cost"], listed[binned.id]["asked_at"]) == (400_000, now - 700)
    assert listed[exposure]["consent_id"] == CONSENT
    assert [one["round"] for one in run(tmp_path, "rounds", "--kind", "binning")] == [binned.id]
    both = run(tmp_path, "rounds", "--state", "opened", "--state", "open")
    assert {one["round"] for one in both} == {cohort, exposure}
    assert "expired" in run(tmp_path, "rounds", "--state", "over", status=2)


def test_a_round_without_figures_is_shown_without(
    tmp_path: Path, gateway: ScriptedGateway, here: Asking
) -> None:
    answer = here.ask()
    shown = run(tmp_path, "show", answer.id)
    assert (shown["kind"], shown["figures"]) == ("exposure", "sealed")
    # Nothing of the answer: that takes the person, the consent and the secret.
    assert "outstanding" not in json.dumps(shown)
    words = ["aggregate", "show", answer.id, "--profile", str(tmp_path / "profile.toml")]
    printed = CliRunner().invoke(app, words)
    assert "aggregate exposure" in printed.stderr
    assert "nothing to draw" in run(tmp_path, "show", answer.id, "--png", "x.png", status=2)


def test_an_ended_question_says_why_and_a_damaged_one_spoils_no_list(here: Asking) -> None:
    here.gateway.refusals = [refused("ROUND_VOID")]
    with pytest.raises(VeilgateError):
        here.ask()
    (ended,) = past_of(keyholder(here), int(here.gateway.now))
    assert (ended.state, ended.why, ended.figures) == (Standing.ENDED, "ROUND_VOID", Figures.NONE)
    here.ask()
    question = next(one for one in here.files("question.json") if ended.round not in str(one))
    question.write_bytes(b"{}")
    states = {one.round: one.state for one in past_of(keyholder(here), int(here.gateway.now))}
    assert states == {
        ended.round: Standing.ENDED,
        question.parent.name: Standing.DAMAGED,
    }
    assert forget_old(keyholder(here), 1 << 40) == ()


def test_cohort_figures_go_after_the_contract_s_days_and_stay_spent(
    tmp_path: Path, gateway: ScriptedGateway
) -> None:
    run(tmp_path, "keygen", "--scheme", "elgamal")
    answer = run(tmp_path, *ASK)
    folder = tmp_path / "keyholder"
    (past,) = past_of(folder, 0)
    assert forget_old(folder, past.asked_at + 30 * DAY_S - 1) == ()
    assert forget_old(folder, past.asked_at + 30 * DAY_S) == (answer["id"],)
    (after,) = past_of(folder, 0)
    assert (after.state, after.figures) == (Standing.OPENED, Figures.FORGOTTEN)
    assert list(folder.rglob("answer.json")) == []
    assert run(tmp_path, "show", answer["id"])["figures"] == "forgotten"
    assert forget_old(folder, 1 << 40) == ()
    # Its id is spent for good: nothing can be opened under it again.
    with pytest.raises(ResultRefused) as caught:
        RoundStore(folder / "rounds").claim(answer["id"])
    assert caught.value.wrong is Wrong.ALREADY_OPENED
    assert run(tmp_path, "ask", DATASET, "--resume", answer["id"], status=1)
    assert len(gateway.asked) == 1


def test_the_next_question_deletes_what_was_kept_long_enough(
    tmp_path: Path, gateway: ScriptedGateway
) -> None:
    run(tmp_path, "keygen", "--scheme", "elgamal")
    first = run(tmp_path, *ASK)["id"]
    # As if it had been asked long ago: who counts the days reads the question.
    file = tmp_path / "keyholder" / "rounds" / first / "question.json"
    stored = json.loads(file.read_bytes())
    said = json.loads(b64decode(stored["payload"]))
    said |= {"issued_at": 1_750_000_000, "expires_at": 1_750_000_600}
    stored["payload"] = b64encode(msgspec.json.encode(said)).decode()
    file.write_bytes(json.dumps(stored).encode())
    second = run(tmp_path, *ASK)["id"]
    kept = {one.round: one.figures for one in past_of(tmp_path / "keyholder", 0)}
    assert kept == {first: Figures.FORGOTTEN, second: Figures.KEPT}


@pytest.mark.parametrize(("agreed", "days"), [(7, 7), (365, 30)])
def test_a_person_s_answer_is_kept_no_longer_than_the_consent_says(
    here: Asking, agreed: int, days: int
) -> None:
    here.gateway.life_days = agreed
    answer = here.ask()
    (past,) = past_of(keyholder(here), int(here.gateway.now))
    assert forget_old(keyholder(here), past.asked_at + days * DAY_S - 1) == ()
    assert here.ask() == answer
    assert forget_old(keyholder(here), past.asked_at + days * DAY_S) == (answer.id,)
    assert here.files("answer.json") == []
    with pytest.raises(KeyholderError, match="days were over"):
        here.ask()
    assert len(here.gateway.asked) == 1
    # Of another consent there is another answer.
    here.ask(wish(consent_id="00000000-0000-4000-8000-000000000000"))
