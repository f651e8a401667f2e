"""Options that name the witnesses to count: keys and a number, or a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clients.cli.output import UsageError
from clients.sdk.witnesses.policy import load_witness_policy, witness_policy
from gateway.crypto.witness_policy import WitnessPolicy

WitnessOption = Annotated[
    list[str] | None,
    typer.Option("--witness", metavar="VKEY", help="A witness's verifier key; repeat it."),
]
RequireOption = Annotated[
    int | None,
    typer.Option("--require", min=1, help="How many of them must have cosigned; all if left out."),
]
PolicyFileOption = Annotated[
    Path | None,
    typer.Option(
        "--witness-policy", help="A TOML file with `required` and `witnesses`, instead of both."
    ),
]


def read_witnesses(
    witnesses: list[str] | None, require: int | None, file: Path | None
) -> WitnessPolicy | None:
    """The policy that the options name; None where they name none.

    Raises:
        UsageError: they contradict each other.
        SdkError: they make no policy.
    """
    if file is not None:
        if witnesses or require:
            raise UsageError("--witness-policy names witnesses by itself", "Leave out the others.")
        return load_witness_policy(file)
    if not witnesses:
        if require:
            raise UsageError(
                "--require needs witnesses", "Give --witness VKEY, as often as needed."
            )
        return None
    return witness_policy(witnesses, len(witnesses) if require is None else require)
