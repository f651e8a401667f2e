"""``partner expiring``: which certificates, keys and agreements end soon; also for cron."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from clients.cli.output import (
    FAILED,
    JsonOption,
    failures_reported,
    print_json,
    print_line,
    print_table,
)
from clients.cli.profile import ProfileOption, TimeoutOption, open_client
from clients.sdk.client import DEFAULT_TIMEOUT
from clients.sdk.models.directory import Certificate, Expiring, RegisteredKey

WithinOption = Annotated[int, typer.Option(min=1, max=365, help="Days to look ahead.")]
FailOption = Annotated[
    int | None,
    typer.Option("--fail-within", min=1, max=365, help="End with 1 if so many days are left."),
]


def add_expiring(group: typer.Typer) -> None:
    """Add the command."""
    group.command("expiring")(expiring)


def expiring(
    within: WithinOption = 30,
    fail_within: FailOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what ends soon: one's own, or everybody's for operators."""
    with failures_reported(as_json):
        days = max(within, fail_within or 0)
        with open_client(profile) as client:
            found = list(client.list_expiring(within_days=days, timeout=timeout))
        now = datetime.now(UTC)
        rows = [(one, _days_left(one, now)) for one in found]
        if as_json:
            print_json([_document(one, left) for one, left in rows])
        else:
            _print(rows, days)
    if fail_within is not None and any(left < fail_within for _, left in rows):
        raise typer.Exit(FAILED)


def _print(rows: list[tuple[Expiring, int]], days: int) -> None:
    if not rows:
        print_line(f"Nothing ends within {days} days.")
        return
    columns = ("days left", "ends", "institution", "what", "name")
    shown = [
        (left, f"{one.ends_at:%Y-%m-%d %H:%M} UTC", one.institution, *_named(one))
        for one, left in rows
    ]
    print_table(columns, shown)


def _document(one: Expiring, left: int) -> dict[str, object]:
    kind, name = _named(one)
    return {
        "institution": one.institution,
        "what": kind,
        "name": name,
        "ends_at": one.ends_at,
        "days_left": left,
    }


def _days_left(one: Expiring, now: datetime) -> int:
    """Return the whole days that are left."""
    return (one.ends_at - now).days


def _named(one: Expiring) -> tuple[str, str]:
    if isinstance(one.what, Certificate):
        return "certificate", one.what.fingerprint
    if isinstance(one.what, RegisteredKey):
        return "signing key", one.what.key_id
    return "agreement", one.what.agreement_id
