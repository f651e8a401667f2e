"""The audit commands that ask a gateway: ``audit tail`` and ``audit export``.

``audit checkpoint`` is in `audit_checkpoint`, ``audit verify``, which asks nobody, in
`audit_verify`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from clients.cli.audit_checkpoint import WitnessedOption, add_checkpoint
from clients.cli.audit_verify import add_verify
from clients.cli.output import (
    JsonOption,
    failures_reported,
    print_json,
    print_json_line,
    print_line,
    print_table,
    progress_bar,
)
from clients.cli.profile import ProfileOption, TimeoutOption, load_profile, open_client
from clients.sdk.client import DEFAULT_TIMEOUT, VeilgateClient
from clients.sdk.failure import AnswerError
from clients.sdk.logs.export import export_log
from clients.sdk.models.common import EventPage, LogEntry, SignedCheckpoint

PAGE = 500
COLUMNS = ("index", "time", "kind", "recipient", "purpose", "dataset", "outcome")
KEYS = ("time", "kind", "institution", "purpose", "dataset")
"""Of an event, as the columns show them; the institution that asks is the recipient."""
Row = dict[str, Any]

LimitOption = Annotated[int, typer.Option(min=1, help="How many of the last events to begin with.")]
StartOption = Annotated[
    int | None, typer.Option(min=0, help="Begin at this index, not at the last ones.")
]
FollowOption = Annotated[
    bool,
    typer.Option("--follow", help="Go on as events come, until interrupted; JSON one a line."),
]
IntervalOption = Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")]
KindOption = Annotated[
    list[str] | None, typer.Option("--kind", help="Only events of this kind; repeat it.")
]
InstitutionOption = Annotated[
    str, typer.Option("--institution", help="Only events of this institution.")
]
OutOption = Annotated[Path, typer.Option("--out", help="A folder; an interrupted export goes on.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Read, export and verify the audit log.", no_args_is_help=True)
    group.command("tail")(tail)
    group.command("export")(export)
    add_checkpoint(group)
    add_verify(group)
    app.add_typer(group, name="audit")


def tail(
    limit: LimitOption = 20,
    start: StartOption = None,
    follow: FollowOption = False,
    interval: IntervalOption = 2.0,
    kind: KindOption = None,
    institution: InstitutionOption = "",
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """List events of the log; for auditors. With a filter, of those that --limit begins with."""
    with failures_reported(as_json), open_client(profile) as client:
        wanted = _Wanted(tuple(kind or ()), institution, timeout)
        if start is None:
            start = max(0, client.list_events(0, 1, timeout).size - limit)
        pages = _pages(client, start, wanted, interval if follow else None)
        with suppress(KeyboardInterrupt):
            _print_pages(pages, follow, as_json)


def export(
    out: OutOption,
    witnessed: WitnessedOption = False,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the log into a folder, for `audit verify`; for auditors."""
    with failures_reported(as_json), open_client(profile) as client:
        source = _Witnessed(client) if witnessed else client
        with progress_bar("files", as_json) as bar:
            task = bar.add_task("export", total=None)
            exported = export_log(
                source, out, lambda done, total: bar.update(task, completed=done, total=total)
            )
        if as_json:
            print_json(exported)
            return
        print_line(f"{exported.size} entries in {out}; {exported.fetched} files were new.")
        key = load_profile(profile).log_verifier_key or "VERIFIER_KEY"
        print_line(f"Check them: veilgate audit verify {out} --key {key}")


@dataclass(frozen=True, slots=True)
class _Witnessed:
    """A log up to the latest checkpoint that the gateway's witness policy counts."""

    client: VeilgateClient

    def checkpoint(self) -> SignedCheckpoint:
        return self.client.checkpoint(witnessed=True)

    def tile(self, path: str) -> bytes:
        return self.client.tile(path)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The filters of a list, and the seconds that a page of it may take."""

    kinds: tuple[str, ...]
    institution: str
    timeout: float

    def page(self, client: VeilgateClient, start: int) -> EventPage:
        return client.list_events(
            start, PAGE, self.timeout, kinds=self.kinds, institution=self.institution
        )


def _pages(
    client: VeilgateClient, start: int, wanted: _Wanted, interval: float | None
) -> Iterator[list[Row]]:
    """Yield the pages that there are, then, with an interval, those that come."""
    at = start
    while True:
        page = wanted.page(client, at)
        if page.entries:
            yield [_row(entry) for entry in page.entries]
        if page.next == at < page.size:
            raise AnswerError("leaves out entries that the log has")
        at = max(at, page.next)
        if at >= page.size:
            if interval is None:
                return
            time.sleep(interval)


def _print_pages(pages: Iterator[list[Row]], follow: bool, as_json: bool) -> None:
    if as_json and not follow:
        print_json([row for page in pages for row in page])
        return
    for page in pages:
        if as_json:
            for row in page:
                print_json_line(row)
        else:
            print_table(COLUMNS, [_cells(row) for row in page])


def _row(entry: LogEntry) -> Row:
    try:
        event = json.loads(entry.event)
    except ValueError as error:
        raise AnswerError(f"holds entry {entry.index}, which is not JSON") from error
    if not isinstance(event, dict):
        raise AnswerError(f"holds entry {entry.index}, which is not a JSON object")
    return {"index": entry.index, "event": event}


def _cells(row: Row) -> list[object]:
    event = row["event"]
    reasons = event.get("reasons")
    shown = [event.get("outcome"), *(reasons if isinstance(reasons, list) else ())]
    outcome = " ".join(str(one) for one in shown if one)
    return [row["index"], *(event.get(name) for name in KEYS), outcome]
