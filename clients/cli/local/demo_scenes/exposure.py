"""Scene: what one applicant owes over four institutions, and who holds it stays unknown.

The open loans lie on this machine, so that the answer can be compared with the clear text. No
institution could do that, which is why the comparison is in a scene and not in a command.
"""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from clients.cli.local.demo_scenes.scene import Scene
from clients.cli.local.demo_scenes.shown import ABSENT, Shown
from clients.cli.local.demo_scenes.stage import EXPOSURE_TERMS, FOLDER, Person, Stage
from clients.cli.local.dev_agents import INDEX, INTEGERS, OPEN_LOANS
from clients.cli.local.dev_members import CONTRIBUTORS, LENDER_B
from clients.cli.local.home import LENDER_A
from clients.provider.index_target import TABLE

UNIT: Final = 1000
_CONTRIBUTED: Final = "contribution stored"
COLUMNS: Final = ("institution", "open", "outstanding", "days_past_due")


def play_exposure(stage: Stage, shown: Shown) -> None:
    """Index, ask, compare, ask again."""
    shown.say(
        "A lender asks what an applicant owes elsewhere, with the applicant's consent. Everybody "
        "answers, whether it knows the person or not; only the sums can be opened."
    )
    _index(stage, shown)
    granted = stage.grant(stage.debtor, EXPOSURE_TERMS, LENDER_A)
    shown.call(granted.line)
    shown.require("the applicant's consent is granted", granted.status == 0)
    words = stage.exposure_words(stage.debtor, granted.answer["consent_id"])
    ran = stage.run("aggregate exposure", LENDER_A, *words)
    shown.call(ran.line)
    shown.require("four institutions answered", len(ran.answer.get("contributors", ())) == 4)
    _compare(stage, ran.answer, shown)
    shown.require("the answer rests on one consent, and says so", ran.answer["consents"] == 1)
    for one in ran.answer["notes"]:
        shown.say(f"  {one['en']}\n  {one['zh']}")
    _check_silence(stage, ran.answer["id"], shown)
    _check_once(stage, words, ran.answer, shown)
    other = stage.exposure_words(stage.unknown, granted.answer["consent_id"])
    refused = stage.run("aggregate exposure", LENDER_A, *other)
    shown.require("with this consent nobody else can be asked about", refused.status == 1)


def _index(stage: Stage, shown: Shown) -> None:
    folder = stage.home.agent(LENDER_B).parent.relative_to(stage.home.folder)
    made = Path(FOLDER) / INDEX
    integers = [word for name in INTEGERS for word in ("--integer", name)]
    files = ("--in", str(folder / OPEN_LOANS), "--out", str(made))
    ran = stage.run("agent index", LENDER_B, *files, *integers)
    shown.call(ran.line)
    shown.require("lender B's loans are indexed, each identifier blinded", ran.status == 0)
    same = _rows(stage.home.folder / made) == _rows(stage.home.folder / folder / INDEX)
    shown.require("the index is the one that its agent looks people up in", same)
    held = (stage.home.folder / made).read_bytes()
    identifier = str(stage.debtor.held["identity_key"]).encode()
    shown.require("no identifier stands in it", identifier not in held)


def _rows(database: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(f"SELECT * FROM {TABLE} ORDER BY 2").fetchall()


def clear_text(stage: Stage, person: Person) -> dict[str, dict[str, int] | None]:
    """Return what each institution's own file says of a person; None for one that knows nothing."""
    return {one: _loan(stage.home.agent(one).parent / OPEN_LOANS, person) for one in CONTRIBUTORS}


def _loan(file: Path, person: Person) -> dict[str, int] | None:
    with file.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            if row["identity_key"] == person.held["identity_key"]:
                return {name: int(row[name]) for name in INTEGERS}
    return None


def _compare(stage: Stage, answer: dict[str, Any], shown: Shown) -> None:
    known = clear_text(stage, stage.debtor)
    rows: list[tuple[object, ...]] = [
        (one, *(ABSENT for _ in INTEGERS)) if loan is None else (one, *loan.values())
        for one, loan in known.items()
    ]
    worst = answer["worst"] or {"low": 0}
    total = (answer["lenders"], answer["outstanding"], f"from {worst['low']}")
    rows.append(("the answer", *total))
    shown.table("exposure", COLUMNS, rows)
    held = [loan for loan in known.values() if loan is not None and loan["open"]]
    shown.require("so many hold an open loan in the clear text", answer["lenders"] == len(held))
    rounded = sum((one["outstanding"] + UNIT // 2) // UNIT * UNIT for one in held)
    shown.require(
        "the total is that of the clear text, each rounded", answer["outstanding"] == rounded
    )
    late = max((one["days_past_due"] for one in held), default=0)
    reached = [one["low"] for one in answer["buckets"] if one["low"] <= late]
    in_bucket = worst["low"] == max(reached, default=0)
    shown.require("the worst days past due lie in the clear text's bucket", in_bucket)


def _check_silence(stage: Stage, round_id: str, shown: Shown) -> None:
    """What agents say up to their contributions is the same whether they hold the person or not."""
    said = {_said(stage.home.folder / f"agent-{one}.log", round_id) for one in CONTRIBUTORS}
    same = len(said) == 1 and () not in said
    shown.require("those who hold the person and those who do not said the same", same)


def _said(log: Path, round_id: str) -> tuple[str, ...]:
    text = log.read_text(encoding="utf-8")
    lines = [line.partition(round_id)[2] for line in text.splitlines() if round_id in line]
    # Results come, and some are recomputed, when they do.
    last = next((at for at, line in enumerate(lines, 1) if _CONTRIBUTED in line), 0)
    return tuple(lines[:last])


def _check_once(stage: Stage, words: tuple[str, ...], answer: dict[str, Any], shown: Shown) -> None:
    again = stage.run("aggregate exposure", LENDER_A, *words)
    same = again.answer == answer | {"kept": True, "notes": again.answer.get("notes")}
    shown.require("asked again, the kept answer is shown: there is one a consent", same)
    folder = stage.home.profile(LENDER_A).parent / "keyholder" / "exposures"
    shown.require("the question's private key is destroyed", not list(folder.rglob("*.key.json")))
    telling = (str(stage.debtor.held["identity_key"]).encode(), b"outstanding", b"lenders")
    files = [one.read_bytes() for one in folder.rglob("*") if one.is_file()]
    clean = bool(files) and not any(text in one for one in files for text in telling)
    shown.require("the asker keeps neither the identifier nor the figures in clear", clean)


SCENE = Scene(
    "exposure",
    "What one applicant owes over four institutions, with the applicant's consent",
    "经本人同意，跨四家机构查询其总负债",
    play_exposure,
)
