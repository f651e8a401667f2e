"""``veilgate pii scan`` and ``mask`` on every form of file, good and bad."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner, Result

from clients.cli.main import app

MOBILE = "13800138000"
MAIL = "a.b@example.com"
MASKED = "<CN_MOBILE_NUMBER>"


def pii(*words: str, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(app, ["pii", *words], input=stdin)


def documents(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def _write(path: Path, query: str) -> None:
    name = str(path).replace("'", "''")
    duckdb.execute(f"copy ({query}) to '{name}' (format parquet)")


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_text(f"电话{MOBILE}\n第二行\n\n邮箱：{MAIL}，手机{MOBILE}\n", encoding="utf-8")
    return path


def test_scan_says_where_and_never_what(notes: Path) -> None:
    result = pii("scan", str(notes), "--quiet")
    assert result.exit_code == 0
    assert result.stderr == ""
    rows = [line.split() for line in result.stdout.splitlines()]
    places = [(one[0].removeprefix(str(notes)), one[1]) for one in rows]
    assert places == [
        (":1:3:", "CN_MOBILE_NUMBER"), (":4:4:", "EMAIL_ADDRESS"), (":4:22:", "CN_MOBILE_NUMBER"),
    ]  # fmt: skip
    assert MOBILE not in result.output
    assert MAIL not in result.output
    assert "1***0" in result.stdout
    assert MOBILE in pii("scan", str(notes), "--show", "--quiet").stdout


def test_scan_fails_a_build_only_where_something_is_found(notes: Path) -> None:
    assert pii("scan", str(notes), "--fail-on-findings").exit_code == 3
    assert pii("scan", "--text", "nothing at all", "--fail-on-findings").exit_code == 0


def test_scan_as_one_document(notes: Path) -> None:
    document = json.loads(pii("scan", str(notes), "--json").stdout)
    assert [one["line"] for one in document["findings"]] == [1, 4, 4]
    assert document["summary"]["found"] == 3
    assert document["summary"]["entities"] == {"CN_MOBILE_NUMBER": 2, "EMAIL_ADDRESS": 1}
    assert json.loads(pii("scan", "--text", "nothing", "--json").stdout)["findings"] == []


def test_the_summary_counts(notes: Path) -> None:
    stderr = pii("scan", str(notes)).stderr
    assert "CN_MOBILE_NUMBER" in stderr
    assert "a second" in stderr


def test_mask_keeps_everything_else(notes: Path) -> None:
    result = pii("mask", str(notes), "--quiet")
    assert result.stdout == f"电话{MASKED}\n第二行\n\n邮箱：<EMAIL_ADDRESS>，手机{MASKED}\n"
    assert pii("mask", "--text", f"电话{MOBILE}", "--quiet").stdout == f"电话{MASKED}"
    assert pii("mask", "--quiet", stdin=f"a {MOBILE}\r\n").stdout_bytes.endswith(b">\r\n")


def test_entities_and_threshold_narrow(notes: Path) -> None:
    kept = pii("mask", str(notes), "--entities", "EMAIL_ADDRESS", "--quiet").stdout
    assert MOBILE in kept
    assert MAIL not in kept
    assert MOBILE in pii("mask", str(notes), "--threshold", "1", "--quiet").stdout


def test_a_line_of_json_for_a_line_in_order() -> None:
    rows: list[Any] = [
        {"text": f"电话{MOBILE}", "language": "zh"},
        {"text": "Wu Di 来电", "known": {"name": "Wu Di", "PHONE_NUMBER": ["555"]}},
        {"text": ""},
    ]
    lines = [json.dumps(one) for one in rows]
    lines[1:1] = ["{", '{"text": 3}', '{"text": "a", "known": {"nme": "x"}}', "[]"]
    for command in ("mask", "scan"):
        result = pii(command, "--format", "jsonl", stdin="\n".join(lines))
        assert result.exit_code == 1
        first, *bad, known, empty = documents(result.stdout)
        assert first["masked"] == f"电话{MASKED}"
        (entity,) = first["entities"]
        assert set(entity) == {"type", "start", "end", "score", "text"}
        assert (entity["start"], entity["end"], entity["text"]) == (2, 13, MOBILE)
        assert [set(one) for one in bad] == [{"error"}] * 4
        assert known["masked"] == "<PERSON> 来电"
        assert empty == {"entities": [], "masked": ""}
        assert result.stderr.count("withheld: -:") == 4


def test_a_text_that_cannot_be_looked_through_is_not_written() -> None:
    secret = f"{MOBILE} " + "长" * 70_000
    result = pii("mask", "--format", "jsonl", stdin=json.dumps({"text": secret}))
    assert result.exit_code == 1
    (line,) = documents(result.stdout)
    assert line["error"]["reason"] == "OVERSIZE"
    assert MOBILE not in result.output
    plain = pii("mask", stdin=f"ok\n\n{secret}\n\n{MOBILE}\n")
    assert plain.exit_code == 1
    assert plain.stdout == f"ok\n\n<WITHHELD>\n\n{MASKED}\n"


def test_bytes_that_are_no_text_are_withheld(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"fine\n\n" + f"电话{MOBILE}".encode("gb18030") + b"\n")
    result = pii("mask", str(path))
    assert (result.exit_code, result.stdout) == (1, "fine\n\n<WITHHELD>\n")
    read = CliRunner().invoke(app, ["pii", "mask", str(path), "--encoding", "gb18030"])
    assert read.stdout_bytes.decode("gb18030") == f"fine\n\n电话{MASKED}\n"


@pytest.mark.parametrize("raw", [b"", b"\n", b"\x00\xff\xfe\n", b"\xed\xa0\x80", b"\r", b"{}"])
@pytest.mark.parametrize("format_", ["text", "jsonl", "csv"])
def test_any_bytes_give_an_output_or_a_typed_error(raw: bytes, format_: str) -> None:
    result = pii("mask", "--format", format_, stdin=raw)
    assert result.exit_code in (0, 1, 2)
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_csv_stays_csv(tmp_path: Path) -> None:
    path, out = tmp_path / "a.csv", tmp_path / "b.csv"
    content = f'id,手机,note\r\n{MOBILE},{MOBILE},"call ""x""\r\nor {MAIL}"\r\n2,,好\r\n'
    path.write_bytes(b"\xef\xbb\xbf" + content.encode())
    assert pii("mask", str(path), "--out", str(out), "--columns", "手机,note").exit_code == 0
    raw = out.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == content.count("\r\n")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["id", "手机", "note"]
    assert rows[1] == [MOBILE, MASKED, 'call "x"\r\nor <EMAIL_ADDRESS>']
    assert rows[2] == ["2", "", "好"]
    assert out.stat().st_mode & 0o077 == 0


def test_every_column_of_csv_is_looked_through(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(f"{MOBILE}\tx\n{MOBILE}\t{MAIL}\t{MOBILE}\n")
    masked = f"{MASKED}\tx\n{MASKED}\t<EMAIL_ADDRESS>\t{MASKED}\n"
    assert pii("mask", str(path), "--quiet").stdout == masked
    assert pii("mask", str(path), "--quiet", "--no-header").stdout == masked
    # A cell that no header names is looked through even where columns are named.
    named = pii("mask", str(path), "--quiet", "--no-header", "--columns", "2").stdout
    assert named == f"{MOBILE}\tx\n{MOBILE}\t<EMAIL_ADDRESS>\t{MASKED}\n"


def test_a_cell_that_cannot_be_looked_through_is_withheld_and_its_row_goes_on(
    tmp_path: Path,
) -> None:
    path, out = tmp_path / "a.csv", tmp_path / "b.csv"
    broken = "电话".encode("gb18030")
    path.write_bytes(b"a,b,c\n" + broken + f",{MOBILE},{'9' * 70_000}\n".encode() + b"1,2,3\n")
    result = pii("mask", str(path), "--out", str(out))
    assert result.exit_code == 1
    assert out.read_text() == f"a,b,c\n<WITHHELD>,{MASKED},<WITHHELD>\n1,2,3\n"
    assert result.stderr.count("withheld: ") == 2
    # Bytes of a column that is not looked through are left as they are.
    assert pii("mask", str(path), "--out", str(out), "--columns", "b").exit_code == 0
    assert broken in out.read_bytes()


def test_scan_names_the_column_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"id,note\n1,tel {MOBILE}\n")
    row = json.loads(pii("scan", str(path), "--json").stdout)["findings"][0]
    assert (row["line"], row["column"], row["field"]) == (2, 5, "note")


def test_the_column_s_name_is_context_and_no_part_of_the_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"手机,x\n{MOBILE},1\n")
    assert pii("mask", str(path), "--quiet").stdout == f"手机,x\n{MASKED},1\n"


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    path = tmp_path / "it's.parquet"
    rows = f"(1, '电话{MOBILE}', null, 1.5), (2, null, 'x ' || chr(10) || '{MAIL}', 2.5)"
    _write(path, f'select * from (values {rows}) t(id, "a ""b""", c, d)')
    return path


