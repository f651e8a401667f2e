"""The last checkpoint of each log that a client verified, in a folder.

Owns one file a log, replaced whole. Refuses to go back: a smaller checkpoint never replaces a
larger one. What is read from the folder is verified anew by whoever uses it.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from threading import Lock

from clients.sdk.failure import SdkError
from gateway.crypto.checkpoint import Checkpoint, open_checkpoint
from gateway.crypto.errors import CryptoError
from gateway.crypto.note_key import VerifierKey


class CheckpointStore:
    """Checkpoints by log, in ``folder``, which is made if it is not there.

    May be shared by threads. Two processes that share a folder may forget a later checkpoint for
    an earlier one, never take a false one.
    """

    def __init__(self, folder: Path | str) -> None:
        self._folder = Path(folder)
        self._writing = Lock()

    def last(self, key: VerifierKey) -> bytes | None:
        """The signed note that was kept of this key's log, or None before the first.

        Raises:
            SdkError: the file is there and cannot be read.
        """
        path = self._path(key)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _failed(path, "read", error) from error

    def remember(self, key: VerifierKey, note: bytes) -> None:
        """Keep a signed note that was verified, unless a larger one is kept.

        Raises:
            CryptoError: the note is not one of this key's log.
            SdkError: the file cannot be written.
        """
        offered = open_checkpoint(note, key)
        with self._writing:
            kept = self._opened(key)
            if kept is None or offered.size > kept.size:
                self._write(self._path(key), note)

    def _opened(self, key: VerifierKey) -> Checkpoint | None:
        note = self.last(key)
        try:
            return None if note is None else open_checkpoint(note, key)
        except CryptoError as error:
            raise SdkError(
                f"{self._path(key)} is not a checkpoint of this log",
                "Find out who changed it; restore it from a copy, or remove it and trust anew.",
            ) from error

    def _write(self, path: Path, note: bytes) -> None:
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.write_bytes(note)
            part.replace(path)
        except OSError as error:
            raise _failed(path, "written", error) from error

    def _path(self, key: VerifierKey) -> Path:
        # By key and not by name alone: two logs of one name are two logs.
        return self._folder / f"{sha256(key.encode().encode()).hexdigest()[:32]}.checkpoint"


def _failed(path: Path, done: str, error: OSError) -> SdkError:
    return SdkError(
        f"{path} cannot be {done}: {error.strerror}", "Check its owner and its permissions."
    )
