"""The keys of a keyholder: ``aggregate keygen`` and ``aggregate keys``.

Owns what is shown of them. Refuses to show a private key.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from clients.cli.aggregate.open import open_keyholder
from clients.cli.aggregate.secret import KeyFileOption, new_secret
from clients.cli.output import JsonOption, failures_reported, note, print_json, print_table
from clients.cli.profile import ProfileOption, load_profile
from clients.keyholder.identity import keyholder_folder
from clients.keyholder.keyholder import keys_of
from clients.keyholder.keys.key_store import KeyHead, KeyStore, Registration
from gateway.domain.aggregate.question import Scheme

COLUMNS = ("key", "scheme", "made", "registered at log index")
_SCHEMES: tuple[Scheme, ...] = ("elgamal", "paillier")


def add_keys(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("keygen")(keygen)
    group.command("keys")(keys)


def keygen(
    scheme: Annotated[
        Literal["both", "elgamal", "paillier"],
        typer.Option(help="The plan of a question says which it needs."),
    ] = "both",
    register: Annotated[
        bool, typer.Option("--register/--no-register", help="Register the public keys, too.")
    ] = True,
    key_file: KeyFileOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make keys with their proofs, seal the private halves, register the public ones."""
    with failures_reported(as_json), open_keyholder(profile) as keyholder:
        secret = new_secret(key_file)
        wanted = _SCHEMES if scheme == "both" else (scheme,)
        made = [keyholder.make_key(one, secret) for one in wanted]
        registered = [keyholder.register(head) if register else None for head in made]
        _print(list(zip(made, registered, strict=True)), as_json)
        if not as_json:
            note("Keep a copy of the folder: without its key an answer cannot be opened.")


def keys(profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """List the own keys, the newest first; asks no gateway."""
    with failures_reported(as_json):
        store: KeyStore = keys_of(keyholder_folder(load_profile(profile)))
        _print([(head, store.registration(head.id)) for head in store.heads()], as_json)


def _print(rows: list[tuple[KeyHead, Registration | None]], as_json: bool) -> None:
    if as_json:
        print_json([_plain(head, registration) for head, registration in rows])
        return
    print_table(
        COLUMNS,
        [
            (
                head.id,
                head.public.scheme,
                f"{datetime.fromtimestamp(head.created_at, UTC):%Y-%m-%d %H:%M}",
                "no" if registration is None else registration.log_index,
            )
            for head, registration in rows
        ],
    )


def _plain(head: KeyHead, registration: Registration | None) -> dict[str, object]:
    return {
        "key_id": head.id,
        "scheme": head.public.scheme,
        "created_at": head.created_at,
        "registered": registration,
    }
