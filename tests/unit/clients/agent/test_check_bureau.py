"""`agent check` of a bureau: what is wrong with ``[binning]`` is named, and no value is."""

from __future__ import annotations

import csv
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clients.agent.binning.data import BinnedDataset, BinningConfig, FrozenPeople
from clients.agent.check import _binned
from clients.agent.check_bureau import check_binning
from clients.agent.data.config import CsvSource
from clients.agent.data.errors import DataError
from clients.agent.errors import AgentError
from clients.agent.profile import AgentProfile
from clients.sdk.vocabulary import IdentifierType
from gateway.domain.aggregate.contract import AggregateContract
from support.agents_profile import write_profile
from support.agents_world import World
from support.binning_pair import contract, people
from support.binning_world import resident_id

PEOPLE = 30


def terms(**changes: Any) -> AggregateContract:
    return msgspec.structs.replace(contract(), **changes)


def rows(folder: Path, names: list[str] | None = None) -> Path:
    """A bureau's file: people with references."""
    known = names or [resident_id(at) for at in range(PEOPLE)]
    kept = [dict(one) for one in people()[: len(known)]]
    path = folder / "applicants.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "reference", *kept[0]))
        for name, row in zip(known, kept, strict=True):
            writer.writerow((name, sha256(name.encode()).hexdigest(), *row.values()))
    return path


def section(path: Path, **changes: Any) -> BinnedDataset:
    binning = contract().binning
    assert binning is not None
    given: dict[str, Any] = {
        "snapshot": contract().snapshot,
        "source": CsvSource(path=path),
        "identifier": "id",
        "reference": "reference",
        "kind": IdentifierType.CN_RESIDENT_ID,
        "features": {one.name: one.name for one in binning.features},
        "declared_people": 1024,
    }
    return BinnedDataset(**(given | changes))


@pytest.fixture
def profile(world: World, tmp_path: Path) -> AgentProfile:
    binning = contract().binning
    assert binning is not None
    loaded = AgentProfile.load(write_profile(world, tmp_path))
    return msgspec.structs.replace(loaded, institution=binning.bureau)


def test_a_section_that_works_says_how_many_people_there_are(
    profile: AgentProfile, tmp_path: Path
) -> None:
    config = section(rows(tmp_path))
    seen = check_binning(profile, config, contract())
    assert seen.startswith(f"{PEOPLE} people of {PEOPLE} rows, not frozen yet")
    # Nothing stays of it: serving freezes by itself.
    assert list(profile.state.rglob("*.duckdb")) == []
    frozen = profile.state / "binning" / f"{contract().dataset}-{config.snapshot}.duckdb"
    FrozenPeople(config, profile.data, frozen)
    (tmp_path / "applicants.csv").unlink()
    assert "frozen; " in check_binning(profile, config, contract())


def test_rows_that_can_match_nobody_are_counted_and_not_shown(
    profile: AgentProfile, tmp_path: Path
) -> None:
    config = section(rows(tmp_path, [resident_id(0), "a stranger", resident_id(1)]))
    seen = check_binning(profile, config, contract())
    assert seen.startswith("2 people of 3 rows")
    assert "1 rows have no valid identifier" in seen
    assert "stranger" not in seen


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"identifier": "absent"}, "no column absent"),
        ({"reference": "absent"}, "no column absent"),
        ({"kind": None, "kind_column": "absent"}, "no column absent"),
        ({"source": CsvSource(path=Path("nowhere.csv"))}, "cannot be read"),
        ({"declared_people": PEOPLE - 1}, "declared_people"),
        ({"snapshot": "1999"}, "snapshot"),
        ({"features": {"housing": "housing"}}, "no column is named for"),
    ],
)
def test_what_is_wrong_is_named(
    profile: AgentProfile, tmp_path: Path, changes: dict[str, Any], named: str
) -> None:
    config = section(rows(tmp_path), **changes)
    with pytest.raises((AgentError, DataError), match=named):
        check_binning(profile, config, contract())
    assert list(profile.state.rglob("*.duckdb")) == []


def test_people_that_are_there_twice_are_no_bureau_s(profile: AgentProfile, tmp_path: Path) -> None:
    twice = section(rows(tmp_path, [resident_id(0)] * 2))
    with pytest.raises(DataError, match="twice"):
        check_binning(profile, twice, contract())


def test_another_s_binning_is_not_checked_here(profile: AgentProfile, tmp_path: Path) -> None:
    config = section(rows(tmp_path))
    for other in (terms(binning=None), contract()):
        own = (
            profile
            if other.binning is None
            else msgspec.structs.replace(profile, institution="lender-x")
        )
        with pytest.raises(AgentError, match="another bureau"):
            check_binning(own, config, other)


def test_the_check_looks_at_every_section(profile: AgentProfile, tmp_path: Path) -> None:
    config = BinningConfig(
        datasets={contract().dataset: section(rows(tmp_path)), "other.one": section(tmp_path)}
    )
    with_binning = msgspec.structs.replace(profile, binning=config)
    found = {one.name: one for one in _binned(with_binning, [contract()])}
    assert found[f"binning of {contract().dataset}"].passed
    assert "no contract" in found["binning of other.one"].seen
    assert list(_binned(profile, [contract()])) == []
