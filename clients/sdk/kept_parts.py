"""Lists of bytes that are kept before they are sent, so that they can be sent again.

Owns named lists, in memory or in a folder: a list is whole or not there, and in a folder it is on
the disk when ``keep`` returns. What was kept first stands, whichever process kept it: so two that
go on with the same thing send the same bytes. Refuses a list that is cut off.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from struct import Struct
from typing import Final, Protocol

_LENGTH: Final = Struct(">I")
_UNFINISHED: Final = ".part"


class KeptParts(Protocol):
    """Lists by name."""

    def parts(self, name: str) -> Iterator[bytes] | None:
        """Return a list, None where there is none."""
        ...

    def keep(self, name: str, parts: Iterable[bytes]) -> None:
        """Keep a list, unless there is one of that name; then the parts may not be asked for."""
        ...

    def drop(self) -> None:
        """Delete all of them."""
        ...


class PartsInMemory:
    """Implements ``KeptParts`` for as long as the process lives."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lists: dict[str, list[bytes]] = {}

    def parts(self, name: str) -> Iterator[bytes] | None:
        """Return a list."""
        known = self._lists.get(name)
        return None if known is None else iter(known)

    def keep(self, name: str, parts: Iterable[bytes]) -> None:
        """Keep a list."""
        if name not in self._lists:
            self._lists[name] = list(parts)

    def drop(self) -> None:
        """Delete all."""
        self._lists.clear()


class PartsFolder:
    """Implements ``KeptParts`` in a folder that only its owner can read."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, which need not be there yet."""
        self._folder = folder

    def parts(self, name: str) -> Iterator[bytes] | None:
        """Return a list, read as it is needed; raises ``OSError``, ``ValueError`` while read."""
        path = self._folder / name
        return _read(path) if path.exists() else None

    def keep(self, name: str, parts: Iterable[bytes]) -> None:
        """Write a list; raises ``OSError``."""
        path = self._folder / name
        if path.exists():
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._folder / f".{name}.{secrets.token_hex(8)}{_UNFINISHED}"
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "wb") as file:
                for one in parts:
                    file.write(_LENGTH.pack(len(one)) + one)
                file.flush()
                os.fsync(descriptor)
            # A link, unlike a rename, fails where the name is taken.
            with suppress(FileExistsError):
                os.link(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)
        _flush(self._folder)

    def clean(self) -> None:
        """Delete what a process that ended has left unfinished; none that works may be about."""
        for path in self._folder.glob(f".*{_UNFINISHED}"):
            path.unlink(missing_ok=True)

    def drop(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while head := file.read(_LENGTH.size):
            (size,) = _LENGTH.unpack(head)
            part = file.read(size)
            if len(part) != size:
                raise ValueError("a list is cut off")
            yield part


def _flush(folder: Path) -> None:
    # Windows opens no folders; there, a new name is durable by itself.
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
