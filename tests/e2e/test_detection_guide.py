"""The guide of detection runs as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from clients.cli.local.pii.flow import FORMATS
from support.guides import steps
from support.process import PROJECT

GUIDE = (PROJECT / "docs" / "detection.md").read_text(encoding="utf-8")
MOBILE = "13800138000"


def follow(folder: Path) -> list[str]:
    """Do everything that the guide says; return what each step printed."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    printed = []
    for kind, step in steps(GUIDE):
        (folder / "snippet.py").write_text(step, encoding="utf-8")
        command = step if kind == "console" else "python snippet.py"
        done = subprocess.run(
            ["bash", "-eu", "-c", command],
            cwd=folder, env={**os.environ, "PATH": path},
            capture_output=True, text=True, timeout=90,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        printed.append(done.stdout)
    return printed


def test_the_guide_runs(tmp_path: Path) -> None:
    printed = follow(tmp_path)
    text = "\n".join(printed)
    assert "notes.txt:1:9: CN_MOBILE_NUMBER" in text
    assert "邮箱：<EMAIL_ADDRESS>" in text
    assert MOBILE not in text.replace(next(one for one in printed if '"entities"' in one), "")
    assert "CN_MOBILE_NUMBER 2 13" in printed[-1]
    assert (tmp_path / "large.masked.txt").read_text().count("<CN_MOBILE_NUMBER>") == 20000


def test_every_form_and_command_is_told() -> None:
    forms = GUIDE.split("## Forms of input")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", forms, re.MULTILINE)) == set(FORMATS)
    assert set(re.findall(r"`pii (\w+)`", GUIDE)) == {"scan", "mask", "explain", "eval"}


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", GUIDE))
def test_the_links_lead_somewhere(target: str) -> None:
    assert (PROJECT / "docs" / target).exists()
