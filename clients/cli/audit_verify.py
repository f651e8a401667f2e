"""``audit verify``: an exported log against the log's key, offline.

Owns reading the export's files and keeping the checkpoint for the next time. Refuses to trust the
folder: it is read as if an adversary had written it, and only a checkpoint that was verified is
kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clients.cli.output import (
    FAILED,
    JsonOption,
    UsageError,
    failures_reported,
    note,
    print_json,
    print_line,
    progress_bar,
)
from clients.cli.profile import ProfileOption, load_profile
from clients.cli.witness_options import (
    PolicyFileOption,
    RequireOption,
    WitnessOption,
    read_witnesses,
)
from clients.sdk.failure import SdkError
from clients.sdk.logs.export import CHECKPOINT
from clients.sdk.logs.verification import VerificationError
from clients.sdk.witnesses.policy import verify_witnessed
from gateway.crypto.log_verifier import LogMismatch, VerifiedLog, verify_log
from gateway.crypto.tiles import MAX_ENTRY_SIZE, TILE_WIDTH
from gateway.crypto.witness_policy import WitnessPolicy

MAX_FILE_SIZE = TILE_WIDTH * (MAX_ENTRY_SIZE + 2)
"""Bytes of an entry bundle at its largest; nothing in an export is larger."""

FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="What `audit export` wrote.")]
KeyOption = Annotated[
    str,
    typer.Option(
        "--key",
        metavar="VKEY",
        help="The log's verifier key, got out of band; `log_verifier_key` of the profile if left "
        "out.",
    ),
]
SinceOption = Annotated[
    Path | None,
    typer.Option(help="A checkpoint file kept before: the log must extend it."),
]
SaveOption = Annotated[
    bool,
    typer.Option(
        "--save-checkpoint",
        help="Keep the verified checkpoint for the next --since: in that file, or in "
        "DIR.checkpoint where none is given.",
    ),
]


def add_verify(group: typer.Typer) -> None:
    """Add the command."""
    group.command("verify")(verify)


def verify(
    folder: FolderArgument,
    key: KeyOption = "",
    since: SinceOption = None,
    save_checkpoint: SaveOption = False,
    witness: WitnessOption = None,
    require: RequireOption = None,
    witness_policy: PolicyFileOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check every entry of an export against its signed checkpoint; asks no gateway.

    With witnesses named, a checkpoint counts only with enough of their cosignatures on it.
    """
    with failures_reported(as_json):
        vkey = key or load_profile(profile).log_verifier_key
        if not vkey:
            raise UsageError(
                "no verifier key is named", "Give --key, or `log_verifier_key` in the profile."
            )
        policy = read_witnesses(witness, require, witness_policy)
        checkpoint = _read_checkpoint(folder / CHECKPOINT)
        try:
            if policy is not None:
                _require_witnessed(checkpoint, vkey, policy)
            log = _verify(folder, checkpoint, vkey, since, as_json)
        except LogMismatch as mismatch:
            _report(mismatch, as_json)
            raise typer.Exit(FAILED) from mismatch
        kept = _keep(checkpoint, since or _beside(folder)) if save_checkpoint else None
        _print_verified(log, kept, as_json)


def _verify(
    folder: Path, checkpoint: bytes, vkey: str, since: Path | None, as_json: bool
) -> VerifiedLog:
    previous = _read_checkpoint(since) if since else None
    with progress_bar("entries", as_json) as bar:
        task = bar.add_task("verify", total=None)
        return verify_log(
            checkpoint,
            vkey,
            lambda path: _read_file(folder / path),
            previous,
            lambda done, size: bar.update(task, completed=done, total=size),
        )


def _require_witnessed(checkpoint: bytes, vkey: str, policy: WitnessPolicy) -> None:
    try:
        verify_witnessed(checkpoint, vkey, policy)
    except VerificationError as error:
        raise LogMismatch(None, CHECKPOINT, str(error)) from error


def _read_file(path: Path) -> bytes:
    # A folder or a pipe in a file's place counts as a missing file; a pipe would never end.
    if not path.is_file():
        raise FileNotFoundError(path)
    try:
        with path.open("rb") as file:
            # One byte more than there can be, so that an overlong file is still seen as wrong.
            return file.read(MAX_FILE_SIZE + 1)
    except OSError as error:
        raise SdkError(
            f"{path} cannot be read: {error.strerror}", "Check its owner and its permissions."
        ) from error


def _read_checkpoint(path: Path) -> bytes:
    try:
        return _read_file(path)
    except FileNotFoundError as error:
        raise SdkError(
            f"{path} is not a file", "Give a folder that `veilgate audit export` wrote."
        ) from error


def _beside(folder: Path) -> Path:
    whole = folder.resolve()
    return whole.with_name(f"{whole.name}.checkpoint")


def _keep(checkpoint: bytes, path: Path) -> Path:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(checkpoint)
        part.replace(path)
    except OSError as error:
        raise SdkError(
            f"the log is verified, but {path} cannot be written: {error.strerror}",
            "Keep the checkpoint yourself: copy it from the export.",
        ) from error
    return path


def _report(mismatch: LogMismatch, as_json: bool) -> None:
    note(f"error: the log does not verify: {mismatch}")
    note("next: Keep the export as evidence, and ask the log's operator; export anew to compare.")
    if as_json:
        entries = mismatch.entries
        among = None if entries is None else [entries.start, max(entries.start, entries.stop - 1)]
        print_json(
            {
                "ok": False,
                "size": None,
                "root": None,
                "first_bad_entry": mismatch.first_bad_entry,
                "among_entries": among,
                "path": mismatch.path,
                "what": mismatch.what,
            }
        )


def _print_verified(log: VerifiedLog, kept: Path | None, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "ok": True,
                "size": log.size,
                "root": log.root.hex(),
                "first_bad_entry": None,
                "origin": log.origin,
                "consistent_from": log.consistent_from,
                "saved_checkpoint": str(kept) if kept else None,
            }
        )
        return
    print_line(f"OK: all {log.size} entries of {log.origin} are under the signed root.", "green")
    print_line(f"root {log.root.hex()}")
    if log.consistent_from is not None:
        print_line(f"It extends the {log.consistent_from} entries of the older checkpoint.")
    elif kept is None:
        print_line("No older checkpoint was given: keep this one with --save-checkpoint.")
    if kept:
        print_line(f"The checkpoint is kept in {kept}: next time give it as --since.")
