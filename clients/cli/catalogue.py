"""The catalogue's commands: what may be asked, and what would be got."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from clients.cli.catalogue_view import print_description, print_offer
from clients.cli.output import JsonOption, failures_reported, print_json, print_line, print_table
from clients.cli.profile import ProfileOption, TimeoutOption, open_client
from clients.sdk.client import DEFAULT_TIMEOUT
from clients.sdk.models.catalogue import DatasetSummary

DatasetArgument = Annotated[str, typer.Argument(help="Such as credit.applicant.")]
ProviderOption = Annotated[str, typer.Option("--provider", help="Only this provider's datasets.")]
ListPurposeOption = Annotated[
    str, typer.Option("--purpose", help="Only what a rule lets you have for this purpose.")
]
ShowPurposeOption = Annotated[
    str, typer.Option("--purpose", help="Show what this purpose gives, field by field.")
]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="See what may be asked, and what it gives.")
    group.command("list")(list_datasets)
    group.command("show")(show)
    app.add_typer(group, name="catalogue")


def list_datasets(
    provider: ProviderOption = "",
    purpose: ListPurposeOption = "",
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """List datasets, each with the purposes for which you may have it, given a consent."""
    with failures_reported(as_json):
        with open_client(profile) as client:
            found = list(client.list_datasets(provider, purpose, timeout=timeout))
        print_json(found) if as_json else _print_list(found)


def show(
    dataset: DatasetArgument,
    purpose: ShowPurposeOption = "",
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a dataset: its fields, and what each purpose, or this one, gives you. Counts nothing."""
    with failures_reported(as_json):
        with open_client(profile) as client:
            found = client.describe_dataset(dataset, purpose, timeout=timeout)
        if as_json:
            print_json(found)
        elif purpose:
            for offer in found.offers:
                print_offer(offer)
        else:
            print_description(found)


def _print_list(found: Sequence[DatasetSummary]) -> None:
    rows = [
        (one.dataset, one.provider, ", ".join(one.purposes), one.title_en, one.title_zh)
        for one in found
    ]
    print_table(("dataset", "provider", "offered for", "title", "标题"), rows)
    if not found:
        print_line("No dataset answers to that.")
