"""``veilgate pii explain`` and ``eval``: what they print, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from clients.cli.main import app

MOBILE = "13800138000"
TEXT = f"电话{MOBILE}，卡号4111111111111111"


def pii(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, ["pii", *words], input=stdin)


def document(*words: str, stdin: str = "") -> Any:
    result = pii(*words, "--json", stdin=stdin)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.jsonl"
    span = {"start": 2, "end": 13, "type": "CN_MOBILE_NUMBER"}
    rows = [
        {"text": f"电话{MOBILE}", "spans": [span], "group": "notes"},
        {"text": "电话对方不愿意告知的号码呀", "spans": [span], "group": "notes"},
        {"text": f"无 {MOBILE} 人", "spans": [], "group": "harmless"},
    ]
    path.write_text("\n".join(json.dumps(one) for one in rows), encoding="utf-8")
    return path


def test_explain_shows_every_candidate_with_its_reason() -> None:
    rows = document("explain", TEXT)["candidates"]
    mobile = next(one for one in rows if one["type"] == "CN_MOBILE_NUMBER")
    assert (mobile["start"], mobile["end"], mobile["kept"]) == (2, 13, "yes")
    assert mobile["why"]
    assert mobile["value"] == "1***0"
    strict = document("explain", TEXT, "--threshold", "1")["candidates"]
    assert [one["type"] for one in strict] == [one["type"] for one in rows]
    assert next(one for one in strict if one["type"] == "CN_MOBILE_NUMBER")["kept"] == "no"


def test_explain_prints_a_table_and_no_value() -> None:
    result = pii("explain", TEXT)
    assert "CN_MOBILE_NUMBER" in result.stdout
    assert MOBILE not in result.output
    assert MOBILE in pii("explain", "--text", TEXT, "--show").stdout
    assert "nothing in it" in pii("explain", stdin="plain words").stdout


def test_eval_counts_by_entity_and_group(corpus: Path) -> None:
    found = document("eval", str(corpus))
    (ours,) = found["detectors"]
    mobile = ours["entities"]["CN_MOBILE_NUMBER"]
    assert (mobile["marked"], mobile["exact"], mobile["stray"]) == (2, 1, 1)
    assert (mobile["recall"], mobile["precision"], mobile["f2"]) == (0.5, 0.5, 0.5)
    assert ours["groups"]["harmless"]["false_positives_per_100_texts"] == 100
    assert ours["groups"]["notes"]["false_positives_per_100_texts"] == 0
    assert sum(one["only"] for one in found["recognisers"].values()) == 1
    assert "sweep" not in found


def test_eval_sweeps_and_asks_peers(corpus: Path) -> None:
    found = document("eval", str(corpus), "--sweep", "--beside", "presidio,argus")
    assert [one["name"] for one in found["detectors"]] == ["veilgate", "presidio", "argus"]
    assert {one["texts"] for one in found["detectors"]} == {3}
    assert [one["threshold"] for one in found["sweep"]] == sorted(
        one["threshold"] for one in found["sweep"]
    )
    assert {one["texts"] for one in found["sweep"]} == {3}
    argus = found["detectors"][2]["entities"]["CN_MOBILE_NUMBER"]
    assert argus["exact"] == 1


def test_eval_prints_no_text(corpus: Path) -> None:
    result = pii("eval", str(corpus), "--sweep", "--groups")
    assert result.exit_code == 0
    for word in ("CN_MOBILE_NUMBER", "harmless", "covering", "recogniser", "threshold"):
        assert word in result.stdout
    assert MOBILE not in result.output


def test_eval_writes_what_went_wrong(corpus: Path, tmp_path: Path) -> None:
    file = tmp_path / "errors.jsonl"
    assert pii("eval", str(corpus), "--errors", str(file)).exit_code == 0
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [(one["kind"], one["group"], one["value"]) for one in rows] == [
        ("missed", "notes", "对方不愿意告知的号码呀"), ("stray", "harmless", MOBILE),
    ]  # fmt: skip
    assert file.stat().st_mode & 0o077 == 0


def test_eval_of_tagged_tokens_scores_the_mapped_type_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.iob2"
    path.write_text(f"1\t{MOBILE}\tB-TEL\n2\tx@example.com\tO\n", encoding="utf-8")
    (ours,) = document("eval", str(path), "--map", "TEL=CN_MOBILE_NUMBER")["detectors"]
    assert set(ours["entities"]) == {"CN_MOBILE_NUMBER"}
    assert (ours["recall"], ours["precision"]) == (1, 1)
    (renamed,) = document("eval", str(path), "--same", "TEL=CN_MOBILE_NUMBER")["detectors"]
    assert renamed["entities"]["TEL"]["exact"] == 1


@pytest.mark.parametrize(
    ("content", "words", "what"),
    [
        ("{", (), "bad.jsonl:1: is not JSON"),
        ("", ("--beside", "other"), "no peer is called other"),
        ("", ("--map", "PER"), "--map takes pairs"),
        ("", ("--entities", "x"), "a type is written in capitals"),
    ],
)
def test_misuse_is_told(tmp_path: Path, content: str, words: tuple[str, ...], what: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(content)
    result = pii("eval", str(path), *words)
    assert result.exit_code == 2
    assert what in result.stderr
