"""Files that are whole or not there, also after the power failed.

Owns the order: a new file is written, flushed to the disk, put in its place, and then the folder
is flushed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from clients.sdk.failure import SdkError


def write_durably(path: Path, content: bytes) -> None:
    """Write a file whole; when this returns it is on the disk.

    Raises:
        SdkError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise SdkError(
            f"{path} cannot be written: {error.strerror}",
            "Choose a folder that you may write to, with room in it.",
        ) from error


def _flush_folder(folder: Path) -> None:
    # Windows opens no folders; there, replacing a file is durable by itself.
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
