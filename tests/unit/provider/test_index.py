"""Indexing by reference: what is refused, what is written, and going on after an interruption."""

from __future__ import annotations

import csv
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from hashlib import sha512
from pathlib import Path

import grpc
import pytest

from clients.provider.errors import ProviderError
from clients.provider.index import fingerprint, index_people, output_names
from clients.provider.index_source import Columns, Source
from clients.provider.index_target import open_target
from clients.sdk.codecs.status_details import StatusDetails
from clients.sdk.errors import VeilgateError
from clients.sdk.reasons import ErrorReason
from clients.sdk.subject import SubjectReference
from gateway.crypto.reference import scoped_reference
from support.faults_canaries import Search, american_person, chinese_person

COLUMNS = Columns("identity_type", "identity_key")
SCOPE = "demo-bureau"
KEY = "ab" * 32


def _people(count: int) -> list[dict[str, str]]:
    rng = random.Random(7)
    made = [(chinese_person, american_person)[n % 2](rng) for n in range(count)]
    return [
        {
            "identity_type": one.identity_type,
            "identity_key": str(one.row["identity_key"]),
            "name": f'{one.row["name"]}, "quoted"\nand on a line of its own',
            "amount": str(n),
        }
        for n, one in enumerate(made)
    ]


def _write(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


class Evaluating:
    """A stand-in for the gateway's evaluation: any function of the identifier is one here."""

    def __init__(self, quota: int = 1_000_000, fails_at: int = -1) -> None:
        self.quota = quota
        self.batches: list[int] = []
        self.fails_at = fails_at

    def references(self, subjects: Sequence[tuple[str, str]], /) -> tuple[SubjectReference, ...]:
        if len(self.batches) == self.fails_at:
            raise _refusal(ErrorReason.STORE_UNAVAILABLE)
        if len(subjects) > self.quota:
            raise _refusal(ErrorReason.REFERENCE_QUOTA_SPENT)
        self.quota -= len(subjects)
        self.batches.append(len(subjects))
        return tuple(SubjectReference("1", output(*one)) for one in subjects)


def output(kind: str, value: str) -> bytes:
    return sha512(f"{kind}|{value}".encode()).digest()


def _refusal(reason: ErrorReason) -> VeilgateError:
    return VeilgateError(grpc.StatusCode.UNAVAILABLE, StatusDetails(reason=reason))


def _run(source: Source, out: Path, client: Evaluating, integers: Sequence[str] = ()) -> object:
    mark = fingerprint(source, SCOPE, KEY)
    with closing(open_target(out, output_names(source), mark, frozenset(integers))) as target:
        return index_people(source, target, client, SCOPE, lambda _: None)


def _rows(out: Path) -> list[tuple[object, ...]]:
    if out.suffix == ".csv":
        with out.open(encoding="utf-8", newline="") as file:
            rows: list[tuple[object, ...]] = [tuple(row) for row in csv.reader(file)]
            return rows[1:]
    with closing(sqlite3.connect(out)) as connection:
        return connection.execute("SELECT * FROM indexed").fetchall()


def _wanted(people: Sequence[dict[str, str]], integer: bool) -> list[tuple[object, ...]]:
    return [
        (
            "REFERENCE",
            scoped_reference(output(one["identity_type"], one["identity_key"]), SCOPE).hex(),
            one["name"],
            int(one["amount"]) if integer else one["amount"],
        )
        for one in people
    ]


@pytest.mark.parametrize("ending", ["csv", "db"])
def test_references_stand_where_identifiers_stood(ending: str, tmp_path: Path) -> None:
    people, client = _people(2_345), Evaluating()
    source = Source.checked(_write(tmp_path / "people.csv", people), COLUMNS)
    out = tmp_path / f"indexed.{ending}"
    _run(source, out, client, ["amount"])
    assert _rows(out) == _wanted(people, integer=ending == "db")
    assert client.batches == [1_000, 1_000, 345]
    assert out.stat().st_mode & 0o077 == 0
    assert {path.name for path in tmp_path.iterdir()} == {"people.csv", out.name}
    search = Search(one["identity_key"] for one in people[:50])
    assert search.found(out.read_bytes()) == frozenset()


@pytest.mark.parametrize("ending", ["csv", "db"])
@pytest.mark.parametrize("fails_at", [0, 1, 2])
def test_an_interrupted_run_goes_on_where_it_was(
    fails_at: int, ending: str, tmp_path: Path
) -> None:
    people = _people(2_345)
    source = Source.checked(_write(tmp_path / "people.csv", people), COLUMNS)
    out = tmp_path / f"indexed.{ending}"
    with pytest.raises(VeilgateError):
        _run(source, out, Evaluating(fails_at=fails_at))
    assert not out.exists()
    if ending == "csv":
        # A batch that was cut off by a loss of power is not gone on from.
        with (tmp_path / "indexed.csv.partial").open("a", encoding="utf-8") as torn:
            torn.write("REFERENCE,00")
    client = Evaluating()
    _run(source, out, client)
    assert sum(client.batches) == 2_345 - 1_000 * fails_at
    assert _rows(out) == _wanted(people, integer=False)


def test_a_spent_quota_is_used_to_its_end_and_the_next_day_goes_on(tmp_path: Path) -> None:
    people = _people(2_000)
    source = Source.checked(_write(tmp_path / "people.csv", people), COLUMNS)
    out, client = tmp_path / "indexed.csv", Evaluating(quota=1_337)
    ended = _run(source, out, client)
    assert (ended.rows, ended.total, ended.quota_spent) == (1_337, 2_000, True)  # type: ignore[attr-defined]
    assert client.quota == 0
    ended = _run(source, out, Evaluating())
    assert (ended.rows, ended.quota_spent) == (2_000, False)  # type: ignore[attr-defined]
    assert _rows(out) == _wanted(people, integer=False)


@pytest.mark.parametrize("ending", ["csv", "db"])
def test_another_runs_unfinished_file_is_not_gone_on_with(ending: str, tmp_path: Path) -> None:
    people = _people(1_500)
    source = Source.checked(_write(tmp_path / "people.csv", people), COLUMNS)
    out = tmp_path / f"indexed.{ending}"
    with pytest.raises(VeilgateError):
        _run(source, out, Evaluating(fails_at=1))
    changed = Source.checked(_write(tmp_path / "others.csv", people[1:]), COLUMNS)
    for one, scope, key in ((changed, SCOPE, KEY), (source, "other", KEY), (source, SCOPE, "cd")):
        with pytest.raises(ProviderError, match="begun by another run"):
            open_target(out, output_names(one), fingerprint(one, scope, key), frozenset())
    _run(source, out, Evaluating())
    with pytest.raises(ProviderError, match="there already"):
        open_target(out, output_names(source), fingerprint(source, SCOPE, KEY), frozenset())


def test_a_file_that_changed_after_it_was_checked_makes_no_index(tmp_path: Path) -> None:
    people = _people(30)
    source = Source.checked(_write(tmp_path / "people.csv", people), COLUMNS)
    _write(tmp_path / "people.csv", people[::-1])
    with pytest.raises(ProviderError, match="changed"):
        _run(source, tmp_path / "indexed.csv", Evaluating())
    assert not (tmp_path / "indexed.csv").exists()


def _refused(path: Path, columns: Columns = COLUMNS) -> str:
    with pytest.raises(ProviderError) as caught:
        Source.checked(path, columns)
    return f"{caught.value} {caught.value.next_step}"


def test_a_row_without_a_valid_identifier_is_named_and_nothing_is_sent(tmp_path: Path) -> None:
    people = _people(12)
    people[4]["identity_key"] = "123"
    people[9]["identity_type"] = "PASSPORT"
    said = _refused(_write(tmp_path / "people.csv", people))
    assert "2 rows" in said
    assert "5, 10" in said
    assert "123" not in said
    assert "PASSPORT" not in said


def test_an_identifier_in_another_column_has_to_be_dropped_or_kept(tmp_path: Path) -> None:
    people = _people(6)
    spaced = f"see {people[3]['identity_key'][:4]} {people[3]['identity_key'][4:].lower()} there"
    people[3]["name"] = spaced
    path = _write(tmp_path / "people.csv", people)
    said = _refused(path)
    assert "row 4: the column name" in said
    assert people[3]["identity_key"] not in said
    dropped = Source.checked(path, Columns(*("identity_type", "identity_key"), drop=("name",)))
    assert dropped.names == ("amount",)
    kept = Source.checked(path, Columns(*("identity_type", "identity_key"), keep=("name",)))
    assert kept.names == ("name", "amount")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "no header"),
        (b"a,a\n", "no header"),
        (b"a,\n", "no header"),
        (b"a,b\n1,2\n", "no column identity_type"),
        (b"identity_type,identity_key\nUS_SSN\n", "row 1 has 1 cells"),
        (b"identity_type,identity_key\nUS_SSN,900450001\n\xff,1\n", "not CSV"),
        (b'identity_type,identity_key\nUS_SSN,"900450001" 1\n', "not CSV"),
    ],
)
def test_what_is_no_such_file_is_refused(content: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    assert what in _refused(path)
    assert "900450001" not in _refused(path)


def test_other_kinds_of_files_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="no kind of file"):
        open_target(tmp_path / "indexed.parquet", ("a", "b"), "f", frozenset())


