"""``veilgate serve``: runs the gateway of a home in this process's place."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from clients.cli.local.home import CONFIG
from clients.cli.local.init import DEFAULT_HOME
from clients.cli.output import JsonOption, UsageError, failures_reported
from gateway.config import ConfigError, load_config


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve")(serve)


def serve(
    folder: Annotated[Path, typer.Argument(help="A home made by `veilgate init`.")] = DEFAULT_HOME,
    check: Annotated[bool, typer.Option("--check", help="Only check the configuration.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run the gateway until it gets SIGTERM or Ctrl-C; SIGHUP reads the policies again."""
    config = folder / CONFIG if folder.is_dir() else folder
    with failures_reported(as_json):
        if not config.is_file():
            raise UsageError(
                f"{folder} is not a gateway's home: it has no {CONFIG}",
                "Name the folder of one, or make one: `veilgate init FOLDER`.",
            )
        try:
            settings = load_config(config)
        except ConfigError as error:
            raise UsageError(str(error), f"Correct it in {config}.") from error
        if check:
            typer.echo(f'{{"ok": true, "listen": "{settings.listen}"}}' if as_json else "ok")
            return
    # In place of this process, so that signals and the exit status are the gateway's own, and
    # gRPC is imported only after the TLS floor is set.
    os.execv(sys.executable, [sys.executable, "-m", "gateway", str(config)])  # noqa: S606
