"""The operator's guide runs, and what it quotes of the gateway is what the gateway says."""

from __future__ import annotations

import re
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from gateway.servicers.server import SERVICES
from support.guides import Reader
from support.process import PROJECT, LoggedProcess, kill_group, wait_for_line
from support.source_tree import python_files

GUIDE = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
WATCH = GUIDE.split("\n## What to watch\n")[1].split("\n## ")[0]


def test_the_guide_leads_from_a_start_to_a_verified_backup(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    reader.follow(GUIDE)
    text = "\n".join(reader.printed)
    assert "SERVING\n" in reader.printed
    assert "suspended" in text
    assert re.search(r"OK: all \d+ entries", text)
    backed_up = _entries(tmp_path / "backup.db")
    assert backed_up > 8
    _restore(tmp_path)
    assert _entries(tmp_path / "home" / "data" / "veilgate.db") > backed_up


def _entries(store: Path) -> int:
    with closing(sqlite3.connect(store)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM log_entry").fetchone()
    return int(count)


def _restore(folder: Path) -> None:
    """As the guide says: stopped, the copy in place, started again."""
    data = folder / "home" / "data"
    for one in data.glob("veilgate.db*"):
        one.unlink()
    shutil.copy(folder / "backup.db", data / "veilgate.db")
    config = folder / "home" / "gateway.toml"
    process = LoggedProcess([sys.executable, "-m", "gateway", str(config)])
    try:
        wait_for_line(process, r"serving on port \d+", 60)
        process.terminate()
        assert process.wait(60) == 0
    finally:
        kill_group(process)


def test_every_line_to_watch_is_one_that_the_gateway_writes() -> None:
    source = "\n".join(one.read_text(encoding="utf-8") for one in python_files("gateway"))
    lines = re.findall(r"^\| `([^`]*)` \|", WATCH, re.MULTILINE)
    assert len(lines) > 8
    for line in lines:
        assert line in source, line


def test_the_service_that_is_asked_for_has_a_health() -> None:
    (name,) = re.findall(r'HealthCheckRequest\(service="([^"]*)"\)', WATCH)
    assert name in SERVICES


def test_its_contents_lead_somewhere() -> None:
    headings = re.findall(r"^## (.*)$", GUIDE, re.MULTILINE)
    anchors = {re.sub(r"[^a-z -]", "", one.lower()).replace(" ", "-") for one in headings}
    assert set(re.findall(r"\]\(#([a-z-]+)\)", GUIDE)) == anchors
