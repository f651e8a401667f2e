"""What the commands of a binning need in a test: profiles' addresses, the contract, labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from clients.cli.local.demo_data.dataset import applicants
from clients.cli.local.demo_data.loans import write_labels
from clients.cli.local.home import packaged_policies
from gateway.bootstrap.settings import load_policy
from gateway.domain.aggregate.contract import AggregateContract, read_contract
from support.live_gateway import LiveGateway


def with_address(profile: str, gateway: LiveGateway) -> str:
    lines = (
        f'gateway = "{gateway.address}"' if line.startswith("gateway =") else line
        for line in profile.splitlines()
    )
    return "\n".join(lines) + "\n"


def shipped_contract() -> AggregateContract:
    return read_contract(load_policy(packaged_policies()).aggregates["credit.applicant"].encoded())


def labels_for(path: Path, consents: Sequence[str]) -> None:
    named = {one.applicant_no: name for one, name in zip(applicants(), consents, strict=False)}
    write_labels(path, named)
