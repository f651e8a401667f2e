"""Scene: a consent is withdrawn while its question is under way, and the round is void for all.

One agent's process is held so that the withdrawal comes in between, as it would on a slow machine.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Any, Final

from clients.cli.local.demo_scenes.background import Running, running_command
from clients.cli.local.demo_scenes.commands import Ran
from clients.cli.local.demo_scenes.scene import Scene
from clients.cli.local.demo_scenes.shown import Shown
from clients.cli.local.demo_scenes.stage import EXPOSURE_TERMS, Stage, profile_path
from clients.cli.local.dev_members import LENDER_C
from clients.cli.local.home import LENDER_A

OPENED: Final = "AGGREGATE_OPENED"
_OPENED_WITHIN_S: Final = 30.0
_POLL_S: Final = 0.2
_IN_ORDER: Final = (OPENED, "CONSENT_REVOKED", "AGGREGATE_ROSTER", "AGGREGATE_VOID")


def play_withdrawal(stage: Stage, shown: Shown) -> None:
    """Hold an agent, ask, withdraw, let go."""
    shown.say("Another applicant agrees, and takes it back while the institutions compute.")
    granted = stage.grant(stage.english, EXPOSURE_TERMS, LENDER_A)
    shown.call(granted.line)
    shown.require("the applicant's consent is granted", granted.status == 0)
    consent, start = granted.answer["consent_id"], granted.answer["log_index"]
    words = stage.exposure_words(stage.english, consent)
    whole = ("aggregate", "exposure", "--profile", profile_path(LENDER_A), *words)
    with ExitStack() as started:
        with stage.agents[LENDER_C].held():
            asking = started.enter_context(running_command(*whole))
            shown.call(asking.line)
            opened = _opened(stage, start, asking)
            shown.require("the question is in the log, and lender C has not answered", opened)
            revoked = stage.run("consent revoke", LENDER_A, consent)
            shown.call(revoked.line)
            shown.require("the consent is revoked", revoked.answer.get("state") == "revoked")
        shown.say("Lender C goes on and contributes, as the others did.")
        ran = asking.result()
    _check_void(ran, shown)
    _check_log(stage, start, shown)
    again = stage.run("aggregate exposure", LENDER_A, *words)
    reason = again.error.get("reason")
    shown.require("a new question finds no consent: CONSENT_REVOKED", reason == "CONSENT_REVOKED")


def _opened(stage: Stage, start: int, asking: Running) -> bool:
    deadline = time.monotonic() + _OPENED_WITHIN_S
    while time.monotonic() < deadline and not asking.ended:
        if OPENED in [one["kind"] for one in stage.events(start)]:
            return True
        time.sleep(_POLL_S)
    return False


def _check_void(ran: Ran, shown: Shown) -> None:
    shown.require("the round is void: ROUND_VOID", ran.error.get("reason") == "ROUND_VOID")
    shown.pairs("refusal", {"en": ran.error["text_en"], "zh": ran.error["text_zh"]})
    shown.require(
        "nothing else is printed: no figure of it was opened", set(ran.answer) == {"error"}
    )


def _check_log(stage: Stage, start: int, shown: Shown) -> None:
    events: list[dict[str, Any]] = stage.events(start)
    shown.table(
        "log",
        ("index", "time", "kind", "institution"),
        [(one["index"], one["time"], one["kind"], one["institution"]) for one in events],
    )
    kinds = [one["kind"] for one in events if one["kind"] in (*_IN_ORDER, "AGGREGATE_RELEASED")]
    shown.require(
        "the log has question, revocation, roster, void in this order, and no release",
        kinds == list(_IN_ORDER),
    )
    folder = stage.home.profile(LENDER_A).parent / "keyholder" / "exposures"
    shown.require("the round's private key is destroyed", not list(folder.rglob("*.key.json")))


SCENE = Scene(
    "withdrawal",
    "A consent is withdrawn in the middle of a round: the round is void",
    "计算途中撤回同意：该轮作废",
    play_withdrawal,
)
