"""Files of a keyholder: private, durable, and never written over.

Owns mode 0600, the flush of file and folder, and the claim of a name by one process. Refuses files
that others can read, and names that are taken.
"""

from __future__ import annotations

import os
import secrets
import stat
import sys
from pathlib import Path
from typing import Final

from clients.keyholder.errors import KeyholderError

_OPEN_TO_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class NameTaken(KeyholderError):
    """There is a file of that name."""


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet; when this returns, it is whole and on the disk.

    Of two processes that write the same name one gets the error.

    Raises:
        NameTaken: there is a file of that name.
        KeyholderError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            # A link, unlike a rename, fails where the name is taken.
            os.link(part, path)
        finally:
            part.unlink(missing_ok=True)
        _flush(path.parent)
    except FileExistsError:
        raise NameTaken(f"{path} is there already", "It is never overwritten.") from None
    except OSError as error:
        raise KeyholderError(
            f"{path} cannot be written: {error.strerror}",
            "Choose a folder that you may write to, with room in it.",
        ) from error


def read_private(path: Path, limit: int) -> bytes:
    """Read a file of at most ``limit`` bytes that only its owner can read.

    Raises:
        KeyholderError: it cannot be read, is longer, or is open to others.
    """
    try:
        if sys.platform != "win32" and path.stat().st_mode & _OPEN_TO_OTHERS:
            raise KeyholderError(f"{path} can be read by others", f"Run `chmod 600 {path}`.")
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise KeyholderError(
            f"{path} cannot be read: {error.strerror}", "Check its name, owner and permissions."
        ) from error
    if len(content) > limit:
        raise KeyholderError(f"{path} is too long", "Restore it from a copy.")
    return content


def remove(path: Path) -> None:
    """Delete a file, and see the deletion to the disk; one that is not there is no error.

    Raises:
        KeyholderError: it cannot be deleted.
    """
    try:
        path.unlink()
        _flush(path.parent)
    except FileNotFoundError:
        return
    except OSError as error:
        raise KeyholderError(
            f"{path} cannot be deleted: {error.strerror}", "Delete it by hand: it is a secret."
        ) from error


def _flush(folder: Path) -> None:
    # Windows opens no folders; there, a new name is durable by itself.
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
