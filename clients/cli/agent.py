"""The commands of a provider's agent: ``agent serve``, ``agent check``, ``agent index``.

``agent index`` is ``provider index``: the file of people becomes one by scoped reference, by which
a question about a subject finds it.
"""

from __future__ import annotations

import logging
import signal
from dataclasses import asdict
from pathlib import Path
from threading import Thread
from typing import Annotated

import typer

from clients.agent.agent import SHARE, make_agent
from clients.agent.check import check_profile
from clients.agent.profile import AgentProfile
from clients.cli.output import (
    FAILED,
    JsonOption,
    failures_reported,
    note,
    print_json,
    print_line,
    print_table,
)
from clients.cli.provider_index import index

ProfileOption = Annotated[
    Path,
    typer.Option("--profile", envvar="VEILGATE_AGENT_PROFILE", help="The agent's profile (TOML)."),
]
RecomputeOption = Annotated[
    bool,
    typer.Option(
        "--recompute", help="Make every round's sum again, not one in four drawn at random."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Answer questions over many institutions' data.", no_args_is_help=True)
    group.command("serve")(serve)
    group.command("check")(check)
    group.command("index")(index)
    app.add_typer(group, name="agent")


def serve(profile: ProfileOption, recompute: RecomputeOption = False) -> None:
    """Connect to the gateway and answer, until SIGINT or SIGTERM.

    The log on standard error says what was answered and, in one word, what was not. It stays here.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    with failures_reported(False):
        agent = make_agent(AgentProfile.load(profile), share=1 if recompute else SHARE)
        for one in (signal.SIGINT, signal.SIGTERM):
            # In a thread: a handler runs between any two steps of this one, with its locks held.
            signal.signal(one, lambda *_: Thread(target=agent.service.stop).start())
        note("the agent serves; it stops at SIGINT or SIGTERM")
        agent.run()


def check(profile: ProfileOption, as_json: JsonOption = False) -> None:
    """Say whether a profile would work: files, certificate, gateway, contracts, data.

    Freezes the data's snapshot as serving would. Rows are counted, values are never shown.
    """
    with failures_reported(as_json):
        checked = list(check_profile(AgentProfile.load(profile)))
    if as_json:
        print_json([asdict(one) for one in checked])
    else:
        rows = [
            ("\N{CHECK MARK}" if one.passed else "\N{BALLOT X}", one.name, one.seen, one.advice)
            for one in checked
        ]
        print_table(("", "check", "seen", "what to do"), rows)
    failed = sum(not one.passed for one in checked)
    if failed:
        raise typer.Exit(FAILED)
    if not as_json:
        print_line("The agent can serve.", "bold green")
