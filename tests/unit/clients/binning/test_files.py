"""What both parties read: the lender's labels, the bureau's frozen people."""

import csv
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clients.agent.binning.data import BinnedDataset, BinningConfig, FrozenPeople
from clients.agent.binning.errors import BinDeclined, BinWord
from clients.agent.data.config import CsvSource, DataConfig
from clients.keyholder.binning.rows import Columns, read_rows
from clients.keyholder.errors import KeyholderError
from clients.sdk.vocabulary import IdentifierType
from gateway.domain.aggregate.contract import BinnedFeature
from support.binning_pair import bin_of, contract, people
from support.binning_world import resident_id

CN = IdentifierType.CN_RESIDENT_ID
COLUMNS = Columns("id", "bad", "consent")


def _write(path: Path, *rows: tuple[str, ...]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def _labels(path: Path, *rows: tuple[str, ...]) -> Path:
    return _write(path / "labels.csv", ("id", "bad", "consent"), *rows)


def test_rows_are_read_and_stand_in_a_random_order(tmp_path: Path) -> None:
    rows = [(resident_id(at), str(at % 2), f"consent-{at}") for at in range(100)]
    path = _labels(tmp_path, *rows)
    first, second = (read_rows(path, CN, COLUMNS) for _ in range(2))
    assert first.identifiers != second.identifiers
    assert first.root != second.root
    for one in (first, second):
        kept = zip(one.identifiers, one.labels, one.consents, strict=True)
        assert {(a, b, c) for a, b, c in kept} == {
            (f"CN_RESIDENT_ID|{name}".encode(), int(bad), consent) for name, bad, consent in rows
        }
    assert resident_id(1) not in repr(first)


def test_spelling_does_not_matter_and_types_may_stand_in_a_column(tmp_path: Path) -> None:
    spaced = resident_id(3)[:6] + " " + resident_id(3)[6:].lower()
    path = _write(
        tmp_path / "labels.csv",
        ("id", "bad", "consent", "kind"),
        (spaced, "1", "a", "CN_RESIDENT_ID"),
        ("123-45-6789", "0", "b", "US_SSN"),
    )
    rows = read_rows(path, CN, Columns("id", "bad", "consent", "kind"))
    assert set(rows.identifiers) == {
        f"CN_RESIDENT_ID|{resident_id(3)}".encode(),
        b"US_SSN|123456789",
    }


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ((resident_id(1), "2", "c"), "label"),
        ((resident_id(1), "", "c"), "label"),
        ((resident_id(1), "1", ""), "consent"),
        (("110101199001100019x", "1", "c"), "identifier"),
        ((resident_id(0), "1", "c"), "twice"),
        ((resident_id(1), "1", "first"), "twice"),
    ],
)
def test_a_row_that_is_none_is_refused_without_its_values(
    tmp_path: Path, row: tuple[str, str, str], said: str
) -> None:
    path = _labels(tmp_path, (resident_id(0), "0", "first"), row)
    with pytest.raises(KeyholderError, match=said) as refused:
        read_rows(path, CN, COLUMNS)
    assert row[0] not in str(refused.value)


def test_a_file_that_is_none_or_lacks_a_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyholderError):
        read_rows(tmp_path / "absent.csv", CN, COLUMNS)
    (tmp_path / "latin.csv").write_bytes(b"id,bad,consent\n\xff,1,c\n")
    with pytest.raises(KeyholderError):
        read_rows(tmp_path / "latin.csv", CN, COLUMNS)
    with pytest.raises(KeyholderError, match="no column bad"):
        read_rows(_write(tmp_path / "other.csv", ("id", "consent")), CN, COLUMNS)


def _config(path: Path, **changes: Any) -> BinnedDataset:
    given: dict[str, Any] = {
        "snapshot": "2026-10",
        "source": CsvSource(path=path),
        "identifier": "id",
        "reference": "reference",
        "kind": CN,
        "features": {one.name: one.name for one in _features()},
        "declared_people": 1024,
    }
    return BinnedDataset(**(given | changes))


def _features() -> tuple[BinnedFeature, ...]:
    terms = contract().binning
    assert terms is not None
    return terms.features