ADDED = Columns("identity_type", "identity_key", reference="reference")


def _added(people: Sequence[dict[str, str]]) -> list[tuple[object, ...]]:
    return [
        (str(wanted[1]), *one.values())
        for one, wanted in zip(people, _wanted(people, integer=False), strict=True)
    ]


@pytest.mark.parametrize("ending", ["csv", "db"])
def test_a_reference_may_be_added_beside_the_identifier(ending: str, tmp_path: Path) -> None:
    people = _people(1_234)
    people[3]["name"] = f"see {people[3]['identity_key']}"  # nothing is hidden here
    source = Source.checked(_write(tmp_path / "people.csv", people), ADDED)
    out = tmp_path / f"indexed.{ending}"
    assert output_names(source) == ("reference", *people[0])
    with pytest.raises(VeilgateError):
        _run(source, out, Evaluating(fails_at=1))
    client = Evaluating()
    _run(source, out, client)
    assert client.batches == [234]
    assert _rows(out) == _added(people)
    assert out.stat().st_mode & 0o077 == 0


def test_a_run_that_replaces_does_not_go_on_with_one_that_adds(tmp_path: Path) -> None:
    path = _write(tmp_path / "people.csv", _people(1_500))
    out = tmp_path / "indexed.csv"
    with pytest.raises(VeilgateError):
        _run(Source.checked(path, ADDED), out, Evaluating(fails_at=1))
    with pytest.raises(ProviderError, match="begun by another run"):
        _run(Source.checked(path, COLUMNS), out, Evaluating())


def test_a_column_of_references_that_is_there_already_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "people.csv", _people(2))
    said = _refused(path, Columns("identity_type", "identity_key", reference="amount"))
    assert "a column amount already" in said


def test_rows_without_a_valid_identifier_get_no_reference(tmp_path: Path) -> None:
    people = _people(3)
    people[1]["identity_key"] = "123"
    assert "1 rows" in _refused(_write(tmp_path / "people.csv", people), ADDED)
