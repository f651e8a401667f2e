"""What private keys are sealed by, as the commands take it: a key file, or a password.

Owns the options and the prompt. Refuses a password on the command line, where others would see it
in the list of processes.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from getpass import getpass
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from clients.cli.output import UsageError
from clients.keyholder.keys.sealing import AskSecret, Secret

VARIABLE: Final = "VEILGATE_KEY_PASSWORD"
KeyFileOption = Annotated[
    Path | None,
    typer.Option(
        "--key-file", help="32 or more random bytes that seal private keys, in a file of mode 0600."
    ),
]


def secret_by(key_file: Path | None) -> AskSecret:
    """Return how a stored key's secret is got, once: the file, the environment, or a prompt."""

    @cache
    def ask(by: Literal["password", "file"]) -> Secret:
        if by == "file":
            if key_file is None:
                raise UsageError("the key is sealed by a key file", "Give --key-file.")
            return Secret.file(key_file)
        return Secret.password(_password("Password of the key: "))

    return ask


def new_secret(key_file: Path | None) -> Secret:
    """Return what a new key is sealed by; a typed password is asked for twice."""
    if key_file is not None:
        return Secret.file(key_file)
    password = _password("Password for the key: ")
    if VARIABLE not in os.environ and getpass("The same again: ") != password:
        raise UsageError("the passwords differ", "Begin again; nothing was written.")
    return Secret.password(password)


def _password(prompt: str) -> str:
    if VARIABLE in os.environ:
        return os.environ[VARIABLE]
    if not sys.stdin.isatty():
        raise UsageError(
            "there is nobody to ask for the password", f"Set {VARIABLE}, or give --key-file."
        )
    return getpass(prompt)
