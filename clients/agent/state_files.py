"""The files of an agent's state folder: its lock, its key, its database.

Owns making and opening them with the settings that durability rests on. Refuses a folder that
another process uses, and a database that loses what it acknowledged.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from clients.agent.errors import AgentError
from gateway.crypto.envelope import KEY_SIZE

_FULL: Final = 2


def locked(path: Path) -> int:
    """Return a descriptor that holds the folder; raises ``AgentError`` where another has it."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise AgentError(
            f"another process uses {path.parent}", "One agent runs on a state folder."
        ) from None
    return lock


def state_key(path: Path) -> bytes:
    """Return the folder's 32-byte key, made at the first time."""
    with suppress(FileNotFoundError):
        return path.read_bytes()
    key = os.urandom(KEY_SIZE)
    # Whole or not there: a half-written key would make every sealed value unreadable.
    fresh = path.with_suffix(".new")
    with open(fresh, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return key


def opened(path: Path) -> sqlite3.Connection:
    """Open a database in driver autocommit, for one writer that locks by itself.

    Raises:
        sqlite3.Error: it does not keep what is committed.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        database.execute(f"PRAGMA {pragma}")
    (mode,) = database.execute("PRAGMA journal_mode").fetchone()
    (synchronous,) = database.execute("PRAGMA synchronous").fetchone()
    if mode != "wal" or synchronous != _FULL:
        raise sqlite3.OperationalError("the database does not keep what is committed")
    return database
