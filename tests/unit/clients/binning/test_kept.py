"""What is kept of a talk: lists that are whole or not there, secrets that are sealed."""

import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from clients.agent.binning.kept import Talks
from clients.keyholder.binning.kept import TalkSecrets, begin_talk, resume_talk
from clients.keyholder.binning.open_job import OpenJob
from clients.keyholder.binning.plan import BinWish, draft_job, job_again
from clients.keyholder.binning.preview import preview
from clients.keyholder.binning.rows import Columns, LabelledRows, new_order, read_rows
from clients.keyholder.calls import BudgetView
from clients.keyholder.errors import KeyholderError
from clients.keyholder.keys.sealing import Secret
from clients.sdk.kept_parts import KeptParts, PartsFolder, PartsInMemory
from clients.sdk.vocabulary import IdentifierType
from gateway.crypto.elgamal import SecretKey
from gateway.crypto.sealed_channel import ChannelError, ChannelKey
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.binning import require_binning
from gateway.domain.aggregate.question import AskerKey
from support.binning_pair import LENDER, NOW, contract, job_of
from support.binning_world import resident_id

ROWS = 300
SECRET = Secret("file", os.urandom(32))


@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_a_list_comes_back_as_it_was(tmp_path: Path, kind: str) -> None:
    kept: KeptParts = PartsInMemory() if kind == "memory" else PartsFolder(tmp_path / "talk")
    assert kept.parts("rows") is None
    lists = {"rows": [b"", b"a", bytes(100_000)], "none": []}
    for name, parts in lists.items():
        kept.keep(name, iter(parts))
    for name, parts in lists.items():
        found = kept.parts(name)
        assert found is not None
        assert list(found) == parts
    kept.drop()
    assert kept.parts("rows") is None


def test_a_list_that_was_not_finished_is_not_there(tmp_path: Path) -> None:
    kept = PartsFolder(tmp_path / "talk")

    def dying() -> object:
        yield b"first"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept.keep("rows", dying())  # type: ignore[arg-type]
    assert kept.parts("rows") is None


@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_what_was_kept_first_stands(tmp_path: Path, kind: str) -> None:
    """Two processes that go on with one job: sealed twice, sent once."""
    first: KeptParts = PartsInMemory() if kind == "memory" else PartsFolder(tmp_path)
    second = first if kind == "memory" else PartsFolder(tmp_path)

    def slow() -> Iterator[bytes]:
        yield b"mine"
        first.keep("answers", [b"first"])

    if kind == "memory":
        first.keep("answers", [b"first"])
    second.keep("answers", slow())
    for kept in (first, second):
        assert list(kept.parts("answers") or ()) == [b"first"]
    assert not list(tmp_path.glob(".*"))


def test_what_a_process_left_unfinished_is_deleted(tmp_path: Path) -> None:
    kept = PartsFolder(tmp_path)
    kept.keep("rows", [b"a"])
    (tmp_path / ".answers.0123.part").write_bytes(b"half")
    kept.clean()
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]


def test_a_list_that_is_cut_off_is_no_list(tmp_path: Path) -> None:
    kept = PartsFolder(tmp_path)
    kept.keep("rows", [b"content"])
    path = tmp_path / "rows"
    assert path.stat().st_mode & 0o077 == 0
    path.write_bytes(path.read_bytes()[:-1])
    found = kept.parts("rows")
    assert found is not None
    with pytest.raises(ValueError, match="cut off"):
        list(found)


def test_talks_of_two_jobs_are_apart_and_end(tmp_path: Path) -> None:
    talks = Talks(tmp_path)
    first, second = talks.of(b"\x01" * 32, 100), talks.of(b"\x02" * 32, 200)
    first.keep("people", [b"a"])
    assert second.parts("people") is None
    talks.forget(150)
    assert first.parts("people") is None
    assert len(list(tmp_path.iterdir())) == 1


def test_a_channel_goes_on_behind_what_was_said() -> None:
    one, two = ChannelKey.generate(), ChannelKey.generate()

    def pair() -> tuple[object, object]:
        context = bytes(32)
        return (
            one.open(two.public_key(), context, first=True),
            two.open(one.public_key(), context, first=False),
        )

    (speaker, hearer), (again, late) = pair(), pair()
    parts = [speaker.sealer.seal(content) for content in (b"a", b"b")]  # type: ignore[attr-defined]
    again.sealer.skip(2)  # type: ignore[attr-defined]
    third = again.sealer.seal(b"c", last=True)  # type: ignore[attr-defined]
    assert [hearer.opener.open(part) for part in (*parts, third)] == [b"a", b"b", b"c"]  # type: ignore[attr-defined]
    late.opener.skip(2)  # type: ignore[attr-defined]
    assert late.opener.open(third) == b"c"  # type: ignore[attr-defined]
    _, early = pair()
    with pytest.raises(ChannelError):
        early.opener.open(third)  # type: ignore[attr-defined]


