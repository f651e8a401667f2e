"""The group ``veilgate pii``: personal data in free text, found and masked on this machine.

Owns the list of its commands. Refuses the network: nothing that is read leaves the machine.
"""

from __future__ import annotations

import typer

from clients.cli.local.pii.eval import evaluate
from clients.cli.local.pii.explain import explain
from clients.cli.local.pii.mask import mask
from clients.cli.local.pii.scan import scan


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="Find and mask personal data in free text, Chinese and English.", no_args_is_help=True
    )
    group.command("scan")(scan)
    group.command("mask")(mask)
    group.command("explain")(explain)
    group.command("eval")(evaluate)
    app.add_typer(group, name="pii")
