"""Look-ups in CSV and Parquet files: read strictly or not at all, followed when they change."""

from __future__ import annotations

import csv
import logging
import os
import time
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.adapters.providers import duckdb_lookups
from gateway.adapters.providers.csv_header import BadFile, read_header
from gateway.adapters.providers.duckdb_lookups import DuckdbLookups
from gateway.adapters.providers.duckdb_table import DuckdbTable, identity_of
from gateway.adapters.providers.messages import (
    Answer,
    Found,
    Invalid,
    Lookup,
    Missing,
    Unavailable,
)
from gateway.adapters.providers.sources import DuckdbSource
from support.faults_serving import wait_until

KIND, NUMBER = "US_SSN", "007010001"
HEADER = b"kind,number,name\n"
ANN = HEADER + b"US_SSN,007010001,Ann\n"
SECRET = "Zebedee"


def source(path: Path, **columns: str) -> DuckdbSource:
    return DuckdbSource("d", "kind", "number", columns, path=str(path))


def ask(lookups: DuckdbLookups, *fields: str, number: str = NUMBER) -> Answer:
    (answer,) = lookups.answers([Lookup(KIND, number, fields or ("name",))])
    return answer


def ask_file(content: bytes, folder: Path, *fields: str, number: str = NUMBER) -> Answer:
    path = folder / "p.csv"
    path.write_bytes(content)
    return ask(DuckdbLookups(source(path)), *fields, number=number)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is looked at whenever something is asked, not once a second."""
    monkeypatch.setattr(duckdb_lookups, "LOOK_EVERY_S", 0.0)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (ANN, Found(("Ann",))),
        (HEADER, Missing()),
        (b"\xef\xbb\xbf" + ANN, Found(("Ann",))),
        (ANN.replace(b"\n", b"\r\n"), Found(("Ann",))),
        (HEADER + b'US_SSN,"007010001","Ann"\n', Found(("Ann",))),
        (HEADER + b"US_SSN,007010001,\n", Found((None,))),
        (HEADER + b'US_SSN,007010001,""\n', Found(("",))),
        (HEADER + b"US_SSN,007010001,NULL\n", Found(("NULL",))),
        (HEADER + b"US_SSN,007010001,  Ann \n", Found(("  Ann ",))),
        (HEADER + b'US_SSN,007010001,"A""n,\nn"\n', Found(('A"n,\nn',))),
        (HEADER + b"US_SSN,007010001,#Ann\n", Found(("#Ann",))),
        (HEADER + b"US_SSN,007010001,0012\n", Found(("0012",))),
        (HEADER + b"US_SSN,007010001,2026-01-02\n", Found(("2026-01-02",))),
        (HEADER + b"US_SSN,007010001,1e3\n", Found(("1e3",))),
        (HEADER + b"US_SSN,7010001,Ann\n", Missing()),
        (HEADER + b" US_SSN,007010001,Ann\n", Missing()),
        (HEADER + "US_SSN,007010001,安妮\n".encode(), Found(("安妮",))),
        (HEADER + b"US_SSN,007010001,Ann\nUS_SSN,007010001,Ann\n", Invalid()),
    ],
    ids=str,
)
def test_a_csv_file_is_text_as_it_stands(content: bytes, expected: Answer, tmp_path: Path) -> None:
    assert ask_file(content, tmp_path) == expected


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        ANN[:-1],
        ANN[:-6],
        ANN + b"US_SSN,007",
        ANN + b"US_SSN,007\n",
        ANN + b"US_SSN,007010002,Bob,too many\n",
        ANN + b'US_SSN,007010002,"Bob\n',
        ANN + b'US_SSN,007010002,"Bob"by\n',
        ANN + b"US_SSN,007010002,\xff\xfe\n",
        ANN + b"US_SSN,007010002,Bob\r\n",
        ANN.replace(b",", b";"),
        ANN.replace(b",", b"\t"),
        ANN.replace(b"kind", b"art"),
        ANN.replace(b"kind", b"Kind"),
        ANN.replace(b"number", b"no"),
        ANN.replace(b"name", b"NUMBER"),
        ANN.replace(b"name", b""),
        ANN.replace(b"name", b"\xff"),
        ANN.replace(b"name", b'"name'),
        ANN.decode().encode("utf-16"),
        ANN + b"US_SSN,007010002," + b"x" * 3_000_000 + b"\n",
    ],
    ids=lambda content: repr(content)[:60],
)
def test_a_csv_file_that_is_not_whole_is_not_read_in_part(
    content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert ask_file(content, tmp_path) == Unavailable()
    assert "dataset d cannot be read" in caplog.text
    for value in (NUMBER, "Ann", "Bob", "007010002"):
        assert value not in caplog.text


@pytest.mark.parametrize("header", [b"kind,number,\n", b"kind,number,Kind\n", b'kind,number,""\n'])
def test_a_header_names_each_column_once(header: bytes, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(header + b"US_SSN,007010001,Ann\n")
    with pytest.raises(BadFile, match="a column without a name or twice"):
        read_header(path)


CELLS = st.one_of(st.none(), st.text(max_size=12).filter(lambda text: "\x00" not in text))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cells=st.lists(CELLS, min_size=1, max_size=40), end=st.sampled_from(("\n", "\r\n")))
def test_what_is_written_as_csv_comes_back(
    cells: list[str | None], end: str, tmp_path: Path
) -> None:
    path = tmp_path / "p.csv"
    with path.open("w", encoding="utf-8", newline="", errors="strict") as file:
        csv.writer(file, lineterminator=end).writerow(("kind", "number", "name"))
        for number, cell in enumerate(cells):
            # Quoted by hand: the writer makes no difference between nothing and an empty text.
            quoted = "" if cell is None else '"' + cell.replace('"', '""') + '"'
            file.write(f"{KIND},{number:09},{quoted}{end}")
    lookups = DuckdbLookups(source(path))
    asked = [Lookup(KIND, f"{number:09}", ("name",)) for number in range(len(cells))]
    assert lookups.answers(asked) == [Found((cell,)) for cell in cells]


@pytest.mark.parametrize("folder", ["a b", "a[1]", "year=2026", "a*?{b}", "a'b\"c", "名%20#"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_path_is_one_file_whatever_stands_in_it(folder: str, kind: str, tmp_path: Path) -> None:
    for name in (folder, "a1", "year", "aXYb"):
        (tmp_path / name).mkdir(exist_ok=True)
        write(tmp_path / name / f"p.{kind}", name)
    lookups = DuckdbLookups(source(tmp_path / folder / f"p.{kind}"))
    assert ask(lookups, "name") == Found((folder,))
    assert ask(lookups, "year") == Unavailable()
    (tmp_path / folder / f"p.{kind}").unlink()
    assert ask(lookups) == Unavailable()


def write(path: Path, name: str, number: str = NUMBER) -> None:
    """One subject, by renaming."""
    part = path.with_suffix(".part")
    with closing(duckdb.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (kind TEXT, number TEXT, name TEXT)")
        connection.execute("INSERT INTO t VALUES (?, ?, ?)", [KIND, number, name])
        form = "HEADER, FORMAT csv" if path.suffix == ".csv" else "FORMAT parquet"
        target = str(path.parent / "part").replace("'", "''")
        connection.execute(f"COPY t TO '{target}' ({form})")
    (path.parent / "part").rename(part)
    os.replace(part, path)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_changed_file_takes_the_place_of_the_old_one(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"p.{kind}"
    write(path, "Ann")
    lookups = DuckdbLookups(source(path))
    assert ask(lookups) == Found(("Ann",))
    write(path, "Anna")
    seen: list[Answer] = []

    def changed() -> bool:
        seen.append(ask(lookups))
        return seen[-1] == Found(("Anna",))

    wait_until(changed, "the new state")
    assert all(one in (Found(("Ann",)), Found(("Anna",))) for one in seen)


@pytest.mark.parametrize("rubbish", [b"", b"PAR1", ANN[:-3], b"\x00" * 4096])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_changed_file_that_cannot_be_read_leaves_nothing_old(
    kind: str, rubbish: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / f"p.{kind}"
    write(path, "Ann")
    lookups = DuckdbLookups(source(path))
    assert ask(lookups) == Found(("Ann",))
    path.write_bytes(rubbish)
    wait_until(lambda: ask(lookups) == Unavailable(), "the end of the old state")
    for _ in range(20):
        assert ask(lookups) == Unavailable()
    assert caplog.text.count("cannot be read") == 1
    write(path, "Anna")
    wait_until(lambda: ask(lookups) == Found(("Anna",)), "the new state")
    assert "dataset d can be read again" in caplog.text


def test_a_load_that_failed_is_tried_again_without_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(ANN)
    monkeypatch.setattr(duckdb_lookups, "TRY_AGAIN_S", 0.0)
    with monkeypatch.context() as broken:
        broken.setattr("gateway.adapters.providers.duckdb_table._AFTER", ("SET no_such=1",))
        lookups = DuckdbLookups(source(path))
        assert ask(lookups) == Unavailable()
    wait_until(lambda: ask(lookups) == Found(("Ann",)), "another try")


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(ANN)
    before = identity_of(str(path))
    assert before is not None
    path.write_bytes(ANN + ANN[len(HEADER) :])
    with pytest.raises(BadFile, match="it changed while it was read"):
        DuckdbTable.load(source(path), before)


@pytest.mark.parametrize("column", ["number BIGINT", "kind INTEGER"])
def test_a_key_that_is_not_text_is_refused(
    column: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, (name, _) = tmp_path / "p.parquet", column.split()
    other = "kind TEXT" if name == "number" else "number TEXT"
    with closing(duckdb.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE t ({column}, {other}, name TEXT)")
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    assert ask(DuckdbLookups(source(path))) == Unavailable()
    assert "not text" in caplog.text


def test_a_field_may_have_another_column(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(b'kind,number,"full ""name""",Nachname\nUS_SSN,007010001,Ann,Lee\n')
    lookups = DuckdbLookups(source(path, name='full "name"', family_name="Nachname"))
    assert ask(lookups, "name", "family_name", "name") == Found(("Ann", "Lee", "Ann"))
    assert ask(lookups, "Nachname") == Found(("Lee",))
    assert ask(lookups, "absent") == Unavailable()


