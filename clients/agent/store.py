"""What an agent keeps of its rounds: durable, in one SQLite file of its state folder.

Owns each round's row and the steps between its states, each one transaction. Refuses a second
question, roster or contribution for a round, whatever is asked of it, and a second process on the
same folder. A step that finds the round elsewhere changes nothing and says so.

A masking key and the values under it are sealed under a key in a file beside the database; both
are overwritten in the transaction that stores the contribution, and the write-ahead log is emptied
after it. Not prevented: a restored backup of the folder brings both back. Hashes stay for good.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from enum import Enum
from pathlib import Path
from threading import RLock
from typing import Final, Self

import msgspec

from clients.agent.errors import AgentError, Word
from clients.agent.state_files import locked, opened, state_key
from clients.agent.stored import decode_statement, encode_statement
from gateway.crypto.envelope import DataKey, open_, seal
from gateway.crypto.errors import CryptoError
from gateway.crypto.statement import SignedStatement

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS round (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, question_hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL, word TEXT NOT NULL DEFAULT '',
    question BLOB, contract BLOB, asker_group TEXT, content BLOB,
    ready BLOB, masking_key BLOB, figures BLOB,
    roster BLOB, roster_hash BLOB, contribution BLOB, ciphertexts BLOB, result BLOB
) STRICT
"""
_KEPT_OF_SECRETS: Final = "masking_key = NULL, figures = NULL"
_KEPT_OF_ALL: Final = (
    f"{_KEPT_OF_SECRETS}, question = NULL, contract = NULL, content = NULL, ready = NULL,"
    " roster = NULL, ciphertexts = NULL"
)


class State(Enum):
    """How far a round is."""

    READY = "READY"
    ROSTER = "ROSTER"
    CONTRIBUTED = "CONTRIBUTED"
    """Its bytes are stored, and the key that masked them is gone."""
    DONE = "DONE"
    DECLINED = "DECLINED"
    VOID = "VOID"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A round as it is stored. What a state has no more is empty."""

    id: str
    state: State
    question_hash: bytes
    expires_at: int
    question: bytes = b""
    contract: bytes = b""
    asker_group: str = ""
    content: bytes = b""
    ready: SignedStatement | None = None
    roster_hash: bytes = b""
    roster: bytes = b""
    """The roster order in its stored form."""
    contribution: SignedStatement | None = None
    ciphertexts: bytes = b""


class Secrets(msgspec.Struct, frozen=True):
    """What a round's contribution is made from: an X25519 key, and what the kind keeps."""

    masking_key: bytes
    kept: tuple[int, ...]

    def __repr__(self) -> str:
        """Show nothing."""
        return "Secrets(...)"


