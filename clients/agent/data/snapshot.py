"""The frozen snapshot: a DuckDB file that is made once and then only read.

Owns the file, what it is made of, and the ordinals of its people: 0 to N - 1, the same for good.
The file of a snapshot knows the digest of its source and the domains that its codes stand for.
Refuses to be used with another source file, other settings or other domains under the same
snapshot's name: cohorts of two states of the data must never meet under one name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from clients.agent.data.config import DatabaseSource, DataConfig, DatasetConfig
from clients.agent.data.database_rows import url_of
from clients.agent.data.engine import Connection, EngineError, building, reading
from clients.agent.data.errors import DataError
from clients.agent.data.freezing import Report, freeze
from gateway.domain.aggregate.contract import Dimension

_PRIVATE: Final = 0o700
_NO_FILE: Final = "gone"


class Made(msgspec.Struct, frozen=True):
    """What a snapshot was made of: kept in its file."""

    source: str
    settings: str
    domains: dict[str, tuple[str, ...]]
    measures: tuple[str, ...]
    report: Report


class Snapshot:
    """A dataset's frozen rows: ``rows(person, d_<dimension>, m_<measure>)``.

    A dimension is the place of its value in the contract's list; a measure is in ten-thousandths.
    """

    def __init__(self, path: Path, settings: DataConfig, made: Made, many: bool) -> None:
        """Take a file that was checked; see ``open_snapshot``."""
        self._path, self._settings, self._made = path, settings, made
        self.many = many
        """Whether a person may have several rows."""

    @property
    def people(self) -> int:
        """N."""
        return self._made.report.people

    @property
    def domain_sizes(self) -> dict[str, int]:
        """How many values each dimension has."""
        return {name: len(values) for name, values in self._made.domains.items()}

    @property
    def report(self) -> Report:
        """What was read, for the operator."""
        return self._made.report

    def holds(self, dimension: Dimension) -> bool:
        """Return whether the dimension is there with this very domain."""
        return self._made.domains.get(dimension.name) == dimension.values

    def has_measure(self, name: str) -> bool:
        """Return whether the measure is there."""
        return name in self._made.measures

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """Open the file for reading; raises ``DataError``."""
        try:
            with reading(self._path, self._settings) as connection:
                yield connection
        except EngineError:
            raise DataError("the frozen snapshot cannot be read") from None


def open_snapshot(
    dataset: str, data: DataConfig, dimensions: tuple[Dimension, ...], folder: Path
) -> Snapshot:
    """Open a dataset's snapshot, made from its source if it is not there yet.

    Args:
        dataset: its name in the settings.
        data: the settings.
        dimensions: those of the contract; the ones that the settings map are frozen.
        folder: where snapshots are kept; made if it is not there.

    Raises:
        DataError: the source cannot be read, is unreadable in parts that the settings do not let be
            left out, or is not what the snapshot was made of.
    """
    config = data.datasets[dataset]
    folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    path = folder / f"{dataset}@{config.snapshot}.duckdb"
    source = _source_digest(config)
    if not path.exists():
        _make(path, data, config, dimensions, source)
    made = _read_made(path, data)
    if made.settings != _settings_digest(config) or source not in (made.source, _NO_FILE):
        raise DataError("the source or its settings changed: a new state needs a new snapshot")
    return Snapshot(path, data, made, config.rows_a_person == "many")


def _make(
    path: Path,
    data: DataConfig,
    config: DatasetConfig,
    dimensions: tuple[Dimension, ...],
    source: str,
) -> None:
    if source == _NO_FILE:
        raise DataError("the source's file is not there")
    mapped = tuple(one for one in dimensions if one.name in config.dimensions)
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    files = () if isinstance(config.source, DatabaseSource) else (config.source.path.resolve(),)
    try:
        with building(partial, data, files) as connection:
            report = freeze(connection, config, mapped)
            if _source_digest(config) != source:
                raise DataError("the source changed while it was read")
            made = Made(
                source=source,
                settings=_settings_digest(config),
                domains={one.name: one.values for one in mapped},
                measures=tuple(config.measures),
                report=report,
            )
            connection.execute("CREATE TABLE made (content VARCHAR)")
            connection.execute("INSERT INTO made VALUES (?)", [msgspec.json.encode(made).decode()])
        _put(partial, path)
    except EngineError:
        raise DataError("the snapshot cannot be made: is there memory and room enough?") from None
    finally:
        partial.unlink(missing_ok=True)


def _put(partial: Path, path: Path) -> None:
    """Let the file appear whole or not at all, also after a loss of power."""
    partial.chmod(0o400)
    _synchronise(partial)
    partial.replace(path)
    _synchronise(path.parent)


def _synchronise(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_made(path: Path, data: DataConfig) -> Made:
    try:
        with reading(path, data) as connection:
            row = connection.execute("SELECT content FROM made").fetchone()
        return msgspec.json.decode(row[0] if row else "", type=Made)
    except (EngineError, msgspec.DecodeError):
        raise DataError("the frozen snapshot cannot be read") from None


def _source_digest(config: DatasetConfig) -> str:
    """Digest a file's bytes; of a database, which goes on living, which one it is."""
    if isinstance(config.source, DatabaseSource):
        url = url_of(config.source).set(password=None)
        return sha256(url.render_as_string().encode()).hexdigest()
    try:
        with config.source.path.open("rb") as file:
            digest = sha256()
            while part := file.read(1 << 20):
                digest.update(part)
            return digest.hexdigest()
    except FileNotFoundError:
        return _NO_FILE
    except OSError:
        raise DataError("the source's file cannot be read") from None


def _settings_digest(config: DatasetConfig) -> str:
    """Digest what decides how a source is read; not where it is, nor the limits."""
    empty = Path()
    if isinstance(config.source, DatabaseSource):
        placed = msgspec.structs.replace(config.source, url_file=empty)
        settings = msgspec.structs.replace(config, source=placed, allowance=None)
    else:
        file = msgspec.structs.replace(config.source, path=empty)
        settings = msgspec.structs.replace(config, source=file, allowance=None)
    return sha256(msgspec.json.encode(settings, enc_hook=str, order="sorted")).hexdigest()
