"""What a witness remembers of one log: the last checkpoint, whether it stopped, and why.

Owns a folder and its lock. Refuses a second witness on the same folder, to forget a checkpoint, and
to remove the stop file: that is for a person who has looked into the matter.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from clients.sdk.failure import SdkError
from clients.sdk.logs.durable_file import write_durably
from clients.sdk.witnesses.evidence import Evidence
from gateway.crypto.checkpoint import Checkpoint, open_checkpoint
from gateway.crypto.errors import CryptoError
from gateway.crypto.note_key import VerifierKey

CHECKPOINT: Final = "checkpoint"
STOPPED: Final = "STOPPED"
EVIDENCE: Final = "evidence"
_LOCK: Final = "lock"


class WitnessState:
    """The state of one witness for one log, in ``folder``; to be used in a ``with``.

    Raises:
        SdkError: another process holds it, or the folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Take the lock, which ends with the process however it ends."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = (self.folder / _LOCK).open("ab")
        except OSError as error:
            raise _failed(self.folder, error) from error
        try:
            _hold(self._lock)
        except OSError as error:
            self._lock.close()
            raise SdkError(
                f"another witness runs on {self.folder}",
                "Stop it, or give this one a folder and a key of its own.",
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the lock go."""
        if self._lock is not None:
            self._lock.close()

    @property
    def stop_file(self) -> Path:
        """What stands while the witness has stopped; for a person to remove."""
        return self.folder / STOPPED

    def last(self, log_key: VerifierKey) -> tuple[Checkpoint, bytes] | None:
        """The last checkpoint that was vouched for, and its note; None before the first.

        Raises:
            SdkError: the file cannot be read, or is not a checkpoint of this log.
        """
        path = self.folder / CHECKPOINT
        try:
            note = path.read_bytes()
            return open_checkpoint(note, log_key), note
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _failed(path, error) from error
        except CryptoError as error:
            raise SdkError(
                f"{path} is not a checkpoint of this log: {error}",
                "Give each log a folder of its own; if this one is the log's, find out who "
                "changed the file.",
            ) from error

    def remember(self, note: bytes) -> None:
        """Keep a checkpoint, durably: before anybody is told of its cosignature."""
        write_durably(self.folder / CHECKPOINT, note)

    def stop(self, name: str, evidence: Evidence, report: Mapping[str, object]) -> Path:
        """Keep the evidence, then the stop file that points to it; return the evidence's folder."""
        folder = self.folder / EVIDENCE / name
        evidence.write(folder, report)
        write_durably(self.stop_file, f"{folder}\n".encode())
        return folder


def _hold(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def _failed(path: Path, error: OSError) -> SdkError:
    return SdkError(
        f"{path} cannot be used: {error.strerror}", "Check its owner and its permissions."
    )
