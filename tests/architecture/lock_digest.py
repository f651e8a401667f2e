"""Keeps requirements.lock in step with pyproject.toml, without a network.

The first line of the lock holds the SHA-256 of the dependency tables that it was made from.
``stamp`` writes that line, ``check`` compares it and looks for a hashed pin of every dependency.
The extra ``peers``, which only some measurements want, has a lock of its own: ``peers`` prints what
it is made from, ``check`` looks for its pins, too.
"""

import hashlib
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PEERS_LOCK = ROOT / "tests" / "bench" / "peers.lock"
PEERS = "peers"
PREFIX = "# dependencies of pyproject.toml, sha256: "
_TABLES = ("requires-python", "dependencies", "optional-dependencies")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def stamped(lock: str, pyproject: str) -> str:
    """Return the lock with its first line made anew."""
    body = lock.partition("\n")[2] if lock.startswith(PREFIX) else lock
    return f"{PREFIX}{_digest(_project(pyproject))}\n{body}"


def flaws(lock: str, pyproject: str) -> list[str]:
    """Return why the lock does not fit; empty if it does."""
    project = _project(pyproject)
    found = []
    if lock.partition("\n")[0] != PREFIX + _digest(project):
        found.append("requirements.lock was not made from these dependencies: make lock")
    extras = project["optional-dependencies"]
    listed = (one for extra in extras for one in extras[extra] if extra != PEERS)
    wanted = {_normal(one) for one in (*project["dependencies"], *listed)}
    return found + _unpinned("requirements.lock", wanted - {_normal(project["name"])}, lock)


def flaws_aside(lock: str, pyproject: str) -> list[str]:
    """Return why the lock of the peers does not fit: a peer stands there as it is required."""
    wanted = peers(pyproject)
    missing = [one for one in wanted if not lock.startswith(one) and f"\n{one} " not in lock]
    found = [f"{PEERS_LOCK.name} has no pin of {one}" for one in missing]
    return found or _unpinned(PEERS_LOCK.name, set(map(_normal, wanted)), lock)


def peers(pyproject: str) -> list[str]:
    """Return what the extra ``peers`` requires: exact versions."""
    found: list[str] = _project(pyproject)["optional-dependencies"].get(PEERS, [])
    return found


def _unpinned(name: str, wanted: set[str], lock: str) -> list[str]:
    pins = _pins(lock)
    found = [f"{name} has no pin of {one}" for one in sorted(wanted - pins.keys())]
    return found + [f"the pin of {one} has no hash" for one, hashed in pins.items() if not hashed]


def _project(pyproject: str) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads(pyproject)["project"]
    return project


def _digest(project: dict[str, Any]) -> str:
    tables = {name: project.get(name) for name in _TABLES}
    return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()


def _pins(lock: str) -> dict[str, bool]:
    """Return the pinned names, and whether each has a hash."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", "\n" + lock)[1:]
    return {_normal(entry): "--hash=sha256:" in entry for entry in entries}


def _normal(requirement: str) -> str:
    match = _NAME.match(requirement)
    if match is None:
        raise ValueError("a requirement begins with a name")
    return re.sub(r"[-_.]+", "-", match[0]).lower()


def main(command: str) -> int:
    """Run ``stamp``, ``peers`` or ``check``; return the exit code."""
    path, pyproject = ROOT / "requirements.lock", (ROOT / "pyproject.toml").read_text("utf-8")
    lock = path.read_text("utf-8")
    if command == "stamp":
        path.write_text(stamped(lock, pyproject), "utf-8")
        return 0
    if command == "peers":
        sys.stdout.writelines(f"{one}\n" for one in peers(pyproject))
        return 0
    found = flaws(lock, pyproject) + flaws_aside(PEERS_LOCK.read_text("utf-8"), pyproject)
    sys.stderr.writelines(f"{flaw}\n" for flaw in found)
    return 1 if found else 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["stamp"], ["peers"], ["check"]):
        sys.exit("usage: lock_digest.py stamp|peers|check")
    sys.exit(main(sys.argv[1]))
