"""The README's commands and snippets run, in order, in an empty folder."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.process import free_port
from support.source_tree import files

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(console|python)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[str]:
    """The commands of a console block; a line that ends in a backslash goes on."""
    return [one for one in re.split(r"^\$ ", block, flags=re.MULTILINE) if one.strip()]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder; whatever serves from it is stopped at the end."""
    yield tmp_path
    subprocess.run(["pkill", "-TERM", "-f", f"gateway {tmp_path}"], check=False)


def run(command: str, folder: Path, environment: dict[str, str]) -> str:
    """Run one command as a person would, and return what it printed."""
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True,
        timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_commands_and_snippets_run_in_order(folder: Path) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": "",
    }
    printed = []
    served = None
    try:
        for kind, block in BLOCKS:
            for command in commands(block) if kind == "console" else [block]:
                if kind == "python":
                    (folder / "snippet.py").write_text(command)
                    printed.append(run("python snippet.py", folder, environment))
                elif "veilgate init" in command:
                    run(f"{command.strip()} --listen localhost:{port}", folder, environment)
                elif "veilgate serve" in command:
                    served = serve(command, folder, environment)
                elif command.startswith("export "):
                    name, _, value = command.removeprefix("export ").strip().partition("=")
                    environment[name] = value
                else:
                    printed.append(run(command, folder, environment))
        assert served is not None
        wait_for(folder / "serve.log", r"policy [0-9a-f]{12} is in force")
    finally:
        if served is not None:
            served.terminate()
            assert served.wait(20) == 0
    text = "\n".join(printed)
    assert "4****************6" in text
    assert "CONSENT_PURPOSE_MISSING" in text
    assert "underwriting-applicant" in text
    identity = (folder / "home" / "samples" / "applicant.txt").read_text().strip()
    assert identity not in text


def serve(command: str, folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the server that the README starts with ``&``, and wait until it serves."""
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command.strip().removesuffix('&')}"],
            cwd=folder, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    wait_for(folder / "serve.log", r"serving on port \d+")
    return process


def wait_for(log: Path, pattern: str) -> None:
    """Wait until the log has a line."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if re.search(pattern, log.read_text()):
            return
        time.sleep(0.1)
    raise AssertionError(f"{pattern!r} did not come:\n{log.read_text()}")


def test_the_readme_has_console_and_python_blocks() -> None:
    kinds = [kind for kind, _ in BLOCKS]
    assert kinds.count("console") >= 3
    assert kinds.count("python") >= 1


def test_links_in_the_readmes_lead_somewhere() -> None:
    pages = [path for path in files() if path.suffix == ".md"]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page}: {target}"