class RoundStore:
    """The rounds of one agent. May be shared by threads."""

    def __init__(self, database: sqlite3.Connection, key: DataKey, lock: int) -> None:
        """Take what ``open`` opened."""
        self._database = database
        self._key = key
        self._lock = lock
        self._mutex = RLock()

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the folder's store, or begin it.

        Raises:
            AgentError: another process has it, or it cannot be used.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = locked(folder / "lock")
            key = DataKey(state_key(folder / "state.key"))
            database = opened(folder / "state.db")
            database.execute(_SCHEMA)
        except (OSError, sqlite3.Error, CryptoError) as error:
            raise AgentError(
                f"the state in {folder} cannot be used: {type(error).__name__}",
                "Check its owner, its permissions and the disk.",
            ) from error
        return cls(database, key, lock)

    def close(self) -> None:
        """Close the database and leave the folder to others."""
        with self._mutex:
            self._database.close()
            with suppress(OSError):
                os.close(self._lock)

    def find(self, round_id: str) -> Kept | None:
        """Return a round, or None."""
        names = ", ".join(_COLUMNS)
        with self._mutex:
            row = self._database.execute(
                f"SELECT {names} FROM round WHERE id = ?",
                (round_id,),
            ).fetchone()
        return None if row is None else _kept(row)

    def unfinished(self, now: float) -> list[str]:
        """Return the rounds that have a roster, no contribution yet, and time left."""
        with self._mutex:
            rows = self._database.execute(
                "SELECT id FROM round WHERE state = 'ROSTER' AND expires_at > ?",
                (now,),
            ).fetchall()
        return [str(one[0]) for one in rows]

    def accept(self, kept: Kept, secrets: Secrets) -> bool:
        """Store a question with its READY; False if the round is there already."""
        sealed = [
            seal(self._key, secrets.masking_key, _context(kept.id, "masking_key")),
            seal(self._key, msgspec.json.encode(secrets.kept), _context(kept.id, "figures")),
        ]
        values = (
            *(kept.id, State.READY.value, kept.question_hash, kept.expires_at, kept.question),
            *(kept.contract, kept.asker_group, kept.content, _stored(kept.ready), *sealed),
        )
        return self._changed(
            "INSERT OR IGNORE INTO round (id, state, question_hash, expires_at, question, contract,"
            " asker_group, content, ready, masking_key, figures) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            values,
        )

    def decline(self, round_id: str, question_hash: bytes, expires_at: int, word: Word) -> None:
        """Store that a round is declined, for good, unless its contribution is made already."""
        row = (round_id, State.DECLINED.value, question_hash, expires_at, word.value)
        self._changed(
            "INSERT INTO round (id, state, question_hash, expires_at, word) VALUES (?,?,?,?,?)"
            f" ON CONFLICT (id) DO UPDATE SET state = 'DECLINED', word = excluded.word,"
            f" {_KEPT_OF_ALL} WHERE state IN ('READY', 'ROSTER')",
            row,
        )
        self._forget_pages()

    def fix_roster(self, round_id: str, roster_hash: bytes, roster: bytes) -> bool:
        """Store the one roster of a round; False if it is not waiting for one."""
        return self._changed(
            "UPDATE round SET state = 'ROSTER', roster_hash = ?, roster = ?"
            " WHERE id = ? AND state = 'READY'",
            (roster_hash, roster, round_id),
        )

    def secrets(self, round_id: str) -> Secrets:
        """Return what the contribution is made from.

        Raises:
            LookupError: there is nothing any more.
            CryptoError: it does not open under this folder's key.
        """
        with self._mutex:
            row = self._database.execute(
                "SELECT masking_key, figures FROM round WHERE id = ?", (round_id,)
            ).fetchone()
        if row is None or row[0] is None or row[1] is None:
            raise LookupError("the round has no secrets")
        figures = open_(self._key, row[1], _context(round_id, "figures"))
        return Secrets(
            open_(self._key, row[0], _context(round_id, "masking_key")),
            msgspec.json.decode(figures, type=tuple[int, ...]),
        )

    def contribute(self, round_id: str, contribution: SignedStatement, ciphertexts: bytes) -> bool:
        """Store a contribution and destroy what it was made from; False if there is one already."""
        stored = self._changed(
            "UPDATE round SET state = 'CONTRIBUTED', contribution = ?, ciphertexts = ?,"
            f" {_KEPT_OF_SECRETS} WHERE id = ? AND state = 'ROSTER' AND contribution IS NULL",
            (encode_statement(contribution), ciphertexts, round_id),
        )
        self._forget_pages()
        return stored

    def finish(self, round_id: str, result: bytes) -> bool:
        """Store a checked result and let go of the ciphertexts; False if it is not waiting."""
        return self._changed(
            f"UPDATE round SET state = 'DONE', result = ?, {_KEPT_OF_ALL}"
            " WHERE id = ? AND state = 'CONTRIBUTED'",
            (result, round_id),
        )

    def void(self, round_id: str) -> None:
        """Delete what belongs to a round that ends without a result; its hashes stay."""
        self._changed(
            f"UPDATE round SET state = 'VOID', contribution = NULL, {_KEPT_OF_ALL}"
            " WHERE id = ? AND state IN ('READY', 'ROSTER', 'CONTRIBUTED')",
            (round_id,),
        )
        self._forget_pages()

    def sweep(self, now: float) -> None:
        """Void every round whose question has run out."""
        self._changed(
            f"UPDATE round SET state = 'VOID', contribution = NULL, {_KEPT_OF_ALL}"
            " WHERE expires_at <= ? AND state IN ('READY', 'ROSTER', 'CONTRIBUTED')",
            (now,),
        )
        self._forget_pages()

    def _changed(self, statement: str, values: tuple[object, ...]) -> bool:
        with self._mutex:
            return self._database.execute(statement, values).rowcount > 0

    def _forget_pages(self) -> None:
        # What was overwritten in the database still stands in the log until it is emptied.
        with self._mutex:
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


_COLUMNS: Final = tuple(one.name for one in msgspec.structs.fields(Kept))
_STATEMENTS: Final = frozenset({"ready", "contribution"})


def _kept(row: tuple[object, ...]) -> Kept:
    found = {name: cell for name, cell in zip(_COLUMNS, row, strict=True) if cell is not None}
    for name in _STATEMENTS & found.keys():
        found[name] = decode_statement(bytes(found[name]))  # type: ignore[call-overload]
    return Kept(**{**found, "state": State(found["state"])})  # type: ignore[arg-type]


def _stored(statement: SignedStatement | None) -> bytes | None:
    return None if statement is None else encode_statement(statement)


def _context(round_id: str, column: str) -> bytes:
    return f"round|{column}|{round_id}".encode()
