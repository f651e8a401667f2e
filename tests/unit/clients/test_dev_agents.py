"""The agents of a development home answer the home's contracts and no others."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from clients.agent.agent import approved_contract
from clients.agent.check import require_own_bound
from clients.agent.data.config import Allowance
from clients.agent.errors import AgentError, Word
from clients.agent.profile import AgentProfile
from clients.cli.local.dev_members import CONTRIBUTORS, PROVIDER
from clients.cli.local.home import make_home
from gateway.bootstrap.settings import load_policy


def test_every_contract_is_pinned_and_a_changed_one_is_not_answered(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", "localhost:1", development=True)
    contracts = load_policy(home.folder / "policies").aggregates
    for institution in CONTRIBUTORS:
        profile = AgentProfile.load(home.agent(institution))
        expected = {"credit.loans", *(["credit.applicant"] if institution == PROVIDER else [])}
        assert profile.policy.datasets.keys() == expected
        assert profile.answer_step_ms == 100
        for name, pinned in profile.policy.datasets.items():
            contract = contracts[name]
            assert pinned.contract == contract.digest
            assert approved_contract(profile, name, contract.encoded()) == contract
            weaker = msgspec.structs.replace(contract, version=contract.version + 1)
            with pytest.raises(AgentError, match=Word.CONTRACT.value):
                approved_contract(profile, name, weaker.encoded())


def test_without_a_pin_only_an_own_allowance_bounds_what_is_answered(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", "localhost:1", development=True)
    contracts = load_policy(home.folder / "policies").aggregates
    profile = AgentProfile.load(home.agent(PROVIDER))
    replace = msgspec.structs.replace
    policies = profile.policy.datasets
    unpinned = replace(
        profile,
        policy=replace(
            profile.policy,
            datasets={name: replace(one, contract=None) for name, one in policies.items()},
        ),
    )
    for name, contract in contracts.items():
        assert require_own_bound(profile, contract) == f"pinned {contract.digest}"
        with pytest.raises(AgentError, match=contract.digest) as refused:
            require_own_bound(unpinned, contract)
        assert f'contract = "{contract.digest}"' in refused.value.next_step
        assert f'[policy.datasets."{name}"]' in refused.value.next_step
    loans = contracts["credit.loans"]
    own = replace(profile.data.datasets[loans.dataset], allowance=Allowance(limit=10, refusals=1))
    bounded = replace(unpinned, data=replace(profile.data, datasets={loans.dataset: own}))
    assert require_own_bound(bounded, loans) == f"not pinned, SHA-256 {loans.digest}"
