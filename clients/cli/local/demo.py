"""``veilgate demo``: the whole flow on this machine, with invented people, checked as it is shown.

Owns the command, its two forms of output and the order of the scenes. Refuses to end with status 0
where one scene failed.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from clients.cli.local.demo_scenes import (
    binned_features,
    cohort_statistic,
    consent_revoked,
    exposure,
    log_verified,
    masked_record,
    purpose_denied,
    strangers_refused,
    withdrawal,
)
from clients.cli.local.demo_scenes.interrupts import Interrupted, Interrupts
from clients.cli.local.demo_scenes.scene import Outcome, Scene, play
from clients.cli.local.demo_scenes.shown import Shown
from clients.cli.local.demo_scenes.stage import DATASET, UNDERWRITING, Stage, profile_path
from clients.cli.local.demo_scenes.theatre import FolderTaken, on_stage
from clients.cli.local.home import LENDER_A
from clients.cli.output import (
    FAILED,
    MISUSED,
    JsonOption,
    failure_document,
    note,
    print_failure,
    print_json,
)
from clients.sdk.failure import SdkError

SCENES = (
    masked_record.SCENE,
    purpose_denied.SCENE,
    consent_revoked.SCENE,
    strangers_refused.SCENE,
    cohort_statistic.COHORT,
    cohort_statistic.DIFFERENCING,
    exposure.SCENE,
    withdrawal.SCENE,
    binned_features.SCENE,
    log_verified.SCENE,
)
_PIPE_WIDTH = 120
INTRODUCTION = (
    "A gateway on this machine, a credit bureau behind it, two lenders and an auditor before it. "
    "The credit data are published ones; the people are invented. Every call is real, and a line "
    "with a tick says what was checked of its answer.\n"
    "本机上运行一个网关：一端是征信机构，另一端是两家贷款机构和一名审计员。信贷数据来自公开数据集，人物均为虚构；"
    "每次调用都真实发生，带勾号的行是对其答复所做的核验。"
)
KeepOption = Annotated[
    Path | None,
    typer.Option("--keep", metavar="FOLDER", help="Play in this new folder, and keep it."),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(keep: KeepOption = None, as_json: JsonOption = False) -> None:
    """See the whole flow with invented people; every claim is checked. Leaves nothing behind."""
    # Before the first line: from then on a person may think of stopping it.
    with Interrupts() as interrupts:
        _demo(keep, as_json, interrupts)


def _demo(keep: Path | None, as_json: bool, interrupts: Interrupts) -> None:
    console = None if as_json else _console()
    if console:
        console.print(Panel(Text(INTRODUCTION), title="Veilgate", title_align="left"))
    outcomes: list[Outcome] = []
    try:
        with on_stage(keep, interrupts) as stage:
            for number, scene in enumerate(SCENES, 1):
                outcomes.append(_play(number, scene, stage, console))
    except Interrupted as signal:
        _end(outcomes, f"interrupted by {signal}", as_json)
        note(f"interrupted by {signal}: everything that the demo started is stopped")
        raise typer.Exit(signal.status) from None
    except SdkError as error:
        print_failure(error)
        _end(outcomes, failure_document(error)["error"], as_json)
        raise typer.Exit(MISUSED if isinstance(error, FolderTaken) else FAILED) from error
    ok = all(not one.failed for one in outcomes)
    _end(outcomes, "", as_json)
    if console:
        _print_end(console, outcomes, stage, keep)
    if not ok:
        raise typer.Exit(FAILED)


def _console() -> Console:
    # A terminal that lacks a character shows a mark instead; the demo goes on.
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="replace")
    console = Console(highlight=False)
    return console if console.is_terminal else Console(width=_PIPE_WIDTH, highlight=False)


def _play(number: int, scene: Scene, stage: Stage, console: Console | None) -> Outcome:
    if console:
        console.print()
        console.rule(Text(f"{number}  {scene.title}", style="bold"))
        console.print(Text(scene.title_zh, style="bold"), justify="center")
    outcome = play(scene, stage, Shown(console))
    if console and outcome.failed:
        console.print(Text(f"  ✗ {outcome.failed}", style="bold red"))
    return outcome


def _end(outcomes: list[Outcome], failed: object, as_json: bool) -> None:
    if not as_json:
        return
    ok = not failed and all(not one.failed for one in outcomes)
    document: dict[str, Any] = {"ok": ok, "scenes": [one.document for one in outcomes]}
    print_json(document | ({"failed": failed} if failed else {}))


def _print_end(console: Console, outcomes: list[Outcome], stage: Stage, keep: Path | None) -> None:
    console.print()
    console.rule(Text("The end", style="bold"))
    for one in outcomes:
        mark, style = ("✗", "bold red") if one.failed else ("✓", "green")
        console.print(Text(f"  {mark} {one.name}", style=style))
    good = sum(not one.failed for one in outcomes)
    console.print(Text(f"\n{good} of {len(outcomes)} scenes hold.", style="bold"))
    if keep is None:
        console.print(Text("The gateway is stopped and its folder removed."))
        return
    console.print(Text("The gateway is stopped. To go on with its home:"))
    for line in _go_on(stage, keep):
        console.print(Text(f"  {line}", style="cyan"), soft_wrap=True)


def _go_on(stage: Stage, keep: Path) -> tuple[str, str]:
    """The lines that serve the kept home, and ask it, as they can be typed where the demo was."""
    profile = keep / profile_path(LENDER_A)
    kind = str(stage.chinese.held["identity_type"])
    file = str(keep / stage.chinese.subject_file)
    get = ["veilgate", "get", "--profile", str(profile), "--dataset", DATASET]
    get += ["--purpose", UNDERWRITING, "--subject-type", kind, "--subject-file", file]
    return shlex.join(["veilgate", "serve", str(keep)]), shlex.join(get)
