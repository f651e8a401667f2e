"""The audit log on SQLite, read only: events, checkpoints, proofs, tiles.

Owns the C2SP view of the stored log. A checkpoint is signed over the committed head; a tile is
served as it was when the tree had the size that its path implies.
"""

import re
import sqlite3
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.application.ports.log import Head, Proof
from gateway.crypto.checkpoint import Checkpoint, sign_checkpoint
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.merkle import HASH_SIZE, CompactRange
from gateway.crypto.merkle_proof import prove_inclusion
from gateway.crypto.note_key import NoteSigner
from gateway.crypto.tile_reader import HashReader
from gateway.crypto.tiles import TILE_WIDTH, encode_bundle
from gateway.domain.reasons import ErrorReason, refuse

_PATH: Final = re.compile(
    r"tile/(?P<level>entries|[0-9]|[1-5][0-9]|6[0-3])/(?P<index>(?!x000)(?:x[0-9]{3}/){0,5}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


class _Concerned(msgspec.Struct, frozen=True):
    institution: str = ""


class LogStore:
    """Serves the log; ``origin`` is its name in checkpoints."""

    def __init__(
        self, connection: sqlite3.Connection, origin: str, log_key: Ed25519PrivateKey
    ) -> None:
        """Take a connection made by ``open_reader``, the log's name and its key."""
        self._connection = connection
        seed = log_key.private_bytes(
            serialization.Encoding.Raw,
            serialization.PrivateFormat.Raw,
            serialization.NoEncryption(),
        )
        self._signer = NoteSigner(origin, SigningKey.from_seed(seed))
        self._origin = origin

    @property
    def verifier_key(self) -> str:
        """Return the log's verifier key in the form of signed notes."""
        return self._signer.verifier_key.encode()

    def head(self) -> Head:
        """Return the committed head."""
        row = self._one("SELECT size, root FROM log_head WHERE id=1", ())
        return Head(row[0], bytes(row[1]))

    def checkpoint(self) -> bytes:
        """Return a signed note over the committed head."""
        head = self.head()
        return self.sign(head.size, head.root)

    def sign(self, size: int, root: bytes) -> bytes:
        """Return a signed note over a size and root that this log had."""
        return sign_checkpoint(Checkpoint(self._origin, size, root), self._signer).encode()

    def concerns(self, event: bytes, institution: str) -> bool:
        """Return whether an event is one of this institution's own."""
        return msgspec.json.decode(event, type=_Concerned).institution == institution

    def events(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        """Return (log index, event) from ``start`` on, at most ``limit``."""
        return self._all(
            "SELECT log_index, event FROM log_entry WHERE log_index>=? ORDER BY log_index LIMIT ?",
            (start, limit),
        )

    def inclusion(self, index: int, tree_size: int) -> Proof:
        """Prove that entry ``index`` is in the tree of ``tree_size`` entries (0: the present)."""
        head = self.head()
        size = tree_size or head.size
        if not 0 <= index < size <= head.size:
            raise refuse(ErrorReason.LOG_ENTRY_NOT_FOUND)
        reader = HashReader(size, self._tile)
        hashes = prove_inclusion(index, size, reader)
        (event,) = self._one("SELECT event FROM log_entry WHERE log_index=?", (index,))
        return Proof(size, CompactRange.load(size, reader).root(), tuple(hashes), bytes(event))

    def tile(self, path: str) -> bytes:
        """Return a tile or entry bundle by its tlog-tiles path."""
        match = _PATH.fullmatch(path)
        width = TILE_WIDTH if match is None else int(match["width"] or TILE_WIDTH)
        if match is None or (match["width"] and width >= TILE_WIDTH):
            raise refuse(ErrorReason.LOG_ENTRY_NOT_FOUND)
        index = int(match["index"].replace("x", "").replace("/", ""))
        if match["level"] == "entries":
            return self._bundle(index, width)
        return self._tile(int(match["level"]), index, width)

    def _bundle(self, index: int, width: int) -> bytes:
        rows = self.events(index * TILE_WIDTH, width)
        if len(rows) != width:
            raise refuse(ErrorReason.LOG_ENTRY_NOT_FOUND)
        return encode_bundle([event for _, event in rows])

    def _tile(self, level: int, index: int, width: int) -> bytes:
        (hashes,) = self._one(
            "SELECT hashes FROM log_tile WHERE level=? AND tile_index=?", (level, index)
        )
        if len(hashes) < width * HASH_SIZE:
            raise refuse(ErrorReason.LOG_ENTRY_NOT_FOUND)
        return bytes(hashes[: width * HASH_SIZE])

    def _one(self, query: str, values: tuple[object, ...]) -> Any:
        rows = self._all(query, values)
        if not rows:
            raise refuse(ErrorReason.LOG_ENTRY_NOT_FOUND)
        return rows[0]

    def _all(self, query: str, values: tuple[object, ...]) -> list[Any]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise refuse(ErrorReason.STORE_UNAVAILABLE) from error