# A job on the disk.


def labels_file(folder: Path, events: int = 90) -> Path:
    path = folder / "labels.csv"
    lines = [f"{resident_id(row)},{int(row < events)},consent-{row}" for row in range(ROWS)]
    path.write_text("id,label,consent\n" + "\n".join(lines) + "\n")
    return path


def rows_of(path: Path, order: bytes | None = None) -> LabelledRows:
    kind = IdentifierType.CN_RESIDENT_ID
    return read_rows(path, kind, Columns("id", "label", "consent"), order)


def open_job(rows: LabelledRows) -> OpenJob:
    secret = SecretKey.generate()
    job = replace(job_of(secret, contract(), ["housing"], ROWS), row_root=rows.root)
    statement = SignedStatement(job.encoded(), b"signature", (b"leaf",))
    return OpenJob(
        job=job,
        statement=statement,
        plan=require_binning(job, contract()),
        rows=rows,
        secret=secret,
    )


def test_the_same_secret_gives_the_same_order_and_another_another(tmp_path: Path) -> None:
    path, order = labels_file(tmp_path), new_order()
    first, again, other = rows_of(path, order), rows_of(path, order), rows_of(path)
    assert first.root == again.root != other.root
    assert sorted(first.consents) == sorted(other.consents)


def test_a_job_is_gone_on_with_over_the_same_file_only(tmp_path: Path) -> None:
    path, secrets = labels_file(tmp_path), TalkSecrets.fresh(new_order())
    job = open_job(rows_of(path, secrets.order))
    begin_talk(tmp_path / "state", job, contract().encoded(), secrets, SECRET)
    talk, statement, terms = resume_talk(tmp_path / "state", job.job.id, lambda _: SECRET)
    assert talk.secrets == secrets
    stored = job.secret.to_bytes()
    same = job_again(statement, terms, rows_of(path, talk.secrets.order), stored)
    assert (same.job, same.rows.root) == (job.job, job.rows.root)
    with pytest.raises(KeyholderError, match="other rows"):
        job_again(statement, terms, rows_of(path), stored)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n")
    with pytest.raises(KeyholderError, match="other rows"):
        job_again(statement, terms, rows_of(path, talk.secrets.order), stored)


def test_a_job_does_not_open_with_another_secret_and_holds_nothing_of_a_person(
    tmp_path: Path,
) -> None:
    secrets = TalkSecrets.fresh(new_order())
    job = open_job(rows_of(labels_file(tmp_path), secrets.order))
    state = tmp_path / "state"
    begin_talk(state, job, contract().encoded(), secrets, SECRET)
    with pytest.raises(KeyholderError, match="does not open"):
        resume_talk(state, job.job.id, lambda _: Secret("file", bytes(32)))
    content = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())
    for value in (resident_id(5).encode(), secrets.channel, secrets.alignment, secrets.order):
        assert value not in content
    for other in ("0" * 32, "../../etc"):
        with pytest.raises(KeyholderError):
            resume_talk(state, other, lambda _: SECRET)


# A job that is not begun.


@pytest.mark.parametrize(("mode", "cost"), [("exact", 0), ("dp", 500_000)])
def test_a_preview_says_what_follows(tmp_path: Path, mode: str, cost: int) -> None:
    rows = rows_of(labels_file(tmp_path))
    wish = BinWish(
        features=("housing", "credit_amount"),
        mode=mode,  # type: ignore[arg-type]
        cost=cost,
        purpose="credit.underwriting",
    )
    key = AskerKey(scheme="elgamal", key="ff", proof="00")
    planned = draft_job(LENDER, contract(), rows, wish, key, NOW)
    budget = BudgetView("credit.applicant", 10**6, 10**5, 10**5, 0, 20, 0, 1)
    shown = preview(planned, rows, budget, 2)
    assert (shown.rows, shown.events, shown.cost) == (ROWS, 90, cost)
    assert (shown.left_before, shown.left_after) == (900_000, 900_000 - cost)
    assert shown.own_seconds > 0
    housing, amount = shown.features
    assert (housing.bins, housing.rows_a_bin, amount.bins) == (3, 100, 5)
    if mode == "exact":
        assert (shown.count_error, shown.epsilon) == (0, None)
        assert {housing.woe_error, housing.value_error, housing.value_by_noise} == {None}
        return
    variance = planned[1].variance
    assert Decimal(shown.count_error) ** 2 == pytest.approx(Decimal(float(variance)))
    # 30 events and 70 others of 100 rows.
    expected = (float(variance) * ((1 / 30 + 1 / 70) ** 2 + 1 / 70**2)) ** 0.5
    assert housing.woe_error == pytest.approx(expected)
    assert housing.value_by_noise == pytest.approx(expected**2)
