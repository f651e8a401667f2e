from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from clients.agent.errors import AgentError
from clients.agent.subject.data import SubjectConfig, SubjectData
from gateway.domain.aggregate.subject import SubjectFigures

KNOWN, OTHER, UNKNOWN = bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32


def index(folder: Path, rows: list[tuple[bytes, object, object, object]]) -> SubjectData:
    path = folder / "index.db"
    with closing(sqlite3.connect(path)) as database:
        columns = "identity_type TEXT, identity_key TEXT, open INT, outstanding INT"
        database.execute(f"CREATE TABLE indexed ({columns}, days_past_due INT)")
        database.executemany(
            "INSERT INTO indexed VALUES ('REFERENCE',?,?,?,?)",
            [(tag.hex(), *rest) for tag, *rest in rows],
        )
        database.commit()
    return SubjectData(SubjectConfig(index=str(path)), folder / "pins")


def test_loans_of_a_subject_are_summed_and_only_open_ones(tmp_path: Path) -> None:
    data = index(
        tmp_path,
        [(KNOWN, 1, 1000, 0), (KNOWN, 1, 2500, 31), (KNOWN, 0, 900, 120), (OTHER, 0, 5, 9)],
    )
    assert data.figures("2026-10-31", KNOWN) == SubjectFigures(True, 3500, 31)
    assert data.figures("2026-10-31", OTHER) == SubjectFigures(False, 0, 0)


def test_somebody_who_is_not_there_has_zeros(tmp_path: Path) -> None:
    assert index(tmp_path, [(KNOWN, 1, 1, 1)]).figures("2026-10-31", UNKNOWN) == SubjectFigures()


@pytest.mark.parametrize("owed", ["much", 1.5, None])
def test_what_is_no_whole_number_is_no_figure(tmp_path: Path, owed: object) -> None:
    data = index(tmp_path, [(KNOWN, 1, 100, 0), (KNOWN, 1, owed, 0)])
    with pytest.raises(AgentError):
        data.figures("2026-10-31", KNOWN)


def test_an_index_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AgentError):
        SubjectData(SubjectConfig(index=str(tmp_path / "none.db")), tmp_path).require_usable()


def test_an_index_that_changes_within_a_snapshot_answers_no_more(tmp_path: Path) -> None:
    data = index(tmp_path, [(KNOWN, 1, 1000, 0)])
    assert data.figures("2026-10-31", KNOWN).outstanding == 1000
    (tmp_path / "index.db").unlink()
    # Another process, as after a restart, knows it as well.
    for one in (data, index(tmp_path, [(KNOWN, 1, 1700, 0)])):
        with pytest.raises(AgentError):
            one.figures("2026-10-31", KNOWN)
    assert data.figures("2026-11-30", KNOWN).outstanding == 1700
