"""Whom a command asks about, read so that the identifier stays out of the shell's history.

Owns the three ways to name a subject. Refuses to mix them, and to repeat the identifier in any
message.
"""

from __future__ import annotations

import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer

from clients.cli.output import UsageError
from clients.sdk.consents.draft import MAX_SUBJECT_LENGTH, Subject
from clients.sdk.vocabulary import IdentifierType, word_of

SubjectTypeOption = Annotated[
    str,
    typer.Option(
        "--subject-type",
        metavar="TYPE",
        help="CN_RESIDENT_ID or US_SSN; the value is read from --subject-file, else from standard "
        "input (asked for, hidden, at a terminal).",
    ),
]
SubjectFileOption = Annotated[
    Path | None,
    typer.Option("--subject-file", help="A file whose first line is the subject's value."),
]
SubjectOption = Annotated[
    str,
    typer.Option(
        "--subject",
        metavar="TYPE:VALUE",
        help="Type and value in one word. RISK: the personal value stays in the shell's history "
        "and shows in the list of processes; prefer --subject-type.",
    ),
]


_WAYS = "The value comes from standard input, from --subject-file, or from --subject TYPE:VALUE."


def read_subject(subject: str, subject_type: str, subject_file: Path | None) -> Subject:
    """The subject that the options name.

    Raises:
        UsageError: the options name none, or two; or the value cannot be an identifier.
    """
    if subject and (subject_type or subject_file):
        raise UsageError("--subject names a subject by itself", "Leave out the other options.")
    if not subject and not subject_type:
        raise UsageError("no subject is named", f"Give --subject-type TYPE. {_WAYS}")
    kind, _, value = subject.partition(":") if subject else (subject_type, "", "")
    word = word_of(IdentifierType, kind)
    if not subject:
        value = _read_value(subject_file)
    if not value:
        raise UsageError("the subject's value is missing", _WAYS)
    try:
        return Subject(word, value)
    except ValueError as error:
        raise UsageError(str(error), "Give the identifier alone, in one line.") from None


def _read_value(file: Path | None) -> str:
    if file is None:
        return _read_standard_input()
    try:
        with file.open(encoding="utf-8") as lines:
            return lines.readline(MAX_SUBJECT_LENGTH + 2).strip()
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}", "Give a file that you may read."
        ) from error


def _read_standard_input() -> str:
    if sys.stdin.isatty():
        return getpass("subject's value (hidden): ").strip()
    return sys.stdin.readline(MAX_SUBJECT_LENGTH + 2).strip()
