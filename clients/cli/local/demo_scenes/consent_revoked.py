"""Scene 3: a consent is revoked, and the very next call is denied."""

from __future__ import annotations

from clients.cli.local.demo_scenes.refusal_checks import check_refusal
from clients.cli.local.demo_scenes.scene import Scene
from clients.cli.local.demo_scenes.shown import Shown
from clients.cli.local.demo_scenes.stage import UNDERWRITING, Stage
from clients.cli.local.home import LENDER_A


def play_consent_revoked(stage: Stage, shown: Shown) -> None:
    """Get, revoke, get: and the log tells it in that order."""
    person, consent = stage.english, stage.consents[stage.english.label]
    shown.say("The applicant in the United States takes the consent back.")
    before = stage.get(LENDER_A, UNDERWRITING, person)
    shown.require("before it, the call is allowed", before.status == 0)
    revoked = stage.run("consent revoke", LENDER_A, consent)
    shown.call(revoked.line)
    shown.require("the consent is revoked", revoked.answer.get("state") == "revoked")
    after = stage.get(LENDER_A, UNDERWRITING, person)
    shown.call(after.line)
    shown.require("the very next call releases nothing", after.status == 1)
    check_refusal(after.error, "CONSENT_REVOKED", "PIPL 15", shown)
    events = stage.events(before.answer["log_index"])
    kinds = [event["kind"] for event in events]
    shown.table(
        "log",
        ("index", "time", "kind", "institution"),
        [(one["index"], one["time"], one["kind"], one["institution"]) for one in events],
    )
    in_order = kinds == ["RELEASE", "CONSENT_REVOKED", "DENIAL"]
    shown.require("the log has release, revocation, denial in this order", in_order)
    same = events[-1]["id"] == after.error["event_id"]
    shown.require("its denial is this denial", same)


SCENE = Scene(
    "consent-revoked",
    "A consent is revoked: the very next call is denied",
    "撤回同意后，下一次调用即被拒绝",
    play_consent_revoked,
)
