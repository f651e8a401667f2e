"""The partner commands: who takes part, with which credentials, under which agreements."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from clients.cli.output import (
    JsonOption,
    failures_reported,
    print_json,
    print_line,
    print_pairs,
    print_table,
)
from clients.cli.partner_agreements import add_agreements
from clients.cli.partner_credentials import add_credentials
from clients.cli.partner_expiring import add_expiring
from clients.cli.profile import ProfileOption, TimeoutOption, load_profile
from clients.sdk.client import DEFAULT_TIMEOUT, VeilgateClient
from clients.sdk.models.directory import Institution

InstitutionArgument = Annotated[str, typer.Argument(metavar="INSTITUTION", help="Its id.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Enrol, show and suspend institutions.", no_args_is_help=True)
    add_credentials(group)
    group.command("suspend")(suspend)
    group.command("reactivate")(reactivate)
    group.command("show")(show)
    group.command("list")(list_)
    add_agreements(group)
    add_expiring(group)
    app.add_typer(group, name="partner")


def suspend(
    institution: InstitutionArgument,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Suspend an institution: once this returns, it gets nothing on any call. For operators."""
    _change(institution, True, profile, timeout, as_json)


def reactivate(
    institution: InstitutionArgument,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """End an institution's suspension. For operators."""
    _change(institution, False, profile, timeout, as_json)


def _change(
    institution: str, suspended: bool, profile: Path | None, timeout: float, as_json: bool
) -> None:
    with failures_reported(as_json):
        with VeilgateClient(load_profile(profile)) as client:
            change = client.suspend_institution if suspended else client.reactivate_institution
            receipt = change(institution, timeout=timeout)
        if as_json:
            print_json(receipt)
            return
        print_line(f"{institution} is {'suspended' if suspended else 'active'}.")
        print_pairs((("event", f"{receipt.event_id} at log index {receipt.log_index}"),))


def show(
    institution: Annotated[
        str, typer.Argument(metavar="[INSTITUTION]", help="The profile's own if left out.")
    ] = "",
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show an institution, its credentials and where it stands."""
    with failures_reported(as_json):
        loaded = load_profile(profile)
        with VeilgateClient(loaded) as client:
            found = client.get_institution(institution or loaded.institution, timeout=timeout)
        print_json(_document(found)) if as_json else _print_institution(found)


def list_(
    role: Annotated[str, typer.Option(help="Only these, such as lender.")] = "",
    status: Annotated[str, typer.Option(help="active or suspended.")] = "",
    legal_group: Annotated[str, typer.Option(help="Only of this group.")] = "",
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """List institutions. For operators and auditors."""
    with failures_reported(as_json):
        with VeilgateClient(load_profile(profile)) as client:
            found = list(
                client.list_institutions(
                    role=role, status=status, legal_group=legal_group, timeout=timeout
                )
            )
        if as_json:
            print_json([_document(one) for one in found])
            return
        rows = [
            (one.id, one.status, ", ".join(one.roles), one.legal_group, one.jurisdiction)
            for one in found
        ]
        print_table(("institution", "status", "roles", "legal group", "in"), rows)


def _document(one: Institution) -> dict[str, object]:
    return {
        "id": one.id,
        "legal_group": one.legal_group,
        "roles": one.roles,
        "jurisdiction": one.jurisdiction,
        "status": one.status,
        "certificates": [
            {
                "fingerprint": certificate.fingerprint,
                "not_after": certificate.not_after,
                "retired_at": certificate.retired_at,
            }
            for certificate in one.certificates
        ],
        "signing_keys": [
            {
                "key_id": key.key_id,
                "public_key": key.public_key.hex(),
                "retired_at": key.retired_at,
            }
            for key in one.signing_keys
        ],
        "enrolled_at": one.enrolled_at,
    }


def _print_institution(one: Institution) -> None:
    print_pairs(
        (
            ("institution", one.id),
            ("status", one.status),
            ("roles", ", ".join(one.roles)),
            ("legal group", one.legal_group),
            ("jurisdiction", one.jurisdiction),
            ("enrolled", _moment(one.enrolled_at)),
        )
    )
    rows = [
        ("certificate", certificate.fingerprint, certificate.not_after, certificate.retired_at)
        for certificate in one.certificates
    ]
    rows += [("signing key", key.key_id, None, key.retired_at) for key in one.signing_keys]
    print_table(
        ("credential", "name", "ends", "retired from"),
        [(kind, name, _moment(ends), _moment(retired)) for kind, name, ends, retired in rows],
    )


def _moment(when: datetime | None) -> str:
    return "" if when is None else when.strftime("%Y-%m-%d %H:%M UTC")
