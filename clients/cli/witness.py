"""The commands of a witness: ``witness keygen``, ``witness run`` and ``witness evidence``.

Owns how a step and a stop are told: status 3 where the log did not go on from what it signed.
Refuses to end because a gateway is away: the next look comes after the interval.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from clients.cli.output import (
    JsonOption,
    UsageError,
    failure_document,
    failures_reported,
    note,
    print_failure,
    print_json,
    print_json_line,
    print_line,
    print_pairs,
)
from clients.cli.profile import ProfileOption, load_profile
from clients.sdk.client import VeilgateClient
from clients.sdk.errors import VeilgateError
from clients.sdk.identity.profile import ClientProfile
from clients.sdk.witnesses.evidence import MEANINGS, read_evidence
from clients.sdk.witnesses.key import read_witness_key, write_witness_key
from clients.sdk.witnesses.state import WitnessState
from clients.sdk.witnesses.witness import Witness, Witnessed, WitnessStopped
from gateway.crypto.cosignature import Cosigner
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.note_key import VerifierKey

STOPPED: Final = 3
"""The exit status where a witness stops for good."""

LogKeyOption = Annotated[
    str,
    typer.Option(
        "--log-key",
        metavar="VKEY",
        help="The log's verifier key, got out of band; `log_verifier_key` of the profile if left "
        "out.",
    ),
]
KeyFileOption = Annotated[Path, typer.Option("--key", help="What `witness keygen` wrote.")]
StateOption = Annotated[
    Path,
    typer.Option("--state", help="A folder of this witness and this log alone; never lose it."),
]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Cosign a gateway's checkpoints.", no_args_is_help=True)
    group.command("keygen")(keygen)
    group.command("run")(run)
    group.command("evidence")(evidence)
    app.add_typer(group, name="witness")


def keygen(
    name: Annotated[str, typer.Option(help="The witness's name, such as witness.example/a.")],
    out: Annotated[Path, typer.Option(help="A new file for the key.")],
    as_json: JsonOption = False,
) -> None:
    """Make a witness's key; print what others verify it by."""
    with failures_reported(as_json):
        cosigner = Cosigner(name, SigningKey.generate())
        write_witness_key(out, cosigner)
        vkey = cosigner.verifier_key.encode()
        if as_json:
            print_json({"ok": True, "key": str(out), "verifier_key": vkey})
            return
        print_line(vkey)
        note(f"The key is in {out}. Give the line above to the gateway's operator, who adds it to")
        note("policies/witnesses.yaml, and to whoever counts this witness.")


def run(
    key: KeyFileOption,
    state: StateOption,
    interval: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")] = 10.0,
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,
    log_key: LogKeyOption = "",
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check that the log only grew, and cosign its checkpoints, until interrupted.

    Ends with status 3, for good, where the log does not go on from what it signed.
    """
    with failures_reported(as_json), _stops_reported(as_json):
        own = load_profile(profile)
        vkey = _log_key(log_key, own)
        cosigner = read_witness_key(key)
        with VeilgateClient(own) as client, WitnessState(state) as held:
            witness = Witness(client, vkey, cosigner, held)
            if once:
                _tell(witness.check_and_cosign(), as_json)
                return
            with _told_to_stop() as stop:
                _watch(witness, interval, as_json, stop)


def evidence(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Below `evidence` of a state.")],
    log_key: LogKeyOption = "",
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a witness's evidence shows; asks nobody."""
    with failures_reported(as_json):
        vkey = _log_key(log_key, None if log_key else load_profile(profile))
        refusal, previous, offered = read_evidence(folder).judged(vkey)
        if as_json:
            sizes = {"previous_size": previous.size, "offered_size": offered.size}
            roots = {"previous_root": previous.root.hex(), "offered_root": offered.root.hex()}
            print_json({"refusal": refusal.name, "origin": offered.origin, **sizes, **roots})
            return
        print_line(f"{refusal.name}: {MEANINGS[refusal]}", "bold red")
        print_pairs(
            [
                ("log", offered.origin),
                ("before", f"{previous.size} entries, root {previous.root.hex()}"),
                ("then", f"{offered.size} entries, root {offered.root.hex()}"),
            ]
        )


def _log_key(given: str, profile: ClientProfile | None) -> VerifierKey:
    text = given or (profile.log_verifier_key if profile else "")
    if not text:
        raise UsageError(
            "no key of the log is named", "Give --log-key, or `log_verifier_key` in the profile."
        )
    return VerifierKey.parse(text)


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Give an event that SIGINT and SIGTERM set, so that a step is never cut off half-way.

    An exception out of a handler can get lost in a library's callback, and the stop with it.
    """
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch(witness: Witness, interval: float, as_json: bool, stop: threading.Event) -> None:
    told = ""
    while not stop.is_set():
        try:
            seen = witness.check_and_cosign()
        except VeilgateError as error:
            # Away, or not ready for this witness yet: told once, and looked at again.
            if str(error) != told:
                print_json_line(failure_document(error)) if as_json else print_failure(error)
            told = str(error)
        else:
            if as_json or seen.cosigned:
                _tell(seen, as_json)
            told = ""
        stop.wait(interval)


def _tell(seen: Witnessed, as_json: bool) -> None:
    if as_json:
        print_json_line(
            {
                "ok": True,
                "origin": seen.checkpoint.origin,
                "size": seen.checkpoint.size,
                "root": seen.checkpoint.root.hex(),
                "previous_size": seen.previous_size,
                "cosigned": seen.cosigned,
                "cosignatures": seen.cosignatures,
                "required": seen.required,
            }
        )
        return
    since = "first seen" if seen.previous_size is None else f"since {seen.previous_size}"
    done = "cosigned" if seen.cosigned else "cosigned before"
    at = datetime.now().astimezone().strftime("%H:%M:%S")
    counted = f"{seen.cosignatures} of {seen.required} witnesses"
    print_line(f"{at}  {seen.checkpoint.size} entries ({since}), {done}; {counted}")


@contextmanager
def _stops_reported(as_json: bool) -> Iterator[None]:
    """Say why a witness stopped, to whom to show it, and end with the status of that."""
    try:
        yield
    except WitnessStopped as stopped:
        print_failure(stopped)
        if as_json:
            refusal = stopped.refusal.name if stopped.refusal else "STOPPED_BEFORE"
            shown = {"refusal": refusal, "evidence": stopped.evidence}
            print_json_line({**failure_document(stopped), **shown})
        raise typer.Exit(STOPPED) from stopped
