"""The integration guide's commands and snippets run, in order, in an empty folder."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import run as run_process

from support.process import PROJECT, LoggedProcess, free_port, kill_group, wait_for_line

GUIDE = (PROJECT / "docs" / "integration.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(console|python)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
PORT = "7443"


def steps(port: int) -> list[tuple[str, str]]:
    """Each command and snippet, with a port that is free here."""
    found = []
    for kind, block in BLOCKS:
        text = block.replace(f"localhost:{PORT}", f"localhost:{port}")
        parts = re.split(r"^\$ ", text, flags=re.MULTILINE) if kind == "console" else [text]
        found += [(kind, part) for part in parts if part.strip()]
    return found


class Reader:
    """Somebody who types what the guide says, in one folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port
        self._environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": "",
        }
        self.printed: list[str] = []

    def do(self, kind: str, step: str) -> None:
        """Run one step; it must succeed."""
        if kind == "python":
            (self._folder / "snippet.py").write_text(step, encoding="utf-8")
            step = "python snippet.py"
        elif step.startswith("export "):
            name, _, value = step.removeprefix("export ").strip().partition("=")
            self._environment[name] = value
            return
        elif step.startswith("veilgate init"):
            step = f"{step.strip()} --listen localhost:{self._port}"
        done = run_process(
            ["bash", "-euo", "pipefail", "-c", step], cwd=self._folder, env=self._environment,
            capture_output=True, text=True, timeout=90,
        )  # fmt: skip
        assert done.returncode == 0, f"{step}\n{done.stdout}\n{done.stderr}"
        self.printed.append(done.stdout)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """What the guide starts with an ampersand, until the end."""
        command = [sys.executable, "-m", "gateway", str(self._folder / "home" / "gateway.toml")]
        process = LoggedProcess(command)
        try:
            wait_for_line(process, r"serving on port \d+", 60)
            yield
        finally:
            kill_group(process)


def test_the_guide_leads_from_a_certificate_to_a_verified_record(tmp_path: Path) -> None:
    port = free_port()
    reader = Reader(tmp_path, port)
    todo = steps(port)
    served = next(at for at, (_, step) in enumerate(todo) if step.startswith("veilgate serve"))
    for step in todo[:served]:
        reader.do(*step)
    with reader.serving():
        for step in todo[served + 1 :]:
            reader.do(*step)
    text = "\n".join(reader.printed)
    assert "lender-d is enrolled." in text
    assert "4****************6" in text
    assert "CONSENT_PURPOSE_MISSING" in text
    assert re.search(r"^entry \d+ of \d+$", text, re.MULTILINE)
    assert re.search(r"^credit.underwriting True $", text, re.MULTILINE)
    person = (tmp_path / "home" / "samples" / "applicant.txt").read_text().strip()
    assert person not in text


def test_the_guide_has_a_shell_and_both_clients() -> None:
    assert [kind for kind, _ in BLOCKS].count("console") >= 8
    snippets = "\n".join(block for kind, block in BLOCKS if kind == "python")
    assert "with VeilgateClient(" in snippets
    assert "async with AsyncVeilgateClient(" in snippets
