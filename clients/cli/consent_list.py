"""``consent list``: this institution's consents, the latest first, without their subjects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated

import typer

from clients.cli.output import (
    JsonOption,
    UsageError,
    failures_reported,
    note,
    print_json,
    print_line,
    print_table,
)
from clients.cli.profile import ProfileOption, TimeoutOption, open_client
from clients.cli.subject import (
    SubjectFileOption,
    SubjectOption,
    SubjectTypeOption,
    read_subject,
)
from clients.sdk.client import DEFAULT_TIMEOUT
from clients.sdk.codecs.consents import MAX_PAGE_SIZE
from clients.sdk.models.consents import ConsentSummary

StateOption = Annotated[str, typer.Option("--state", help="active, paused, revoked or expired.")]
DatasetOption = Annotated[str, typer.Option("--dataset", help="Only for this dataset.")]
PurposeOption = Annotated[str, typer.Option("--purpose", help="Only for this purpose.")]
ControllerOption = Annotated[str, typer.Option("--controller", help="Only with this recipient.")]
CollectorOption = Annotated[str, typer.Option("--collector", help="Only with this collector.")]
EndsOption = Annotated[
    str, typer.Option("--ends-before", metavar="DATE", help="Only those that end before it.")
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, help="Consents at most.")]


def add_list(group: typer.Typer) -> None:
    """Add the command."""
    group.command("list")(list_)


def list_(
    state: StateOption = "",
    dataset: DatasetOption = "",
    purpose: PurposeOption = "",
    controller: ControllerOption = "",
    collector: CollectorOption = "",
    ends_before: EndsOption = "",
    subject_type: SubjectTypeOption = "",
    subject_file: SubjectFileOption = None,
    subject: SubjectOption = "",
    limit: LimitOption = 100,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the consents that this institution collected or controls, the latest first."""
    with failures_reported(as_json):
        who = None
        if subject or subject_type or subject_file:
            who = read_subject(subject, subject_type, subject_file)
        with open_client(profile) as client:
            listing = client.list_consents(
                state=state,
                dataset=dataset,
                purpose=purpose,
                controller=controller,
                collector=collector,
                subject=who,
                valid_until_before=_moment(ends_before),
                page_size=min(limit + 1, MAX_PAGE_SIZE),
                timeout=timeout,
            )
            found = list(islice(listing, limit + 1))
        _print(found[:limit], len(found) > limit, as_json)


def _print(consents: Sequence[ConsentSummary], more: bool, as_json: bool) -> None:
    if as_json:
        print_json({"consents": [asdict(one) for one in consents], "more": more})
        return
    if not consents:
        print_line("There is no such consent.")
        return
    columns = ("consent", "state", "recipient", "collector", "purposes", "until", "uses")
    print_table(columns, [_row(one) for one in consents])
    if more:
        note("There are more: give a higher --limit.")


def _row(one: ConsentSummary) -> tuple[object, ...]:
    uses = str(one.uses) if one.uses_limit is None else f"{one.uses} of {one.uses_limit}"
    until, purposes = f"{one.valid_until:%Y-%m-%d}", ", ".join(one.purposes)
    return (one.consent_id, one.state, one.controller, one.collector, purposes, until, uses)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            "--ends-before is not a date", "Write it like 2026-12-31 or 2026-12-31T08:00:00Z."
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
