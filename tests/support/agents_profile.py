"""A profile with its files, as an operator would write it, for tests that load one."""

from __future__ import annotations

from pathlib import Path

from clients.cli.local.dev_authority import LeafRequest
from support.agents_world import OWN, World

TEXT = """
gateway = "{gateway}"
ca = "ca.pem"
certificate = "agent.pem"
key = "agent.key"
institution = "lender-a"
anchors = "anchors.pem"
anchors_of_the_gateway = true
round_key = "{round_key}"
state = "state"

[policy]
own_group = "lender-a-group"
peers = {{ "bureau-a" = "b", "lender-b" = "c", "lender-c" = "d", "fund-x" = "x" }}

[policy.datasets."credit.loans"]

[data.datasets."credit.loans"]
snapshot = "2026-10"
source = {{ kind = "csv", path = "people.csv" }}
person = "person"
dimensions.housing = {{ column = "housing" }}
measures.amount = {{ column = "amount" }}
allowance = {{ limit = 5000000, refusals = 20 }}
"""


def write_profile(
    world: World, folder: Path, old: str = "", new: str = "", gateway: str = "localhost:1"
) -> Path:
    """Write the profile's files, some of its text replaced; returns the profile's path."""
    if not (folder / "agent.pem").exists():
        world.authority.issue(LeafRequest.institution(OWN, "agent")).write(folder, "agent")
    for name in ("anchors.pem", "ca.pem"):
        (folder / name).write_bytes(world.authority.certificate)
    (folder / "people.csv").write_text("person,housing,amount\np1,own,10\np2,rent,20\n")
    text = TEXT.format(gateway=gateway, round_key=world.round_key.public_key.raw.hex())
    assert old in text
    path = folder / "agent.toml"
    path.write_text(text.replace(old, new, 1) if old else text)
    return path
