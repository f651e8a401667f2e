"""Whether a bureau could bin: the section ``[binning]`` against its source and its contract.

Owns looking at the source as serving would, on the side: nothing is frozen for good. Refuses to
show a value: rows are counted, columns and features named.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from clients.agent.binning.data import BinnedDataset, FrozenPeople
from clients.agent.binning.errors import BinDeclined
from clients.agent.data.config import DatabaseSource, DatasetConfig
from clients.agent.data.engine import EngineError, building, reading
from clients.agent.data.errors import DataError
from clients.agent.data.raw_rows import load_raw
from clients.agent.errors import AgentError
from clients.agent.profile import AgentProfile
from gateway.domain.aggregate.contract import AggregateContract

_CORRECT: Final = "Correct the section [binning] of the profile."


def check_binning(profile: AgentProfile, config: BinnedDataset, contract: AggregateContract) -> str:
    """Return how many people could be found among a lender's rows.

    Raises:
        AgentError: the contract asks for something else than the section has.
        DataError: the source cannot be used; the text names a column at most.
    """
    _require_contract(profile, config, contract)
    profile.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    frozen = profile.state / "binning" / f"{contract.dataset}-{config.snapshot}.duckdb"
    with TemporaryDirectory(dir=profile.state) as folder:
        there = frozen.exists()
        path = frozen if there else Path(folder) / "people.duckdb"
        if not there:
            _require_readable(profile, config, Path(folder) / "raw.duckdb")
        rows, people = _counted(profile, config, path)
    left_out = rows - people
    _require_declared(config, people)
    return (
        f"{people} people of {rows} rows, {'frozen' if there else 'not frozen yet'};"
        f" {len(config.features)} features"
        + (f"; {left_out} rows have no valid identifier or reference" if left_out else "")
    )


def _require_contract(
    profile: AgentProfile, config: BinnedDataset, contract: AggregateContract
) -> None:
    terms = contract.binning
    if terms is None or terms.bureau != profile.institution:
        raise AgentError(
            "the contract names another bureau, or none", "Take the dataset out of [binning]."
        )
    if config.snapshot != contract.snapshot:
        raise AgentError(f"the contract is of the snapshot {contract.snapshot}", _CORRECT)
    missing = sorted({one.name for one in terms.features} - config.features.keys())
    if missing:
        raise AgentError(f"no column is named for {', '.join(missing)}", _CORRECT)


def _require_declared(config: BinnedDataset, people: int) -> None:
    if people > config.declared_people:
        raise AgentError(
            "there are more people than `declared_people`",
            "Declare more: lenders are shown that number in place of the true one.",
        )
    if not people:
        raise DataError("no row has a valid identifier and a reference")


def _require_readable(profile: AgentProfile, config: BinnedDataset, scratch: Path) -> None:
    """Read the columns once, for an error that names what is wrong."""
    columns = [("person", config.identifier), ("reference", config.reference)]
    if config.kind_column is not None:
        columns.append(("kind", config.kind_column))
    columns += [(f"f_{at}", one) for at, one in enumerate(config.features.values())]
    source = config.source
    wanted = DatasetConfig(snapshot=config.snapshot, source=source, person=config.identifier)
    files = () if isinstance(source, DatabaseSource) else (source.path.resolve(),)
    with building(scratch, profile.data, files) as connection:
        load_raw(connection, wanted, columns)


def _counted(profile: AgentProfile, config: BinnedDataset, path: Path) -> tuple[int, int]:
    try:
        people = FrozenPeople(config, profile.data, path).people
        with reading(path, profile.data) as connection:
            ((rows,),) = connection.execute("SELECT count(*) FROM people").fetchall()
    except (BinDeclined, EngineError):
        raise DataError("a person is there twice, or its frozen file cannot be used") from None
    return int(rows), people
