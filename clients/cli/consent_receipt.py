"""``consent receipt`` and ``consent verify``: the subject's proof of what was agreed.

Refuses to print a receipt that does not verify with a key that was given out of band.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clients.cli.output import (
    JsonOption,
    UsageError,
    failures_reported,
    print_json,
    print_line,
    print_pairs,
    print_table,
)
from clients.cli.profile import ProfileOption, TimeoutOption, load_profile, open_client
from clients.sdk.client import DEFAULT_TIMEOUT, VeilgateClient
from clients.sdk.consents.receipt import Receipt, verify_receipt
from clients.sdk.identity.profile import ClientProfile

IdArgument = Annotated[str, typer.Argument(metavar="CONSENT_ID", help="The consent's UUID.")]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="As `receipt --out` wrote it.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="A new file for the signed receipt (DSSE, JSON).")
]
KeyOption = Annotated[
    str,
    typer.Option("--key", help="The gateway's receipt key, 64 hex digits; else the profile's."),
]
LogOption = Annotated[
    bool, typer.Option("--in-log", help="Also prove each event at the gateway of the profile.")
]


def add_receipts(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("receipt")(receipt)
    group.command("verify")(verify)


def receipt(
    consent_id: IdArgument,
    out: OutOption = None,
    key: KeyOption = "",
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Get a consent's receipt, verify it, and show it or write it to a file for the subject."""
    with failures_reported(as_json):
        loaded = load_profile(profile)
        with VeilgateClient(loaded) as client:
            envelope = client.get_consent_receipt(consent_id, timeout=timeout)
        found = verify_receipt(envelope, _key(key, loaded))
        if out is not None:
            _write(out, envelope.to_json() + b"\n")
        _print(found, as_json)
        if out is not None and not as_json:
            print_line(f"The signed receipt is in {out}.")


def verify(
    file: FileArgument,
    key: KeyOption = "",
    in_log: LogOption = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Verify a receipt from a file; with --in-log, its events in the audit log too."""
    with failures_reported(as_json):
        loaded = None if key and not in_log else load_profile(profile)
        found = verify_receipt(_read(file), _key(key, loaded))
        if in_log:
            _prove(found, profile, timeout)
        _print(found, as_json)
        if not as_json:
            proven = ", and each of its events is in the log" if in_log else ""
            print_line(f"The receipt verifies{proven}.", style="green")


def _prove(found: Receipt, profile: Path | None, timeout: float) -> None:
    log_key = load_profile(profile).log_verifier_key
    if log_key is None:
        raise UsageError(
            "the profile names no `log_verifier_key`", "Add the one that the operator gave you."
        )
    with open_client(profile) as client:
        for event in found.events:
            proof = client.inclusion_proof(event.log_index, timeout=timeout)
            found.verify_event(event, proof, log_key)


def _key(key: str, profile: ClientProfile | None) -> str:
    known = key or (profile.receipt_key if profile else None)
    if not known:
        raise UsageError(
            "no receipt key is named", "Give --key, or `receipt_key` in the profile: 64 hex digits."
        )
    return known


def _print(found: Receipt, as_json: bool) -> None:
    if as_json:
        print_json(found.document)
        return
    print_pairs(
        (
            ("consent", found.consent_id),
            ("state", f"{found.state} at {found.issued_at}"),
            ("recipient", found.controller),
            ("collector", found.collector),
            ("purposes", ", ".join(found.purposes)),
            ("datasets", ", ".join(found.datasets)),
            ("log", found.log_origin),
        )
    )
    rows = [(one.time, one.state, one.institution, one.log_index) for one in found.events]
    print_table(("time", "state", "by", "log index"), rows)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes().strip()
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}", "Give a file that you may read."
        ) from error


def _write(file: Path, content: bytes) -> None:
    try:
        with file.open("xb") as out:
            out.write(content)
    except OSError as error:
        raise UsageError(
            f"{file} cannot be written: {error.strerror}", "Name a new file in a folder of yours."
        ) from error
