"""The consent commands: those of a single consent, and the group that holds them all.

Refuses to print a subject's identifier, or reference, unless it is asked to.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from clients.cli.consent_import import add_import
from clients.cli.consent_list import add_list
from clients.cli.consent_receipt import add_receipts
from clients.cli.consent_terms import add_grant
from clients.cli.output import JsonOption, failures_reported, print_json, print_line, print_pairs
from clients.cli.profile import ProfileOption, TimeoutOption, open_client
from clients.sdk.client import DEFAULT_TIMEOUT
from clients.sdk.models.common import ConsentStatus, Revocation
from clients.sdk.models.consents import ConsentChange
from clients.sdk.subject import Subject

IdArgument = Annotated[str, typer.Argument(metavar="CONSENT_ID", help="The consent's UUID.")]
ShowSubjectOption = Annotated[
    bool, typer.Option("--show-subject", help="Print the subject's identifier too.")
]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Grant, list, change and prove consents.", no_args_is_help=True)
    add_grant(group)
    add_import(group)
    add_list(group)
    group.command("show")(show)
    group.command("pause")(pause)
    group.command("resume")(resume)
    group.command("revoke")(revoke)
    add_receipts(group)
    app.add_typer(group, name="consent")


def show(
    consent_id: IdArgument,
    show_subject: ShowSubjectOption = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a consent that this institution collected or controls, and where it stands."""
    with failures_reported(as_json):
        with open_client(profile) as client:
            status = client.get_consent(consent_id, timeout=timeout)
        document = _document(status, show_subject)
        if as_json:
            print_json(document)
        else:
            print_pairs([(name, _line(value)) for name, value in document.items()])


def pause(
    consent_id: IdArgument,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pause an active consent: nothing is released under it until it is resumed."""
    with failures_reported(as_json), open_client(profile) as client:
        _print_change(consent_id, client.pause_consent(consent_id, timeout=timeout), as_json)


def resume(
    consent_id: IdArgument,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Resume a paused consent."""
    with failures_reported(as_json), open_client(profile) as client:
        _print_change(consent_id, client.resume_consent(consent_id, timeout=timeout), as_json)


def revoke(
    consent_id: IdArgument,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Revoke a consent, finally: once this returns, nothing is released under it."""
    with failures_reported(as_json), open_client(profile) as client:
        _print_change(consent_id, client.revoke_consent(consent_id, timeout=timeout), as_json)


def _print_change(consent_id: str, change: Revocation | ConsentChange, as_json: bool) -> None:
    if as_json:
        print_json(change)
        return
    print_line(f"Consent {consent_id} is {change.state}.")
    # A revocation whose answer was lost is known by the state alone.
    if change.event_id:
        print_pairs((("event", f"{change.event_id} at log index {change.log_index}"),))


def _document(status: ConsentStatus, show_subject: bool) -> dict[str, object]:
    terms: dict[str, object] = msgspec.to_builtins(status.draft)
    standing: dict[str, object] = {
        "state": status.state,
        "uses_made": status.uses,
        "granted_at": status.granted_at,
        "key_id": status.key_id,
    }
    return standing | terms | {"subject": _subject(status, show_subject)}


def _subject(status: ConsentStatus, shown: bool) -> object:
    subject = status.draft.subject
    if isinstance(subject, Subject):
        return {"type": subject.type, "value": subject.value} if shown else subject.type
    known = {"key_version": subject.key_version, "value": subject.value.hex()}
    return known if shown else f"reference under key {subject.key_version}"


def _line(value: object) -> object:
    if isinstance(value, dict):
        return " ".join(str(one) for one in value.values())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