@pytest.mark.parametrize(
    "hostile",
    ['name" FROM subject --', "*", "", "(SELECT 1)", "read_csv('/etc/passwd')", "name\x00"],
)
def test_a_hostile_column_is_no_answer(hostile: str, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(ANN)
    lookups = DuckdbLookups(source(path))
    assert ask(lookups, hostile) == Unavailable()
    assert ask(lookups) == Found(("Ann",))


@given(number=st.text(max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_nothing_asked_gives_another_ones_value(number: str, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    if not path.exists():
        path.write_bytes(ANN.replace(b"Ann", SECRET.encode()))
    answer = ask(DuckdbLookups(source(path)), number=number)
    assert isinstance(answer, Missing | Invalid)


def test_a_loaded_table_reaches_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(ANN)
    identity = identity_of(str(path))
    assert identity is not None
    table = DuckdbTable.load(source(path), identity)
    for statement in (
        f"SELECT * FROM read_csv('{path}')",
        f"COPY subject TO '{tmp_path / 'out.csv'}'",
        f"ATTACH '{tmp_path / 'out.db'}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access=true",
        "SET autoload_known_extensions=true",
        "SET memory_limit='1TB'",
    ):
        with pytest.raises(duckdb.Error):
            table._connection.execute(statement)
    # Nothing of a table is put aside on a disk either.
    kept = table._connection.execute("SELECT current_setting('temp_directory')").fetchall()
    assert kept == [("",)]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["p.csv"]


def test_a_load_that_goes_on_is_no_answer_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = tmp_path / "p.csv"
    path.write_bytes(ANN)
    load, may_end = DuckdbTable.load, tmp_path / "end"

    def slow(one: DuckdbSource, identity: tuple[int, int, int]) -> DuckdbTable:
        while not may_end.exists():
            time.sleep(0.001)
        return load(one, identity)

    monkeypatch.setattr(DuckdbTable, "load", slow)
    monkeypatch.setattr(duckdb_lookups, "FIRST_LOAD_S", 0.01)
    lookups = DuckdbLookups(source(path))
    assert ask(lookups) == Unavailable()
    may_end.touch()
    wait_until(lambda: ask(lookups) == Found(("Ann",)), "the first state")
