"""Scene 6: a statistic over four institutions' loan books, and a pair of questions that is refused.

The loan books lie on this machine, so that the answer can be compared with the clear text. No
institution could do that, which is why the comparison is in a scene and not in a command.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from typing import Any

from clients.cli.local.demo_scenes.scene import Scene
from clients.cli.local.demo_scenes.shown import Shown
from clients.cli.local.demo_scenes.stage import KEY_FILE, LOANS, Stage
from clients.cli.local.dev_agents import BOOK
from clients.cli.local.dev_members import CONTRIBUTORS
from clients.cli.local.home import LENDER_A

_COST = "0.2"
_PAIR_COST = "0.4"
_COMMON = ("car-new", "car-used", "education", "radio-tv", "others")
_ERRORS = 8
"""Standard errors within which the demo expects a figure: outside once in 10^15."""


def play_cohort_statistic(stage: Stage, shown: Shown) -> None:
    """Ask for people by housing, and say what it cost."""
    shown.say(
        "A lender asks for loans by housing over four institutions. Each counts on its own data, "
        "adds noise and a mask, and encrypts; the gateway adds up what it cannot read."
    )
    made = stage.run("aggregate keygen", LENDER_A, *KEY_FILE)
    shown.call(made.line)
    shown.require("the keys are made, proven and registered", made.status == 0)
    ran = stage.ask("--group-by", "housing", "--mean", "credit_amount", "--cost", _COST)
    shown.call(ran.line)
    shown.require("four institutions answered", len(ran.answer.get("members", ())) == 4)
    truth = _housing(stage)
    rows = [_row(cell, truth) for cell in ran.answer["cells"]]
    shown.table("figures", ("housing", "answer", "standard_error", "clear_text"), rows)
    distances = [abs(row[1] - row[3]) for row in rows]
    near = all(off < _ERRORS * row[2] for off, row in zip(distances, rows, strict=True))
    shown.require("every figure is near the clear text", near)
    shown.require("and not it: there is noise in them", any(distances))
    budget = _budget(stage, shown)
    shown.require(
        "the question is charged to the lender's legal entity",
        budget["spent"] == ran.answer["cost"] == 200_000,
    )
    shown.pairs(
        "privacy",
        {
            "cost": f"{ran.answer['cost'] / 1e6:g} rho",
            "epsilon": f"{ran.answer['epsilon']} at delta {ran.answer['delta']}",
            "left": f"{(budget['limit'] - budget['spent']) / 1e6:g} of {budget['limit'] / 1e6:g}",
        },
    )


def play_differencing(stage: Stage, shown: Shown) -> None:
    """Ask about everybody, then about everybody but a few."""
    shown.say(
        "Two questions that differ by a few people would show those few as a difference. "
        "Each agent compares a question's people with those of every question before."
    )
    first = ("--where", "market=other", "--where", "housing=free", "--where", "age_band=56+")
    whole = stage.ask(*first, "--cost", _PAIR_COST)
    shown.call(whole.line)
    shown.require("the first is answered", whole.status == 0)
    rare = [one for purpose in _COMMON for one in ("--where", f"purpose={purpose}")]
    ran = stage.ask(*first, *rare, "--cost", _PAIR_COST)
    shown.call(ran.line)
    shown.say("It leaves out the purposes for which hardly anybody of them borrows.")
    shown.require("the second is refused", ran.error.get("reason") == "AGGREGATE_REFUSED")
    text = str(ran.error.get("what"))
    shown.require(
        "the refusal names no institution and no number of people",
        not any(one in text for one in CONTRIBUTORS) and not any(c.isdigit() for c in text),
    )
    budget = _budget(stage, shown)
    shown.require("it is charged, and counted as refused", budget["refusals"] == 1)


def _budget(stage: Stage, shown: Shown) -> dict[str, Any]:
    ran = stage.run("aggregate budget", LENDER_A)
    shown.call(ran.line)
    (found,) = (one for one in ran.answer if one["dataset"] == LOANS)
    known: dict[str, Any] = found
    return known


def _books(stage: Stage) -> Iterable[dict[str, str]]:
    for one in CONTRIBUTORS:
        path = stage.home.agent(one).parent / BOOK
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def _housing(stage: Stage) -> Counter[str]:
    return Counter(row["housing"] for row in _books(stage))


def _row(cell: dict[str, Any], truth: Counter[str]) -> tuple[str, float, float, int]:
    (group,) = cell["group"]
    people = cell["people"]
    return group, round(people["value"], 1), round(people["error"], 1), truth[group]


COHORT = Scene(
    "cohort-statistic",
    "A statistic over four institutions: encrypted, with noise, within a budget",
    "跨四家机构的统计：加密、加噪、有预算",
    play_cohort_statistic,
)
DIFFERENCING = Scene(
    "differencing-refused",
    "Two questions that differ by a few people: the second is refused",
    "仅相差几人的两次查询：第二次被拒绝",
    play_differencing,
)
