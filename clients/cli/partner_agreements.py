"""``partner agreement``: add, end and list agreements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import file_digest
from pathlib import Path
from typing import Annotated
from uuid import uuid4

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
from clients.cli.profile import ProfileOption, TimeoutOption, open_client
from clients.sdk.client import DEFAULT_TIMEOUT
from clients.sdk.models.directory import Agreement

DatasetsOption = Annotated[list[str], typer.Option("--dataset", help="Repeat it for more.")]
PurposesOption = Annotated[
    list[str], typer.Option("--purpose", help="With everything below it; repeat it for more.")
]
EvidenceOption = Annotated[
    Path, typer.Option(help="The signed contract; only its SHA-256 is sent.")
]
FromOption = Annotated[
    datetime | None, typer.Option("--from", help="UTC; from now on if left out.")
]
DaysOption = Annotated[int, typer.Option("--days", min=1, max=3650, help="How long it holds.")]
IdOption = Annotated[str, typer.Option("--id", help="A UUID; a new one if left out.")]


def add_agreements(group: typer.Typer) -> None:
    """Add the commands."""
    agreements = typer.Typer(help="Add, end and list agreements.", no_args_is_help=True)
    agreements.command("add")(add)
    agreements.command("end")(end)
    agreements.command("list")(list_)
    group.add_typer(agreements, name="agreement")


def add(
    institution: Annotated[str, typer.Argument(metavar="INSTITUTION", help="The recipient.")],
    datasets: DatasetsOption,
    purposes: PurposesOption,
    evidence: EvidenceOption,
    days: DaysOption = 365,
    start: FromOption = None,
    agreement_id: IdOption = "",
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that an institution may receive these datasets for these purposes. For operators."""
    with failures_reported(as_json):
        begin = (start or datetime.now(UTC)).replace(tzinfo=UTC, microsecond=0)
        agreement = Agreement(
            agreement_id or str(uuid4()),
            institution,
            tuple(datasets),
            tuple(purposes),
            begin,
            begin + timedelta(days=days),
            _digest(evidence),
        )
        with open_client(profile) as client:
            receipt = client.add_agreement(agreement, timeout=timeout)
        if as_json:
            print_json(
                {
                    "agreement_id": agreement.agreement_id,
                    "event_id": receipt.event_id,
                    "log_index": receipt.log_index,
                }
            )
            return
        print_line(f"Agreement {agreement.agreement_id} is recorded.")
        print_pairs((("event", f"{receipt.event_id} at log index {receipt.log_index}"),))


def end(
    agreement_id: Annotated[str, typer.Argument(metavar="AGREEMENT_ID", help="Its UUID.")],
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """End an agreement now: once this returns, nothing is released under it. For operators."""
    with failures_reported(as_json):
        with open_client(profile) as client:
            receipt = client.end_agreement(agreement_id, timeout=timeout)
        if as_json:
            print_json(receipt)
            return
        print_line(f"Agreement {agreement_id} has ended.")
        print_pairs((("event", f"{receipt.event_id} at log index {receipt.log_index}"),))


def list_(
    institution: Annotated[str, typer.Option(help="Only its own.")] = "",
    dataset: Annotated[str, typer.Option(help="Only those that name it.")] = "",
    purpose: Annotated[str, typer.Option(help="Only those that name it.")] = "",
    in_force: Annotated[bool, typer.Option("--in-force", help="Only those that hold now.")] = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """List agreements: one's own, or all for operators and auditors."""
    with failures_reported(as_json):
        with open_client(profile) as client:
            found = list(
                client.list_agreements(
                    institution=institution,
                    dataset=dataset,
                    purpose=purpose,
                    in_force_only=in_force,
                    timeout=timeout,
                )
            )
        if as_json:
            print_json(found)
            return
        columns = ("agreement", "institution", "datasets", "purposes", "from", "until", "ended")
        print_table(columns, [_row(one) for one in found])


def _row(one: Agreement) -> tuple[str, ...]:
    return (
        one.agreement_id,
        one.institution,
        ", ".join(one.datasets),
        ", ".join(one.purposes),
        f"{one.valid_from:%Y-%m-%d}",
        f"{one.valid_until:%Y-%m-%d}",
        "" if one.ended_at is None else f"{one.ended_at:%Y-%m-%d}",
    )


def _digest(evidence: Path) -> str:
    try:
        with evidence.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(
            f"{evidence} cannot be read: {error.strerror}", "Name the file of the signed contract."
        ) from error
