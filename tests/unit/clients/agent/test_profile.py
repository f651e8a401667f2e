"""An agent's profile: what it refuses, and what `check` finds out about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from clients.agent.agent import approved_contract, make_agent
from clients.agent.check import check_profile
from clients.agent.errors import AgentError
from clients.agent.profile import AgentProfile
from clients.cli.local.dev_authority import DevAuthority, LeafRequest
from gateway.crypto.ed25519 import SigningKey
from support.agents_gateway import scripted_gateway, serving
from support.agents_profile import write_profile
from support.agents_world import DATASET, OWN, World, contract

Written = Callable[..., AgentProfile]


@pytest.fixture
def written(world: World, tmp_path: Path) -> Written:
    """Write a profile with its files, some text of it replaced, and load it."""

    def write(old: str = "", new: str = "", gateway: str = "localhost:1") -> AgentProfile:
        return AgentProfile.load(write_profile(world, tmp_path, old, new, gateway))

    return write


def test_a_profile_and_its_relative_paths(written: Written, tmp_path: Path) -> None:
    profile = written()
    assert profile.state == tmp_path / "state"
    assert profile.read_statement_key().chain
    assert str(tmp_path) in str(profile.data.datasets[DATASET].source)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('gateway = "localhost:1"', 'gateway = "localhost"'),
        ('institution = "lender-a"', 'institution = "Lender A"'),
        ("[policy]", "[policy]\nminimum_peers = 1"),
        ("[policy]", "[policy]\nminimum_groups = 2"),
        ("[policy]", "[policy]\nsubject_contributors = 2"),
        ("[policy]", "[policy]\nunknown = 2"),
        ('[policy.datasets."credit.loans"]', "[policy.datasets]"),
        ('own_group = "lender-a-group"\n', ""),
        ('round_key = "', 'round_key = "00'),
        ("[policy]", "[policy"),
    ],
)
def test_profiles_that_are_none(written: Written, old: str, new: str) -> None:
    with pytest.raises(AgentError):
        written(old, new)


def test_the_gateways_authorities_are_no_anchors_unless_said(written: Written) -> None:
    written().read_anchors()
    with pytest.raises(AgentError, match="authorities of the gateway"):
        written("anchors_of_the_gateway = true", "").read_anchors()


def test_a_key_that_others_can_read(written: Written, tmp_path: Path) -> None:
    profile = written()
    (tmp_path / "agent.key").chmod(0o604)
    with pytest.raises(AgentError, match="every user"):
        make_agent(profile)


def test_a_key_of_small_order_is_not_pinned(written: Written, world: World) -> None:
    with pytest.raises(AgentError, match="round_key"):
        written(world.round_key.public_key.raw.hex(), "00" * 32).read_round_key()


def test_replaced_certificates_are_taken_up(written: Written, world: World, tmp_path: Path) -> None:
    profile = written()
    before = profile.read_statement_key().chain
    world.authority.issue(LeafRequest.institution(OWN, "agent")).write(tmp_path, "agent")
    assert profile.read_statement_key().chain != before


@pytest.mark.parametrize(
    ("old", "new", "encoded"),
    [
        ("", "", b"{}"),
        ("", "", contract(dataset="credit.cards").encoded()),
        ("", "", contract(contributors=("bureau-a", "lender-b", "lender-c")).encoded()),
        ('loans"]\n\n', f'loans"]\ncontract = "{"ab" * 32}"\n\n', contract().encoded()),
        ('loans"]\n\n', 'loans"]\ncolluding = 2\n\n', contract().encoded()),
        ('"lender-c" = "d", ', "", contract(contributors=("bureau-a", "lender-a", "lender-c"))),
    ],
)
def test_contracts_that_a_profile_does_not_answer(
    written: Written, old: str, new: str, encoded: object
) -> None:
    given = encoded if isinstance(encoded, bytes) else encoded.encoded()  # type: ignore[attr-defined]
    with pytest.raises(AgentError):
        approved_contract(written(old, new), DATASET, given)


def test_check_of_a_profile_that_works(written: Written, world: World, tmp_path: Path) -> None:
    with serving(scripted_gateway(world), tmp_path) as connection:
        checked = list(check_profile(written(gateway=connection.gateway)))
    assert [one.name for one in checked if not one.passed] == []
    assert "2 people, 2 of 2 rows" in checked[-1].seen


@pytest.mark.parametrize(
    ("issued", "failing"),
    [
        (LeafRequest.institution(OWN, "agent", timedelta(days=30)), "own certificate"),
        (LeafRequest.institution(OWN, "integrator"), "own certificate"),
        (LeafRequest.institution("lender-b", "agent"), "own certificate"),
    ],
)
def test_check_finds_certificates_that_others_refuse(
    written: Written, world: World, tmp_path: Path, issued: LeafRequest, failing: str
) -> None:
    with serving(scripted_gateway(world), tmp_path) as connection:
        profile = written(gateway=connection.gateway)
        world.authority.issue(issued).write(tmp_path, "agent")
        checked = list(check_profile(profile))
    assert [one.name for one in checked if not one.passed] == [failing]


def test_check_finds_other_anchors_and_another_round_key(
    written: Written, world: World, tmp_path: Path
) -> None:
    stranger = SigningKey.generate().public_key.raw.hex()
    with serving(scripted_gateway(world), tmp_path) as connection:
        own = world.round_key.public_key.raw.hex()
        profile = written(own, stranger, gateway=connection.gateway)
        (tmp_path / "anchors.pem").write_bytes(DevAuthority.create().certificate)
        checked = list(check_profile(profile))
    failed = [one.name for one in checked if not one.passed]
    assert failed == ["own certificate", f"contract of {DATASET}"]


def test_check_without_a_gateway_says_so(written: Written) -> None:
    checked = list(check_profile(written()))
    assert [one.name for one in checked if not one.passed] == [f"contract of {DATASET}"]
