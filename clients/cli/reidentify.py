"""``reidentify``: ask for tokens to be opened, approve a colleague's request, open them once."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

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
from clients.sdk.models.deid import Reidentification

MAX_TOKENS = 100
PurposeOption = Annotated[str, typer.Option(help="The purpose that the tokens were made for.")]
TokensOption = Annotated[
    Path | None,
    typer.Option("--tokens", help="A file with a token a line; standard input if left out."),
]
RequestArgument = Annotated[str, typer.Argument(metavar="REQUEST_ID", help="A UUID.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="Have tokens opened that the gateway put in a text, under two persons.",
        no_args_is_help=True,
    )
    group.command("request")(request)
    group.command("approve")(approve)
    group.command("list")(list_)
    group.command("open")(open_)
    app.add_typer(group, name="reidentify")


def request(
    purpose: PurposeOption,
    reason: Annotated[str, typer.Option(help="Why, for the approver; it is kept masked.")],
    tokens: TokensOption = None,
    request_id: Annotated[str, typer.Option("--id", help="A UUID; a new one if left out.")] = "",
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask for tokens to be opened; a second person of the institution has to approve."""
    with failures_reported(as_json):
        lines = _tokens(tokens)
        with open_client(profile) as client:
            asked = client.request_reidentification(
                lines, purpose, reason, request_id or None, timeout=timeout
            )
        if as_json:
            print_json(asked)
            return
        print_line(f"Request {asked.request_id} waits for approval.")
        print_pairs(
            (
                ("rule", asked.rule),
                ("until", f"{asked.expires_at:%Y-%m-%d %H:%M} UTC"),
                ("event", f"{asked.event_id} at log index {asked.log_index}"),
            )
        )


def approve(
    request_id: RequestArgument,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve a colleague's request, as `list` shows it. For a workload that the rule names."""
    with failures_reported(as_json):
        with open_client(profile) as client:
            found = [
                one
                for one in client.list_reidentifications(timeout=timeout)
                if one.request_id == request_id
            ]
            if not found:
                raise UsageError(
                    "your institution has no such request", "See `veilgate reidentify list`."
                )
            approved = client.approve_reidentification(request_id, found[0].digest, timeout=timeout)
        if as_json:
            print_json(approved)
            return
        print_line(f"Request {request_id} is approved, for {found[0].tokens} tokens.")
        print_pairs((("event", f"{approved.event_id} at log index {approved.log_index}"),))


def list_(
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the requests of one's institution, the latest first."""
    with failures_reported(as_json):
        with open_client(profile) as client:
            found = list(client.list_reidentifications(timeout=timeout))
        if as_json:
            print_json([_plain(one) for one in found])
            return
        columns = ("request", "state", "by", "purpose", "tokens", "until", "approver", "why")
        print_table(
            columns,
            [
                (
                    one.request_id,
                    one.state,
                    one.requester,
                    one.purpose,
                    one.tokens,
                    f"{one.expires_at:%Y-%m-%d %H:%M}",
                    one.approver,
                    one.justification,
                )
                for one in found
            ],
        )


def _plain(one: Reidentification) -> dict[str, object]:
    plain = asdict(one)
    return {**plain, "digest": plain["digest"].hex()}


def open_(
    request_id: RequestArgument,
    purpose: PurposeOption,
    tokens: TokensOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open the tokens of an approved request: it works once, and the log says so."""
    with failures_reported(as_json):
        lines = _tokens(tokens)
        with open_client(profile) as client:
            opened = client.reidentify(request_id, lines, purpose, timeout=timeout)
        if as_json:
            print_json(opened)
            return
        print_table(("type", "value"), [(one.type, one.value) for one in opened.values])
        print_pairs((("event", f"{opened.event_id} at log index {opened.log_index}"),))


def _tokens(file: Path | None) -> list[str]:
    """The tokens, a line each.

    Raises:
        UsageError: the file cannot be read, or has no token or too many.
    """
    try:
        text = sys.stdin.read() if file is None else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError("the tokens cannot be read", "Give a text file, a token a line.") from None
    tokens = [line.strip() for line in text.splitlines() if line.strip()]
    if not 1 <= len(tokens) <= MAX_TOKENS:
        raise UsageError(f"there are {len(tokens)} tokens", f"Give 1 to {MAX_TOKENS}, a line each.")
    return tokens
