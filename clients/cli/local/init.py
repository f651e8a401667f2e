"""``veilgate init``: makes a gateway's home."""

from pathlib import Path
from typing import Annotated

import typer

from clients.cli.local.home import AUDITOR, LENDER_A, LENDER_B, HomeError, make_home
from clients.cli.output import JsonOption, UsageError, failures_reported, print_json, print_line

DEFAULT_HOME = Path("veilgate-home")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")] = DEFAULT_HOME,
    listen: Annotated[str, typer.Option(help="Address and port.")] = "localhost:7443",
    development: Annotated[
        bool,
        typer.Option(
            "--development", help="Also certificates, three institutions and invented people."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a gateway's home: configuration, keys, policies."""
    with failures_reported(as_json):
        try:
            home = make_home(folder, listen, development)
        except HomeError as error:
            raise UsageError(str(error), "Run `veilgate init NEW_FOLDER`.") from error
        profiles = {
            name: str(home.profile(name))
            for name in (LENDER_A, LENDER_B, AUDITOR)
            if development
        }
        if as_json:
            print_json(
                {
                    "ok": True,
                    "home": str(folder),
                    "config": str(home.config),
                    "log_verifier_key": home.log_verifier_key,
                    "profiles": profiles,
                }
            )
            return
        print_line(f"{folder} is ready. The audit log's verifier key, to be given to auditors:")
        print_line(f"  {home.log_verifier_key}")
        if not development:
            print_line("Put your certificates into tls/ and your institutions into partners.toml.")
        print_line(f"next: veilgate serve {folder}")
