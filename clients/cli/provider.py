"""The commands for those who provide data: ``provider check`` and ``provider index``.

``provider index`` is in `provider_index`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from clients.cli.output import (
    FAILED,
    JsonOption,
    UsageError,
    failures_reported,
    print_json,
    print_line,
    print_table,
)
from clients.cli.provider_index import index
from clients.provider.conformance import Checked, run_checks
from clients.provider.conformance_calls import Target
from clients.provider.models import Identifier, Reference, Subject
from clients.sdk.normal_form import normal_form
from clients.sdk.vocabulary import IdentifierType, word_of

REFERENCE = "REFERENCE"

AddressArgument = Annotated[str, typer.Argument(help="Host and port of the provider's server.")]
AuthorityOption = Annotated[Path, typer.Option("--ca", help="PEM: who signed the server's.")]
CertificateOption = Annotated[Path, typer.Option(help="PEM: with which the gateway will call.")]
KeyOption = Annotated[Path, typer.Option(help="PEM: the key of that certificate.")]
DatasetOption = Annotated[str, typer.Option(help="Such as credit.applicant.")]
KnownOption = Annotated[
    Path,
    typer.Option("--known-subject-file", help="Two subjects whose records differ, a line each."),
]
UnknownOption = Annotated[
    Path, typer.Option("--unknown-subject-file", help="A subject of whom there is no record.")
]
SubjectTypeOption = Annotated[
    str,
    typer.Option(
        "--subject-type", help="CN_RESIDENT_ID, US_SSN, or REFERENCE for 64 hex digits a line."
    ),
]
ServerNameOption = Annotated[
    str, typer.Option("--server-name", help="The name in the certificate, if not the host's.")
]
TimeoutOption = Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds, per call.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Check a provider's server; index its data.", no_args_is_help=True)
    group.command("check")(check)
    group.command("index")(index)
    app.add_typer(group, name="provider")


def check(
    address: AddressArgument,
    ca: AuthorityOption,
    certificate: CertificateOption,
    key: KeyOption,
    dataset: DatasetOption,
    known: KnownOption,
    unknown: UnknownOption,
    subject_type: SubjectTypeOption = IdentifierType.CN_RESIDENT_ID.value,
    server_name: ServerNameOption = "",
    timeout: TimeoutOption = 1.5,
    as_json: JsonOption = False,
) -> None:
    """Ask a provider's server as a gateway does, and as nobody should; status 1 if a check fails.

    The server is asked some 3,000 times. Values are compared, never shown.
    """
    with failures_reported(as_json):
        target = Target(
            address=address,
            ca=ca,
            certificate=certificate,
            key=key,
            dataset=dataset,
            known=tuple(_subjects(known, subject_type)),
            unknown=_first(_subjects(unknown, subject_type), unknown),
            server_name=server_name,
            timeout_s=timeout,
        )
        checked = list(run_checks(target))
    print_json([asdict(one) for one in checked]) if as_json else _print_checked(checked)
    if not all(one.passed for one in checked):
        raise typer.Exit(FAILED)


def _subjects(file: Path, kind: str) -> Iterator[Subject]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read", "Give a text file that you may read.") from error
    for line in filter(None, map(str.strip, lines)):
        if kind.upper() != REFERENCE:
            word = word_of(IdentifierType, kind)
            yield Identifier(word, normal_form(word, line))
            continue
        try:
            yield Reference(bytes.fromhex(line))
        except ValueError:
            raise UsageError(
                f"a line of {file} is no scoped reference", "Write 64 hexadecimal digits."
            ) from None


def _first(subjects: Iterator[Subject], file: Path) -> Subject:
    for one in subjects:
        return one
    raise UsageError(f"{file} names no subject", "Write one into it.")


def _print_checked(checked: Sequence[Checked]) -> None:
    rows = [
        ("\N{CHECK MARK}" if one.passed else "\N{BALLOT X}", one.name, one.seen, one.advice)
        for one in checked
    ]
    print_table(("", "check", "seen", "what to do"), rows)
    failed = sum(not one.passed for one in checked)
    if failed:
        print_line(f"{failed} of {len(checked)} checks failed.", "bold red")
    else:
        print_line(f"All {len(checked)} checks passed.", "bold green")
