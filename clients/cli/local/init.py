"""``veilgate init``: makes a gateway's home."""

from pathlib import Path
from typing import Annotated

import typer

from clients.cli.local.home import (
    AUDITOR,
    LENDER_A,
    LENDER_B,
    OPERATOR,
    WITNESS,
    Home,
    HomeError,
    make_home,
)
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
            "--development", help="Also certificates, six institutions and invented people."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a gateway's home: configuration, keys, policies."""
    with failures_reported(as_json):
        try:
            home = make_home(folder, listen, development)
        except HomeError as error:
            raise UsageError(str(error), "Correct it, and run `veilgate init` again.") from error
        names = (LENDER_A, LENDER_B, AUDITOR, OPERATOR, WITNESS)
        profiles = {name: str(home.profile(name)) for name in names if development}
        if as_json:
            print_json(
                {
                    "ok": True,
                    "home": str(folder),
                    "config": str(home.config),
                    "log_verifier_key": home.log_verifier_key,
                    "receipt_key": home.receipt_key,
                    "reference_key": home.reference_key,
                    "profiles": profiles,
                }
            )
            return
        print_line(f"{folder} is ready. The audit log's verifier key, to be given to auditors:")
        print_line(f"  {home.log_verifier_key}")
        print_line("The key of consent receipts, to be given to whoever verifies one:")
        print_line(f"  {home.receipt_key}")
        print_line("The key of references, to be given to whoever hides identifiers by them:")
        print_line(f"  {home.reference_key}")
        _print_next(home, profiles)


def _print_next(home: Home, profiles: dict[str, str]) -> None:
    folder = home.folder
    if profiles:
        print_line("Profiles for this machine, for --profile or VEILGATE_PROFILE:")
        for path in profiles.values():
            print_line(f"  {path}")
        print_line(f"next: veilgate serve {folder}")
        return
    print_line(f"next: put into {folder}:")
    print_line("  tls/gateway.key, tls/gateway.pem    the gateway's key and certificate")
    print_line("  tls/client-authorities.pem          the authorities of its callers")
    print_line("  partners.toml                       the institutions; an example is there")
    print_line(f"  {home.config.name}                        whose `providers` name your data")
    print_line(f"then: veilgate serve --check {folder}")
