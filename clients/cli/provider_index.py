"""``provider index``: a provider's own file, with references in place of identifiers or added."""

from __future__ import annotations

import time
from contextlib import closing
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
from clients.provider.index import Indexed, fingerprint, index_people, output_names
from clients.provider.index_source import Columns, Source
from clients.provider.index_target import Target, open_target
from clients.sdk.client import VeilgateClient
from clients.sdk.identity.profile import ClientProfile

InOption = Annotated[Path, typer.Option("--in", help="A CSV file of people, in UTF-8.")]
OutOption = Annotated[Path, typer.Option("--out", help="A new file: .csv, .db or .sqlite.")]
TypeOption = Annotated[str, typer.Option(help="The column with CN_RESIDENT_ID or US_SSN.")]
IdentifierOption = Annotated[str, typer.Option(help="The column with the identifier.")]
DropOption = Annotated[
    list[str] | None, typer.Option("--drop", help="A column to leave out; repeat it.")
]
KeepOption = Annotated[
    list[str] | None,
    typer.Option("--keep", help="A column to keep though the identifier stands in it; repeat it."),
]
AddOption = Annotated[
    str,
    typer.Option("--add-reference", help="Keep the identifier, add this column; for binnings."),
]
IntegerOption = Annotated[
    list[str] | None,
    typer.Option("--integer", help="An integer column, for a database; repeat it."),
]


def index(
    source: InOption,
    out: OutOption,
    type_column: TypeOption = "identity_type",
    identifier_column: IdentifierOption = "identity_key",
    drop: DropOption = None,
    keep: KeepOption = None,
    integer: IntegerOption = None,
    add_reference: AddOption = "",
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy a file with scoped references in place of identifiers; the gateway sees none of them.

    They are blinded here and evaluated a thousand at a time. A run that was interrupted, or that
    the quota of a day ended, goes on where it was when the same command is given again.
    """
    with failures_reported(as_json):
        known = load_profile(profile)
        key = known.reference_key
        if not key:
            raise UsageError(
                "no key of references is pinned",
                "Put `reference_key` into the profile, as you got it from the operator.",
            )
        columns = Columns(
            type_column, identifier_column, tuple(drop or ()), tuple(keep or ()), add_reference
        )
        _require_kept(columns)
        checked = Source.checked(source, columns)
        names = output_names(checked)
        mark = fingerprint(checked, known.institution, key)
        with closing(open_target(out, names, mark, frozenset(integer or ()))) as target:
            ended = _run(checked, target, known, as_json)
    _report(ended, out, as_json, bool(add_reference))


def _require_kept(columns: Columns) -> None:
    if columns.reference and {columns.type, columns.identifier} & set(columns.drop):
        raise UsageError(
            "--add-reference keeps the identifier, and --drop leaves it out", "Give one of them."
        )


def _run(source: Source, target: Target, profile: ClientProfile, as_json: bool) -> Indexed:
    began, already = time.monotonic(), target.done
    bar = progress_bar("index {task.fields[rate]}", as_json)
    with VeilgateClient(profile) as client, bar:
        task = bar.add_task("index", total=source.people, rate="")

        def show(done: int) -> None:
            spent = max(time.monotonic() - began, 0.001)
            rate = f"{(done - already) / spent:,.0f} rows/s" if done > already else ""
            bar.update(task, completed=done, rate=rate)

        try:
            return index_people(source, target, client, profile.institution, show)
        except BaseException:
            note(f"{target.done} of {source.people} rows are kept; the same command goes on there.")
            raise


def _report(ended: Indexed, out: Path, as_json: bool, added: bool) -> None:
    if as_json:
        print_json(ended)
    elif not ended.quota_spent:
        print_line(f"{ended.rows} rows are indexed in {out}.")
        if not added:
            print_line('Configure the provider with addressed_by = "reference".')
    if ended.quota_spent:
        left = ended.total - ended.rows
        note(f"error: today's quota is spent, and {left} of {ended.total} rows are left")
        note("next: Give the same command again after midnight UTC; it goes on where it is.")
        raise typer.Exit(FAILED)
