"""The check of the lock sees a changed dependency, a missing pin and a missing hash."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

PYPROJECT = """
[project]
name = "veilgate"
requires-python = ">=3.11"
dependencies = ["alpha>=1"]
[project.optional-dependencies]
dev = ["veilgate[x]", "Beta_Tool[fast]>=2; python_version < '4'"]
"""
LOCK = """# a comment
alpha==1.0 \\
    --hash=sha256:aa
    # via veilgate
beta-tool==2.0 ; python_version < '4' \\
    --hash=sha256:bb
"""


def _script() -> ModuleType:
    # It is a script beside this file, not a module on the path.
    path = Path(__file__).with_name("lock_digest.py")
    spec = importlib.util.spec_from_file_location("lock_digest", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


lock_digest = _script()


def test_a_stamped_lock_fits() -> None:
    lock = lock_digest.stamped(LOCK, PYPROJECT)
    assert lock_digest.flaws(lock, PYPROJECT) == []
    assert lock_digest.stamped(lock, PYPROJECT) == lock
    assert lock.endswith(LOCK)


def test_an_unstamped_lock_does_not_fit() -> None:
    assert lock_digest.flaws(LOCK, PYPROJECT)


@pytest.mark.parametrize(
    ("old", "new"), [("alpha>=1", "alpha>=2"), (">=3.11", ">=3.12"), ("[fast]", "")]
)
def test_a_changed_dependency_is_seen(old: str, new: str) -> None:
    lock = lock_digest.stamped(LOCK, PYPROJECT)
    assert "was not made from" in lock_digest.flaws(lock, PYPROJECT.replace(old, new))[0]


def test_another_table_changes_nothing() -> None:
    lock = lock_digest.stamped(LOCK, PYPROJECT)
    assert lock_digest.flaws(lock, PYPROJECT + "\n[tool.x]\ny = 1\n") == []


PEER_PYPROJECT = PYPROJECT + 'peers = ["gamma==1.0"]\n'
PEER_LOCK = """# made
delta==3 \\
    --hash=sha256:dd
gamma==1.0 \\
    --hash=sha256:cc
"""


def test_peers_are_pinned_aside() -> None:
    lock = lock_digest.stamped(LOCK, PEER_PYPROJECT)
    assert lock_digest.flaws(lock, PEER_PYPROJECT) == []
    assert lock_digest.flaws_aside(PEER_LOCK, PEER_PYPROJECT) == []
    assert lock_digest.flaws_aside("", PYPROJECT) == []
    assert lock_digest.peers(PEER_PYPROJECT) == ["gamma==1.0"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("gamma==1.0", "gamma==1.0.1", "no pin of gamma==1.0"),
        ("gamma==1.0", "xgamma==1.0", "no pin of gamma==1.0"),
        ("    --hash=sha256:dd\n", "", "the pin of delta has no hash"),
    ],
)
def test_another_peer_and_a_missing_hash_are_seen(old: str, new: str, said: str) -> None:
    assert said in lock_digest.flaws_aside(PEER_LOCK.replace(old, new), PEER_PYPROJECT)[0]


def test_a_missing_pin_and_a_missing_hash_are_seen() -> None:
    lock = lock_digest.stamped(LOCK.replace("beta-tool==2.0", "gamma==2.0"), PYPROJECT)
    assert lock_digest.flaws(lock, PYPROJECT) == ["requirements.lock has no pin of beta-tool"]
    lock = lock_digest.stamped(LOCK.replace("    --hash=sha256:bb\n", ""), PYPROJECT)
    assert lock_digest.flaws(lock, PYPROJECT) == ["the pin of beta-tool has no hash"]
