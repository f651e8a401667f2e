"""The consent commands: ``consent grant``, ``show`` and ``revoke``.

Refuses to print a subject's identifier unless it is asked to.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from clients.cli.consent_terms import add_grant
from clients.cli.output import JsonOption, failures_reported, print_json, print_line, print_pairs
from clients.cli.profile import ProfileOption, TimeoutOption, open_client
from clients.sdk.client import DEFAULT_TIMEOUT
from clients.sdk.models import ConsentStatus

IdArgument = Annotated[str, typer.Argument(metavar="CONSENT_ID", help="The consent's UUID.")]
ShowSubjectOption = Annotated[
    bool, typer.Option("--show-subject", help="Print the subject's identifier too.")
]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Grant, show and revoke consents.", no_args_is_help=True)
    add_grant(group)
    group.command("show")(show)
    group.command("revoke")(revoke)
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


def revoke(
    consent_id: IdArgument,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Revoke a consent, finally: once this returns, nothing is released under it."""
    with failures_reported(as_json):
        with open_client(profile) as client:
            revocation = client.revoke_consent(consent_id, timeout=timeout)
        if as_json:
            print_json(revocation)
            return
        print_line(f"Consent {consent_id} is {revocation.state}.")
        print_pairs((("event", f"{revocation.event_id} at log index {revocation.log_index}"),))


def _document(status: ConsentStatus, show_subject: bool) -> dict[str, object]:
    terms: dict[str, object] = msgspec.to_builtins(status.draft)
    subject = status.draft.subject
    shown = {"type": subject.type, "value": subject.value} if show_subject else subject.type
    standing: dict[str, object] = {
        "state": status.state,
        "uses_made": status.uses,
        "granted_at": status.granted_at,
        "key_id": status.key_id,
    }
    return standing | terms | {"subject": shown}


def _line(value: object) -> object:
    if isinstance(value, dict):
        return " ".join(str(one) for one in value.values())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
