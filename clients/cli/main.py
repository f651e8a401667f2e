"""The command line's entry point: ``veilgate``.

Owns the list of commands. Refuses to import any of them before it is called, so that help and the
remote commands start at once; the local ones bring in the gateway itself.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Final

import typer

HELP: Final = "Share credit data under consent, purpose and masking, with a verifiable audit log."

_COMMANDS: Final = (
    ("get", "clients.cli.exchange", "Get one record, as far as the decision releases it."),
    ("explain", "clients.cli.exchange", "Say what `get` would be allowed now, and why."),
    ("catalogue", "clients.cli.catalogue", "See what may be asked, and what it gives."),
    ("consent", "clients.cli.consent", "Grant, list, change and prove consents."),
    ("partner", "clients.cli.partner", "Enrol, show and suspend institutions."),
    ("reidentify", "clients.cli.reidentify", "Have tokens opened, under two persons."),
    ("audit", "clients.cli.audit", "Read, export and verify the audit log."),
    ("witness", "clients.cli.witness", "Cosign a gateway's checkpoints."),
    ("aggregate", "clients.cli.aggregate.group", "Ask many institutions at once, in ciphertext."),
    ("provider", "clients.cli.provider", "Check a provider's server; index its data."),
    ("agent", "clients.cli.agent", "Answer questions over many institutions' data."),
    ("policy", "clients.cli.local.policy", "Check and explain policies on this machine."),
    ("pii", "clients.cli.local.pii.group", "Find and mask personal data in free text."),
    ("init", "clients.cli.local.init", "Prepare a gateway on this machine."),
    ("serve", "clients.cli.local.serve", "Run the gateway."),
    ("config", "clients.cli.local.config_reference", "List the gateway's settings."),
    ("sandbox", "clients.cli.local.sandbox", "Run a whole network with invented people."),
    ("demo", "clients.cli.local.demo", "See the whole flow with invented people."),
)

# What follows the command's name is left for the command itself to parse, --help included.
_PASS_ON: Final = {"ignore_unknown_options": True, "allow_extra_args": True}

app = typer.Typer(
    name="veilgate",
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    # Locals hold identifiers and released values.
    pretty_exceptions_show_locals=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"veilgate {version('veilgate')}")
        raise typer.Exit


@app.callback()
def _top(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Say which release."
        ),
    ] = False,
) -> None:
    pass


def _root() -> None:
    pass


def _add(name: str, module: str, summary: str) -> None:
    @app.command(name, help=summary, context_settings=_PASS_ON, add_help_option=False)
    def forward(context: typer.Context) -> None:
        status = _load(name, module)(
            [name, *context.args], prog_name="veilgate", standalone_mode=False
        )
        if isinstance(status, int) and status:
            raise typer.Exit(status)


def _load(name: str, module: str) -> typer.core.TyperGroup:
    try:
        register = import_module(module).register
    except ModuleNotFoundError as error:
        typer.echo(f"error: `{name}` needs the module {error.name}, which is not here", err=True)
        typer.echo("next: install it with `pip install 'veilgate[gateway,demo]'`", err=True)
        raise typer.Exit(1) from error
    part = typer.Typer(add_completion=False, rich_markup_mode="rich")
    # A callback keeps the name of a lone command in the words to parse.
    part.callback()(_root)
    register(part)
    group = typer.main.get_command(part)
    if not isinstance(group, typer.core.TyperGroup):
        raise TypeError("a Typer app with a callback is a group")
    return group


for _command in _COMMANDS:
    _add(*_command)


def run() -> None:
    """Run the command line on this process's arguments."""
    app()


if __name__ == "__main__":
    run()