def test_parquet_stays_parquet(parquet: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    assert pii("mask", str(parquet), "--out", str(out)).exit_code == 0
    before, after = duckdb.read_parquet(str(parquet)), duckdb.read_parquet(str(out))
    assert (after.columns, after.types) == (before.columns, before.types)
    assert after.fetchall() == [
        (1, f"电话{MASKED}", None, before.fetchall()[0][3]),
        (2, None, "x \n<EMAIL_ADDRESS>", before.fetchall()[1][3]),
    ]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["it's.parquet", "out.parquet"]


def test_parquet_is_masked_by_column_and_scanned(parquet: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    assert pii("mask", str(parquet), "--out", str(out), "--columns", "c").exit_code == 0
    rows = duckdb.read_parquet(str(out)).fetchall()
    assert rows[0][1] == f"电话{MOBILE}"
    assert rows[1][2] == "x \n<EMAIL_ADDRESS>"
    found = json.loads(pii("scan", str(parquet), "--json").stdout)["findings"]
    assert [(one["line"], one["field"]) for one in found] == [(1, 'a "b"'), (2, "c")]


def test_parquet_is_not_written_to_a_terminal(parquet: Path) -> None:
    result = pii("mask", str(parquet))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "--out" in result.stderr


def test_text_in_a_nested_column_is_not_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    _write(path, f"select 'x' as a, ['{MOBILE}'] as b, [1] as n")
    result = pii("mask", str(path), "--out", str(tmp_path / "b.parquet"))
    assert result.exit_code == 2
    assert "the column b is of type VARCHAR[]" in result.stderr
    assert not (tmp_path / "b.parquet").exists()


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("mask", "missing.txt"), "cannot be read"),
        (("scan", "--text", "a", "--format", "xml"), "the format is not known"),
        (("scan", "--text", "a", "--language", "de"), "the language is not known"),
        (("scan", "--text", "a", "--entities", "person"), "a type is written in capitals"),
        (("scan", "--text", "a", "--encoding", "utf-99"), "no encoding is called"),
        (("scan", "--text", "a", "file"), "files and a text are given"),
        (("mask", "--text", "a", "--keys", "x"), "no profile is named"),
        (("mask", "--text", "a", "--profile", "loose.v9"), "no profile is called"),
        (("mask", "--format", "parquet"), "Parquet is read from a file"),
        (("explain", "a", "--text", "b"), "two texts are given"),
    ],
)
def test_misuse_is_told(words: tuple[str, ...], what: str) -> None:
    result = pii(*words)
    assert result.exit_code == 2
    assert what in result.stderr
    assert "\nnext: " in result.stderr


def test_the_input_is_never_overwritten(notes: Path) -> None:
    before = notes.read_bytes()
    assert pii("mask", str(notes), "--out", str(notes)).exit_code == 2
    assert pii("scan", str(notes), "--out", str(notes)).exit_code == 2
    assert notes.read_bytes() == before


def test_a_file_that_breaks_off_leaves_none(tmp_path: Path) -> None:
    path, out = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text('a,b\n1,2\n"' + "x" * 100)
    result = pii("mask", str(path), "--out", str(out))
    assert result.exit_code == 2
    assert "is not CSV" in result.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]
