"""``veilgate sandbox``: a whole network on this machine, to try things out against.

Owns the command, what it prints, and its end: 0 after Ctrl-C or SIGTERM, 1 where a process of it
ended by itself, 2 where it was called wrongly. Refuses to stay up in part.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from clients.cli.local.demo_scenes.interrupts import Interrupted, Interrupts
from clients.cli.local.home import AUDITOR, LENDER_A, LENDER_B, OPERATOR, PROVIDER
from clients.cli.local.sandbox_house import GATEWAY_LOG, PROVIDER_LOG, House, house
from clients.cli.local.sandbox_provider import INCOME, PAYROLL
from clients.cli.local.sandbox_rate import RecordedCalls
from clients.cli.local.sandbox_samples import setup, things_to_try
from clients.cli.output import PIPE_WIDTH, JsonOption, failures_reported, print_json

_CALLERS = (LENDER_A, LENDER_B, AUDITOR, OPERATOR)
_REFRESH_S = 1.0
_STORE = "data/veilgate.db"
FolderArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="DIR",
        help="A new or empty folder, or that of an earlier sandbox; it stays. "
        "Without one: a folder that is removed at the end.",
    ),
]
PortOption = Annotated[
    int | None,
    typer.Option(min=1, max=65535, help="The gateway's; 7443, or what it was in DIR."),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sandbox")(sandbox)


def sandbox(
    folder: FolderArgument = None, port: PortOption = None, as_json: JsonOption = False
) -> None:
    """Run a gateway, a bureau, a data provider and those who call, with invented people.

    Stays up until Ctrl-C.
    """
    with Interrupts() as interrupts, failures_reported(as_json):
        try:
            with house(folder, port, interrupts) as up:
                console = None if as_json else _console()
                if console is None:
                    print_json(_document(up))
                else:
                    _print_welcome(console, up)
                with interrupts.open():
                    _stay(console, up)
        except Interrupted:
            if not as_json:
                _console().print(_farewell(folder))


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(width=PIPE_WIDTH, highlight=False)


def _stay(console: Console | None, up: House) -> None:
    """Watch over it for ever; on a terminal, say how many calls there are."""
    if console is None or not console.is_terminal:
        while True:
            up.require_running()
            time.sleep(_REFRESH_S)
    calls = RecordedCalls(up.sandbox.folder / _STORE)
    with Live(_state(0, 0), console=console, auto_refresh=False, transient=True) as live:
        since = time.monotonic()
        while True:
            time.sleep(_REFRESH_S)
            up.require_running()
            new, now = calls.count_new(), time.monotonic()
            live.update(_state(calls.total, new / (now - since)), refresh=True)
            since = now


def _state(total: int, rate: float) -> Text:
    text = Text("  ● ", style="green").append("serving", style="bold")
    return text.append(f"   {rate:.0f} calls a second   {total} recorded   Ctrl-C ends it", "dim")


def _document(up: House) -> dict[str, Any]:
    made = up.sandbox
    return {
        "ok": True,
        "folder": str(made.folder),
        "gateway": f"localhost:{made.port}",
        "providers": {PROVIDER: "data/applicants.db", PAYROLL: f"localhost:{up.provider_port}"},
        "profiles": {name: str(made.profile(name)) for name in _CALLERS},
        "logs": [str(made.folder / name) for name in (GATEWAY_LOG, PROVIDER_LOG)],
        "setup": setup(made.folder),
        "try": [
            {"shows": one.shows, "command": one.command} for one in things_to_try(made.consent_id)
        ],
    }


def _print_welcome(console: Console, up: House) -> None:
    made = up.sandbox
    title = "Veilgate sandbox"
    console.print(Panel(_network(up), title=title, title_align="left", expand=False))
    console.print(Text("\nIn another shell, first:", style="bold"))
    console.print(Text(f"  {setup(made.folder)}", style="cyan"), soft_wrap=True)
    console.print(Text("\nThen try:", style="bold"))
    for one in things_to_try(made.consent_id):
        console.print(Text(f"  # {one.shows}", style="dim"))
        console.print(Text(f"  {one.command}", style="cyan"), soft_wrap=True)
    console.print(Text("\nEverybody in it is invented. Ctrl-C ends it.\n"))


def _network(up: House) -> Table:
    made = up.sandbox
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, what in (
        ("gateway", f"localhost:{made.port}, over mutual TLS 1.3"),
        (PROVIDER, "a bureau: 1,000 applicants in a database here, credit.applicant"),
        (PAYROLL, f"a data provider: its own server on localhost:{up.provider_port}, {INCOME}"),
        (f"{LENDER_A}, {LENDER_B}", "ask for records"),
        (OPERATOR, "enrols, suspends, records agreements"),
        (AUDITOR, "reads and verifies the log"),
        ("folder", str(made.folder)),
        ("logs", f"{GATEWAY_LOG}, {PROVIDER_LOG}"),
    ):
        table.add_row(Text(name), Text(what))
    return table


def _farewell(folder: Path | None) -> Text:
    if folder is None:
        return Text("The sandbox is stopped and its folder removed.")
    return Text(f"The sandbox is stopped. To go on with it: veilgate sandbox {folder}")
