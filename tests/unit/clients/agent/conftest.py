"""One network for the tests of a file, and a fresh agent in it for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.agents import TestedAgent
from support.agents_world import World


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture
def agent(world: World, tmp_path: Path) -> TestedAgent:
    return TestedAgent.make(world, tmp_path / "state")