def _reference(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def _people(
    path: Path, rows: list[dict[str, str]], names: list[str], references: list[str] | None = None
) -> Path:
    header = ("id", "reference", *rows[0])
    known = references or [_reference(name) for name in names]
    table = [
        (name, reference, *row.values())
        for name, reference, row in zip(names, known, rows, strict=True)
    ]
    return _write(path / "people.csv", header, *table)


def test_the_bureau_s_bins_are_those_of_plain_python(tmp_path: Path) -> None:
    rows = [dict(one) for one in people()[:200]]
    rows[0]["credit_amount"], rows[1]["credit_amount"] = "", "rubbish"
    rows[2]["credit_amount"], rows[3]["credit_amount"] = "1399.99", "1400"
    rows[4]["housing"] = "a boat"
    names = [resident_id(at) for at in range(200)]
    frozen = FrozenPeople(
        _config(_people(tmp_path, rows, names)), DataConfig(), tmp_path / "state" / "p.duckdb"
    )
    assert frozen.people == 200
    ordered = sorted(range(200), key=lambda at: names[at])
    assert list(frozen.identifiers()) == [f"CN_RESIDENT_ID|{names[at]}".encode() for at in ordered]
    assert [one.hex() for one in frozen.references()] == [_reference(names[at]) for at in ordered]
    rows[1]["credit_amount"] = ""
    for feature in _features():
        expected = [bin_of(feature, rows[at][feature.name]) for at in ordered]
        assert frozen.codes(feature).tolist() == expected


def test_a_snapshot_stays_what_it_was(tmp_path: Path) -> None:
    rows = [dict(one) for one in people()[:50]]
    names = [resident_id(at) for at in range(50)]
    path, state = _people(tmp_path, rows, names), tmp_path / "p.duckdb"
    before = FrozenPeople(_config(path), DataConfig(), state)
    path.unlink()
    again = FrozenPeople(_config(path), DataConfig(), state)
    assert list(again.identifiers()) == list(before.identifiers())
    assert state.stat().st_mode & 0o077 == 0


def test_identifiers_that_are_none_are_left_out_and_ordinals_stay_together(tmp_path: Path) -> None:
    rows = [dict(one) for one in people()[:5]]
    names = [resident_id(0), "nobody", resident_id(1), "", resident_id(2)]
    frozen = FrozenPeople(
        _config(_people(tmp_path, rows, names)), DataConfig(), tmp_path / "p.duckdb"
    )
    assert frozen.people == 3
    (amount,) = (one for one in _features() if one.name == "credit_amount")
    assert frozen.codes(amount).tolist() == [
        bin_of(amount, rows[at]["credit_amount"]) for at in (0, 2, 4)
    ]


@pytest.mark.parametrize("reference", ["", "ab", "AB" * 32, "0x" + "a" * 62, " " + "ab" * 32])
def test_people_without_a_valid_reference_are_left_out(tmp_path: Path, reference: str) -> None:
    """A row of theirs could never be told to be that of a consent."""
    rows = [dict(one) for one in people()[:3]]
    names = [resident_id(at) for at in range(3)]
    references = [_reference("a"), reference, _reference("b")]
    path = _people(tmp_path, rows, names, references)
    frozen = FrozenPeople(_config(path), DataConfig(), tmp_path / "p.duckdb")
    assert frozen.people == 2
    assert len(frozen.references()) == 2


def test_two_people_with_one_reference_are_refused(tmp_path: Path) -> None:
    rows = [dict(one) for one in people()[:2]]
    names = [resident_id(at) for at in range(2)]
    path = _people(tmp_path, rows, names, [_reference("a")] * 2)
    with pytest.raises(BinDeclined) as declined:
        FrozenPeople(_config(path), DataConfig(), tmp_path / "p.duckdb")
    assert declined.value.word is BinWord.DATA


def test_people_that_are_there_twice_and_sources_that_are_none_are_refused(tmp_path: Path) -> None:
    rows = [dict(one) for one in people()[:2]]
    twice = _people(tmp_path, rows, [resident_id(0)] * 2)
    for config in (
        _config(twice),
        _config(tmp_path / "absent.csv"),
        _config(twice, identifier="absent"),
        _config(twice, reference="absent"),
    ):
        with pytest.raises(BinDeclined) as declined:
            FrozenPeople(config, DataConfig(), tmp_path / "q.duckdb")
        assert declined.value.word is BinWord.DATA
        (tmp_path / "q.duckdb").unlink(missing_ok=True)


def test_a_feature_that_the_bureau_does_not_hold_is_declined(tmp_path: Path) -> None:
    rows = [dict(one) for one in people()[:2]]
    path = _people(tmp_path, rows, [resident_id(0), resident_id(1)])
    frozen = FrozenPeople(
        _config(path, features={"housing": "housing"}), DataConfig(), tmp_path / "p.duckdb"
    )
    (amount,) = (one for one in _features() if one.name == "credit_amount")
    with pytest.raises(BinDeclined) as declined:
        frozen.codes(amount)
    assert declined.value.word is BinWord.DATA


def test_a_section_names_one_kind_or_a_column_and_moves_with_its_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        _config(tmp_path / "p.csv", kind_column="kind")
    with pytest.raises(ValueError, match="exactly one"):
        _config(tmp_path / "p.csv", kind=None)
    config = BinningConfig(datasets={"credit.applicant": _config(Path("p.csv"))})
    moved = config.below(tmp_path).datasets["credit.applicant"].source
    assert isinstance(moved, CsvSource)
    assert moved.path == tmp_path / "p.csv"
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"datasets": {}, "surplus": 1}, BinningConfig)
