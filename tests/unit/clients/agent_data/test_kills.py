"""kill -9 in the middle of an answer leaves all of it or nothing."""

import json
import subprocess
import sys
from pathlib import Path

from support.agent_data import contract, open_data, people_of, question

ROOT = Path(__file__).resolve().parents[4]


def test_a_kill_before_any_statement_leaves_all_or_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "support.agent_data_kills", str(tmp_path)],
        cwd=ROOT / "tests",
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}:{ROOT / 'tests'}"},
        capture_output=True,
        check=True,
        timeout=100,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    left = [tuple(line[t] for t in ("answers", "cohorts", "parts", "accounts")) for line in lines]
    assert lines[-1] == {
        "killed": False,
        "status": 0,
        "answers": 1,
        "cohorts": 3,
        "parts": 3,
        "accounts": 1,
    }
    assert all(line["killed"] for line in lines[:-1])
    assert len(lines) > 15
    # The last statement is COMMIT: whoever was killed before any of them has nothing.
    assert set(left[:-1]) == {(0, 0, 0, 0)}


def test_what_a_killed_start_left_of_a_snapshot_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "credit.test@2026-10.partial").write_bytes(b"half")
    with open_data(tmp_path, people_of(north_own=30)) as data:
        made, plan = question(contract(), 1000)
        assert data.prepare(made, contract(), plan, "group-a").values == (1, 30 * 1024)
