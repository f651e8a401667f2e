"""A bureau's people for binnings, frozen: who they are and which bin each is in.

Owns the section ``[binning]`` of an agent's profile and one DuckDB file a snapshot, built once from
the source; from then on the source is not looked at. Ordinals follow the identifiers' order, so
that a snapshot that is built anew from the same people has the same. Refuses people that are there
twice; leaves out those without a valid identifier or reference, and counts them in the log. What is
no number, or in no group of the contract, is missing.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
import numpy as np
from msgspec import Meta

from clients.agent.binning.errors import BinDeclined, BinWord
from clients.agent.binning.setup import Codes, Ordinals
from clients.agent.data.config import (
    Column,
    DatabaseSource,
    DataConfig,
    DatasetConfig,
    Snapshot,
    Source,
    source_below,
)
from clients.agent.data.engine import EngineError, building, name, reading, text
from clients.agent.data.errors import DataError
from clients.agent.data.raw_rows import load_raw
from clients.sdk.failure import RequestError
from clients.sdk.normal_form import encoded_identifier
from clients.sdk.vocabulary import IdentifierType
from gateway.domain.aggregate.binning import ordinary_bins
from gateway.domain.aggregate.binning_talk import MAX_PEOPLE
from gateway.domain.aggregate.contract import BinnedFeature
from gateway.domain.policy.document_base import DottedName, Name

_LOG: Final = logging.getLogger("veilgate.agent")
_REFERENCE: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class BinnedDataset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One dataset that this bureau bins.

    ``declared_people`` is what lenders are shown in place of the number of people; ``features``
    maps the contract's features to columns. ``identifier`` is a column of ``kind``, or the type of
    each stands in ``kind_column``; ``reference`` has this bureau's scoped reference of the same
    person, as ``veilgate agent index --add-reference`` writes it.
    """

    snapshot: Snapshot
    source: Source
    identifier: Column
    reference: Column
    kind: IdentifierType | None = None
    kind_column: Column | None = None
    features: Annotated[dict[Name, Column], Meta(min_length=1, max_length=2000)]
    declared_people: Annotated[int, Meta(ge=1, le=MAX_PEOPLE)]

    def __post_init__(self) -> None:
        """Refuse none or both."""
        if (self.kind is None) == (self.kind_column is None):
            raise ValueError("exactly one of kind and kind_column is set")


class BinningConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The section ``[binning]``: datasets by name; ``processes`` may work at a time (0: all)."""

    datasets: dict[DottedName, BinnedDataset] = {}
    processes: Annotated[int, Meta(ge=0, le=256)] = 0

    def below(self, folder: Path) -> BinningConfig:
        """Return the same with relative paths made relative to ``folder``."""
        return msgspec.structs.replace(
            self, datasets={key: _below(one, folder) for key, one in self.datasets.items()}
        )


def _below(dataset: BinnedDataset, folder: Path) -> BinnedDataset:
    return msgspec.structs.replace(dataset, source=source_below(dataset.source, folder))


class FrozenPeople:
    """One snapshot. Implements ``BureauData``; calls block."""

    def __init__(self, config: BinnedDataset, settings: DataConfig, path: Path) -> None:
        """Open a snapshot's file, or build it.

        Raises:
            BinDeclined: DATA, where the source or the file cannot be used.
        """
        self._config = config
        self._settings = settings
        self._path = path
        self._inner = {feature: f"f_{at}" for at, feature in enumerate(config.features)}
        try:
            if not path.exists():
                self._build()
            self._kept, self._identifiers, self._references = self._people()
        except (DataError, EngineError, OSError):
            raise BinDeclined(BinWord.DATA) from None

    @property
    def people(self) -> int:
        """How many there are."""
        return len(self._identifiers)

    def identifiers(self) -> Sequence[bytes]:
        """Return each person's type and normal form, by ordinal."""
        return self._identifiers

    def references(self) -> Sequence[bytes]:
        """Return each person's scoped reference, by ordinal."""
        return self._references

    def codes(self, feature: BinnedFeature) -> Codes:
        """Return each person's bin, by ordinal. Raises ``BinDeclined``: DATA."""
        column = self._inner.get(feature.name)
        if column is None:
            raise BinDeclined(BinWord.DATA)
        query = f"SELECT {_code(feature, column)} AS code FROM people ORDER BY place"
        try:
            with reading(self._path, self._settings) as connection:
                codes = connection.execute(query).fetchnumpy()["code"]
        except EngineError:
            raise BinDeclined(BinWord.DATA) from None
        return np.asarray(codes, dtype=np.uint8)[self._kept]

    def _build(self) -> None:
        config = self._config
        columns = [("person", config.identifier), ("reference", config.reference)]
        if config.kind_column is not None:
            columns.append(("kind", config.kind_column))
        columns += [(inner, config.features[one]) for one, inner in self._inner.items()]
        source = DatasetConfig(
            snapshot=config.snapshot, source=config.source, person=config.identifier
        )
        readable = (
            () if isinstance(config.source, DatabaseSource) else (config.source.path.resolve(),)
        )
        part = self._path.with_suffix(".part")
        part.unlink(missing_ok=True)
        part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with building(part, self._settings, readable) as connection:
            load_raw(connection, source, columns)
            connection.execute(
                "CREATE TABLE people AS SELECT row_number() OVER (ORDER BY person) - 1 AS place, *"
                " FROM raw ORDER BY person"
            )
        part.chmod(0o600)
        part.replace(self._path)

    def _people(self) -> tuple[Ordinals, list[bytes], list[bytes]]:
        with reading(self._path, self._settings) as connection:
            kind = "NULL" if self._config.kind_column is None else "kind"
            query = f"SELECT person, {kind}, reference FROM people ORDER BY place"
            rows = connection.execute(query).fetchall()
        found = [
            (at, one, bytes.fromhex(reference))
            for at, (person, kind, reference) in enumerate(rows)
            if (one := self._encoded(person, kind)) and _REFERENCE.fullmatch(reference or "")
        ]
        if len(found) < len(rows):
            _LOG.warning(
                "binning: %d rows have no valid identifier or reference", len(rows) - len(found)
            )
        kept = np.array([at for at, _, _ in found], dtype=np.int64)
        identifiers, references = [one for _, one, _ in found], [one for _, _, one in found]
        if not len(set(identifiers)) == len(set(references)) == len(found):
            raise DataError("a person is there twice")
        return kept, identifiers, references

    def _encoded(self, raw: str | None, kind: str | None) -> bytes:
        try:
            return encoded_identifier(self._config.kind or IdentifierType(kind or ""), raw or "")
        except (RequestError, ValueError):
            return b""


def _code(feature: BinnedFeature, inner: str) -> str:
    """The SQL of a feature's bin; its texts come from the contract."""
    missing, column = ordinary_bins(feature), name(inner)
    if feature.edges:
        number = f"TRY_CAST({column} AS DECIMAL(38, 6))"
        above = " + ".join(f"CAST({number} >= {edge} AS INTEGER)" for edge in feature.edges)
        return f"CAST(CASE WHEN {number} IS NULL THEN {missing} ELSE {above} END AS UTINYINT)"
    cases = " ".join(
        f"WHEN {column} IN ({', '.join(map(text, group))}) THEN {at}"
        for at, group in enumerate(feature.groups)
    )
    return f"CAST(CASE {cases} ELSE {missing} END AS UTINYINT)"
