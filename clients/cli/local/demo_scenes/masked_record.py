"""Scene 1: a lender with a consent gets a credit record, masked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clients.cli.local.demo_scenes.commands import Ran
from clients.cli.local.demo_scenes.record_checks import check_absent, check_record
from clients.cli.local.demo_scenes.scene import Scene
from clients.cli.local.demo_scenes.shown import ABSENT, Shown
from clients.cli.local.demo_scenes.stage import UNDERWRITING, Person, Stage, profile_path
from clients.cli.local.demo_scenes.wire import answer_bytes
from clients.cli.local.home import LENDER_A

COLUMNS = ("field", "the provider holds", "the lender gets", "operator")


def play_masked_record(stage: Stage, shown: Shown) -> None:
    """A Chinese applicant in full, then an American one, shorter."""
    shown.say("Lender A asks for the record of an applicant who agreed to that (all invented).")
    ran = stage.get(LENDER_A, UNDERWRITING, stage.chinese)
    # The last scene looks for it in the log, however it was masked.
    stage.release = ran.answer if ran.status == 0 else {}
    _show_and_check(stage.chinese, ran, shown, changed_only=False)
    shown.say("\nAn applicant in the United States; only what was changed or withheld:")
    ran = stage.get(LENDER_A, UNDERWRITING, stage.english)
    _show_and_check(stage.english, ran, shown, changed_only=True)


def _show_and_check(person: Person, ran: Ran, shown: Shown, *, changed_only: bool) -> None:
    shown.call(ran.line)
    shown.require("the call is allowed", ran.status == 0)
    rows = compared(person, ran.answer)
    changed = frozenset(at for at, row in enumerate(rows) if row[1] != row[2])
    shown.table(person.label, COLUMNS, rows, changed if changed_only else None)
    check_record(person.held, ran.answer, shown)
    request_id = ran.answer["request_id"]
    wire = answer_bytes(Path(profile_path(LENDER_A)), person, UNDERWRITING, request_id)
    where = "the answer's bytes on the wire"
    shown.require(f"{where} are those of this record", request_id.encode() in wire)
    check_absent(person.held, wire.decode("utf-8", "replace"), where, shown)


def compared(person: Person, answer: dict[str, Any]) -> list[tuple[object, ...]]:
    """Rows of COLUMNS: a record beside the provider's row, the withheld fields last."""
    held = person.held
    released = [
        (field, held.get(field), value, answer["operators"][field])
        for field, value in answer["fields"].items()
    ]
    withheld = [
        (field, held.get(field), ABSENT, f"withheld: {because}")
        for field, because in answer["withheld"].items()
    ]
    return [*released, *withheld]


SCENE = Scene(
    "masked-record",
    "A credit record, under consent and masked",
    "经同意、已脱敏的信贷记录",
    play_masked_record,
)
