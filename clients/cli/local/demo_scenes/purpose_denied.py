"""Scene 2: another purpose is denied, and the smallest change that is named really helps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from clients.cli.local.demo_scenes.masked_record import COLUMNS, compared
from clients.cli.local.demo_scenes.record_checks import check_absent
from clients.cli.local.demo_scenes.refusal_checks import check_refusal
from clients.cli.local.demo_scenes.scene import Scene
from clients.cli.local.demo_scenes.shown import CheckFailed, Shown
from clients.cli.local.demo_scenes.stage import DATASET, TERMS, Stage
from clients.cli.local.home import LENDER_A

MARKETING = "marketing"
Terms = dict[str, tuple[str, ...]]
_OPTIONS = {
    "CONSENT_PURPOSE_MISSING": "--purpose",
    "CONSENT_SEPARATE_MISSING": "--separate",
    "CONSENT_PROVIDER_MISSING": "--provider",
    "CONSENT_DATASET_MISSING": "--dataset",
}


def play_purpose_denied(stage: Stage, shown: Shown) -> None:
    """Ask for marketing; then do what the denial says, and ask again."""
    person = stage.chinese
    shown.say("The same lender asks about the same applicant, now in order to advertise a loan.")
    ran = stage.get(LENDER_A, MARKETING, person)
    shown.call(ran.line)
    shown.require("nothing is released", ran.status == 1 and "fields" not in ran.answer)
    decision = check_refusal(ran.error, "CONSENT_PURPOSE_MISSING", "PIPL 14", shown)
    _check_other_ways(stage, decision, shown)
    shown.say("\nThe applicant agrees to just that: the same terms, and what was missing.")
    granted = stage.grant(person, with_change(TERMS, decision["findings"]), LENDER_A)
    shown.call(granted.line)
    shown.require("the changed consent is granted", granted.status == 0)
    again = stage.get(LENDER_A, MARKETING, person)
    shown.call(again.line)
    shown.require("with the smallest change the same call is allowed", again.status == 0)
    released = frozenset(range(len(again.answer["fields"])))
    shown.table("marketing", COLUMNS, compared(person, again.answer), released)
    same = again.answer["consent_id"] == granted.answer["consent_id"]
    shown.require("it is the changed consent that allows it", same)
    fields = str(again.answer["fields"])
    check_absent(person.held, fields, "what marketing gets", shown)


def with_change(terms: Terms, findings: Iterable[Mapping[str, Any]]) -> Terms:
    """The terms with what the findings name as missing, and nothing else.

    Raises:
        CheckFailed: a finding names nothing that a consent could add.
    """
    changed = dict(terms)
    for one in findings:
        option = _OPTIONS.get(one["reason"])
        if option is None or not one["element"]:
            raise CheckFailed(f"the smallest change for {one['reason']} is one of the consent")
        changed[option] = (*changed.get(option, ()), one["element"])
    if changed == terms:
        raise CheckFailed("the denial names something that is missing")
    return changed


def _check_other_ways(stage: Stage, decision: Mapping[str, Any], shown: Shown) -> None:
    purposes = decision["allowed_purposes"]
    for purpose in purposes:
        wanted = ("--dataset", DATASET, "--purpose", purpose)
        ran = stage.run("explain", LENDER_A, *wanted, *stage.chinese.words)
        allowed = ran.status == 0 and ran.answer["decision"]["allow"]
        shown.require(f"the other way that it names, {purpose}, is allowed", allowed)
    shown.require("it names another way", bool(purposes))


SCENE = Scene(
    "purpose-denied",
    "Another purpose: denied, with the rule, the article and the smallest change",
    "更换目的即被拒绝，并说明规则、法条与最小变更",
    play_purpose_denied,
)
