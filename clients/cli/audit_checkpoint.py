"""``audit checkpoint``: the log's latest checkpoint, or the latest that witnesses vouch for.

Owns what is checked before it is shown: the log's signature, and the cosignatures where witnesses
are named. Refuses to show a checkpoint without a key to check it by.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clients.cli.audit_verify import KeyOption
from clients.cli.output import (
    JsonOption,
    UsageError,
    failures_reported,
    note,
    print_json,
    print_line,
)
from clients.cli.profile import ProfileOption, TimeoutOption, load_profile
from clients.cli.witness_options import (
    PolicyFileOption,
    RequireOption,
    WitnessOption,
    read_witnesses,
)
from clients.sdk.client import DEFAULT_TIMEOUT, VeilgateClient
from clients.sdk.logs.durable_file import write_durably
from clients.sdk.logs.verification import opened
from clients.sdk.models.common import SignedCheckpoint
from clients.sdk.witnesses.policy import verify_witnessed
from gateway.crypto.checkpoint import Checkpoint
from gateway.crypto.note_key import VerifierKey

WitnessedOption = Annotated[
    bool,
    typer.Option("--witnessed", help="The latest that the gateway's witness policy counts."),
]


def add_checkpoint(group: typer.Typer) -> None:
    """Add the command."""
    group.command("checkpoint")(checkpoint)


def checkpoint(
    witnessed: WitnessedOption = False,
    key: KeyOption = "",
    witness: WitnessOption = None,
    require: RequireOption = None,
    witness_policy: PolicyFileOption = None,
    out: Annotated[Path | None, typer.Option(help="Keep the note in this file, too.")] = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the log's checkpoint (a C2SP signed note), its signatures checked."""
    with failures_reported(as_json):
        own = load_profile(profile)
        vkey = key or own.log_verifier_key
        if not vkey:
            raise UsageError(
                "no verifier key is named", "Give --key, or `log_verifier_key` in the profile."
            )
        policy = read_witnesses(witness, require, witness_policy)
        with VeilgateClient(own) as client:
            signed = client.checkpoint(timeout, witnessed=witnessed)
        found = opened(signed.note, VerifierKey.parse(vkey))
        if policy is not None:
            verify_witnessed(signed.note, vkey, policy)
        if out is not None:
            write_durably(out, signed.note)
        _print(signed, found, policy is not None, as_json)


def _print(signed: SignedCheckpoint, found: Checkpoint, verified: bool, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "origin": found.origin,
                "size": found.size,
                "root": found.root.hex(),
                "cosignatures": signed.cosignatures,
                "required": signed.required,
                "verified_witnesses": verified,
                "checkpoint": signed.note.decode(),
            }
        )
        return
    for line in signed.note.decode().splitlines():
        print_line(line)
    note(_said(signed.cosignatures, signed.required))


def _said(cosignatures: int, required: int) -> str:
    if not required:
        return "This gateway has no witness policy."
    counted = f"{cosignatures} witnesses cosigned it, and its policy asks for {required}"
    return f"By the gateway's word {counted}."
