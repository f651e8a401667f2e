"""``aggregate judge``: who broke which rule, by the evidence that an agent or a keyholder kept.

Owns the options and the display. Refuses to learn anything but the pinned keys from a profile, and
to connect anywhere: a judge has files and keys, and nothing else.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from clients.agent.judge.file import read_evidence
from clients.agent.judge.judge import judge
from clients.agent.judge.rules import Keys
from clients.agent.judge.verdict import Verdict
from clients.cli.output import (
    FAILED,
    JsonOption,
    UsageError,
    failures_reported,
    note,
    print_json,
    print_line,
    print_table,
)
from clients.cli.profile import VARIABLE
from gateway.crypto.ed25519 import PublicKey
from gateway.crypto.errors import CryptoError
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.statement import Anchors

_PINS: Final = ("anchors", "trust_domain", "round_key", "log_verifier_key")
FilesArgument = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="Of folders `evidence`; judged together.")
]
AnyProfileOption = Annotated[
    Path | None,
    typer.Option(
        "--profile", envvar=VARIABLE, help="A keyholder's or an agent's: its pins are used."
    ),
]
AnchorsOption = Annotated[
    Path | None, typer.Option("--anchors", help="The members' authorities (PEM).")
]
DomainOption = Annotated[str, typer.Option("--trust-domain", help="Of their certificates.")]
RoundKeyOption = Annotated[str, typer.Option("--round-key", help="The gateway's, 64 hex digits.")]
LogKeyOption = Annotated[str, typer.Option("--log-key", help="The audit log's: name+hash+base64.")]


@dataclass(frozen=True)
class _Pins:
    anchors: Path | None
    trust_domain: str
    round_key: str
    log_verifier_key: str


def add_judge(group: typer.Typer) -> None:
    """Add the command."""
    group.command("judge")(judge_evidence)


def judge_evidence(
    files: FilesArgument,
    anchors: AnchorsOption = None,
    trust_domain: DomainOption = "",
    round_key: RoundKeyOption = "",
    log_key: LogKeyOption = "",
    profile: AnyProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say who broke which rule, or that the files prove nothing; ends with 0 or 1.

    Only what somebody signed counts, by keys that were got out of band: what a file says of itself
    is not believed, so nobody can be convicted by a file that somebody made up.
    """
    with failures_reported(as_json):
        given = _Pins(anchors, trust_domain, round_key, log_key)
        keys = _keys(_completed(given, profile))
        verdict = judge(keys, [read_evidence(one) for one in files])
        _show(verdict, as_json)
    if not verdict.findings:
        raise typer.Exit(FAILED)


def _show(verdict: Verdict, as_json: bool) -> None:
    found = [{**asdict(one), "text": one.text} for one in verdict.findings]
    if as_json:
        print_json({"findings": found, "remarks": list(verdict.remarks)})
        return
    if found:
        rows = [(one.who, one.rule, one.round, one.text) for one in verdict.findings]
        print_table(("who", "rule", "round", "what is proven"), rows)
    else:
        print_line("Nothing is proven.", "bold")
    for remark in verdict.remarks:
        note(f"{remark}.")


def _completed(given: _Pins, profile: Path | None) -> _Pins:
    """Return what is given, the rest of it from a profile."""
    said: dict[str, Any] = {} if profile is None else _read(profile)
    pinned = {name: said.get(name) or "" for name in _PINS}
    folder = Path() if profile is None else profile.parent
    anchors = given.anchors or (folder / pinned["anchors"] if pinned["anchors"] else None)
    return _Pins(
        anchors,
        given.trust_domain or pinned["trust_domain"] or "veilgate.example",
        given.round_key or pinned["round_key"],
        given.log_verifier_key or pinned["log_verifier_key"],
    )


def _keys(pins: _Pins) -> Keys:
    if pins.anchors is None or not pins.round_key:
        raise UsageError(
            "there is nothing to judge by",
            "Give --anchors and --round-key, or a --profile that has both.",
        )
    try:
        return Keys(
            Anchors(pins.anchors.read_bytes(), pins.trust_domain),
            PublicKey(bytes.fromhex(pins.round_key)),
            VerifierKey.parse(pins.log_verifier_key) if pins.log_verifier_key else None,
        )
    except (OSError, ValueError, CryptoError):
        raise UsageError(
            "anchors or keys cannot be used",
            "Anchors are a PEM file, the round key 64 hex digits, the log's name+hash+base64.",
        ) from None


def _read(profile: Path) -> dict[str, Any]:
    try:
        said = tomllib.loads(profile.read_text("utf-8"))
    except (OSError, ValueError):
        raise UsageError(f"the profile {profile} cannot be read", "Give a TOML file.") from None
    if not all(isinstance(said.get(name, ""), str) for name in _PINS):
        raise UsageError(f"the profile {profile} is none", "Its pins are texts.")
    return said
