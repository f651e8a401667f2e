"""``consent import``: grants of many consents from JSON lines.

Owns the command: all lines are checked before the first one is sent, and refused ones go to a
report. Refuses to write anything of a subject into the report or onto the terminal.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Final, TextIO

import typer

from clients.cli.consent_lines import Importer, LineRefused, open_lines
from clients.cli.consent_sending import Ending, send_all
from clients.cli.output import (
    FAILED,
    JsonOption,
    UsageError,
    failures_reported,
    print_json,
    print_pairs,
    progress_bar,
)
from clients.cli.profile import ProfileOption, TimeoutOption, load_profile
from clients.sdk.client import DEFAULT_TIMEOUT, VeilgateClient
from clients.sdk.consents.signing import load_signing_key
from clients.sdk.identity.profile import ClientProfile

IN_FLIGHT: Final = 32
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="One grant a line, as JSON.")]
ReportOption = Annotated[
    Path | None,
    typer.Option("--report", help="For refused lines; FILE.refused.jsonl if left out."),
]
SkipOption = Annotated[
    bool, typer.Option("--skip-malformed", help="Grant the other lines if some are malformed.")
]


@dataclass(frozen=True, slots=True)
class Counts:
    """How the lines ended. ``already``: granted before, by this or an earlier run."""

    lines: int = 0
    granted: int = 0
    already: int = 0
    refused: int = 0
    not_sent: int = 0

    @property
    def ended(self) -> int:
        """Lines of which is known how they ended."""
        return self.granted + self.already + self.refused + self.not_sent

    def plus(self, ending: Ending) -> Counts:
        """Count one line more."""
        return replace(self, **{ending.value: getattr(self, ending.value) + 1})


def add_import(group: typer.Typer) -> None:
    """Add the command."""
    group.command("import")(import_)


def import_(
    file: FileArgument,
    report: ReportOption = None,
    skip_malformed: SkipOption = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign and grant many consents; a second run grants only what is missing. Status 1: refused."""
    with failures_reported(as_json):
        loaded = load_profile(profile)
        importer = Importer(loaded.institution, *load_signing_key(loaded))
        target = report or file.with_name(f"{file.name}.refused.jsonl")
        began = time.monotonic()
        with _open_report(target) as refusals:
            lines, malformed = _check(file, importer, refusals)
            counts = Counts(lines=lines, refused=malformed)
            if malformed and not skip_malformed:
                counts = replace(counts, not_sent=lines - malformed)
            else:
                counts = _send(file, loaded, importer, counts, refusals, timeout, as_json)
        _print(counts, time.monotonic() - began, target, as_json)
    if counts.refused or counts.not_sent:
        raise typer.Exit(FAILED)


def _check(file: Path, importer: Importer, refusals: TextIO) -> tuple[int, int]:
    """Return how many lines there are and how many are malformed; those are reported."""
    total = malformed = 0
    with open_lines(file) as lines:
        for number, raw in lines:
            total += 1
            try:
                importer.draft(raw)
            except LineRefused as refused:
                malformed += 1
                _report(refusals, number, refused.reason, str(refused))
    return total, malformed


def _send(
    file: Path,
    profile: ClientProfile,
    importer: Importer,
    counts: Counts,
    refusals: TextIO,
    timeout: float,
    as_json: bool,
) -> Counts:
    bar = progress_bar("consents", as_json)
    with VeilgateClient(profile) as client, open_lines(file) as lines, bar:
        task = bar.add_task("", total=counts.lines - counts.refused)
        for one in send_all(client, importer, lines, IN_FLIGHT, timeout):
            if one.malformed:
                continue
            bar.advance(task)
            counts = counts.plus(one.ending)
            if one.ending in (Ending.REFUSED, Ending.NOT_SENT):
                _report(refusals, one.line, one.reason, one.text)
    if counts.ended != counts.lines:
        raise UsageError(f"{file} was changed while it was read", "Run the import again.")
    return counts


def _report(refusals: TextIO, line: int, reason: str, text: str) -> None:
    refusals.write(json.dumps({"line": line, "reason": reason, "text": text}) + "\n")


def _open_report(path: Path) -> TextIO:
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", "Name another file with --report."
        ) from error
    return os.fdopen(number, "w", encoding="utf-8")


def _print(counts: Counts, seconds: float, report: Path, as_json: bool) -> None:
    sent = counts.granted + counts.already
    rate = round(sent / seconds, 1) if seconds else 0.0
    if as_json:
        measured = {"seconds": round(seconds, 3), "per_second": rate}
        print_json({**asdict(counts), **measured, "report": str(report)})
        return
    pairs = [(name.replace("_", " "), value) for name, value in asdict(counts).items()]
    done = ("rate", f"{rate:g} a second") if sent else ("", "")
    named = ("report", report if counts.refused or counts.not_sent else "")
    print_pairs([*pairs, done, named])
