"""How an answer about one person looks, and the note on what it still discloses.

Owns the words, in both languages. Refuses to print an answer without the note.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from clients.cli.output import note, print_line, print_pairs, print_table
from clients.keyholder.exposure.answer import Bucket, Disclosure, ExposureAnswer

ENOUGH: Final = 5
"""Contributors besides the asker, below which a count tells much of each."""
_DISCLOSED: Final[dict[Disclosure, tuple[str, str]]] = {
    "nobody": (
        "Nobody holds an open loan: this says of every contributor that it holds none.",
        "没有机构持有未结清贷款：这等于披露了每一家参与机构均未持有。",
    ),
    "one": (
        "One lender holds all of it: the amount and the bucket are that lender's own.",
        "仅一家机构持有：所示余额与逾期档位即为该机构自身的数据。",
    ),
    "some": (
        "Whoever holds a part, such as yourself, can subtract it: of two lenders each sees the"
        " other's.",
        "持有其中一部分的机构（包括贵机构）可将其扣除：若仅两家持有，各自即可得知对方的数据。",
    ),
    "everybody": (
        "Everybody holds an open loan: this says of every contributor that it holds one.",
        "所有参与机构均持有未结清贷款：这等于披露了每一家参与机构均持有。",
    ),
}
_FEW: Final = (
    "Only {} contributors besides your own: with fewer than 5 the figures say much of each.",
    "除贵机构外仅有 {} 家参与机构：少于 5 家时，结果会较多暴露单家机构的情况。",
)
_LEARNT: Final = (
    "A contributor that knows the person learns that you asked, and what for.",
    "持有该个人数据的参与机构会知道贵机构提出了查询及其目的。",
)
_KEPT: Final = (
    "This is the kept answer: there is one a consent and snapshot.",
    "此为已保存的答复：每份同意、每个数据快照仅产生一次答复。",
)


def print_exposure(answer: ExposureAnswer, is_kept: bool) -> None:
    """Print an answer for people."""
    print_line(f"{answer.title.en} / {answer.title.zh}, {answer.snapshot}", "bold")
    of = len(answer.contributors)
    print_pairs(
        (
            ("lenders with an open loan", f"{answer.lenders} of {of}"),
            ("有未结清贷款的机构", f"{of} 家中的 {answer.lenders} 家"),
            ("total outstanding / 未偿余额合计", f"{answer.outstanding:,}"),
            ("worst days past due / 最长逾期天数", worst_text(answer)),
        )
    )
    rows = [(_days(one), one.lenders) for one in answer.buckets]
    print_table(("days past due / 逾期天数", "lenders / 机构数"), rows)
    print_pairs(
        (
            ("rests on", f"{answer.consents} consent / 份同意: {answer.consent_id}"),
            ("purpose", answer.purpose),
            ("contributors", f"{of}: {', '.join(answer.contributors)}"),
            ("in the log", f"at index {answer.log_index}, event {answer.event_id}"),
            ("released", f"{datetime.fromtimestamp(answer.released_at, UTC):%Y-%m-%d %H:%M} UTC"),
            ("round", answer.id),
        )
    )
    unit = f"{answer.unit:,}"
    note(f"Each contributor's amount is rounded to {unit}. / 各机构金额均取整至 {unit}。")
    for english, chinese in notes_of(answer, is_kept):
        note(english)
        note(chinese)


def notes_of(answer: ExposureAnswer, is_kept: bool) -> list[tuple[str, str]]:
    """Return what has to be said of an answer, each in English and Chinese."""
    said = [_DISCLOSED[answer.disclosed], _LEARNT]
    if answer.apart < ENOUGH:
        english, chinese = _FEW
        said.append((english.format(answer.apart), chinese.format(answer.apart)))
    return [*said, _KEPT] if is_kept else said


def exposure_document(answer: ExposureAnswer, is_kept: bool) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    plain: dict[str, Any] = msgspec.to_builtins(answer)
    worst = None if answer.worst is None else msgspec.to_builtins(answer.worst)
    notes = [{"en": english, "zh": chinese} for english, chinese in notes_of(answer, is_kept)]
    more = {"worst": worst, "discloses": answer.disclosed, "kept": is_kept, "notes": notes}
    return {**plain, **more}


def worst_text(answer: ExposureAnswer) -> str:
    """Return the worst bucket in words."""
    worst = answer.worst
    return "none / 无逾期" if worst is None else _days(worst)


def _days(one: Bucket) -> str:
    if one.high is None:
        return f"{one.low}+"
    return f"{one.low}" if one.low == one.high else f"{one.low} - {one.high}"
