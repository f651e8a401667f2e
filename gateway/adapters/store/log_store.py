"""The audit log in the store, read only: events, proofs, tiles; and the log's signature.

Owns the C2SP view of the stored log. A tile is served as it was when the tree had the size that its
path implies. Which checkpoints there are is the business of ``checkpoint_store``.
"""

import re
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.adapters.store.reader import StoreReader, Values
from gateway.adapters.store.tile_fetching import with_tiles
from gateway.application.ports.log import Growth, Head, Proof
from gateway.crypto.checkpoint import Checkpoint, sign_checkpoint
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.merkle import HASH_SIZE, CompactRange
from gateway.crypto.merkle_proof import prove_consistency, prove_inclusion
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


def _inclusion(index: int, size: int, reader: HashReader) -> tuple[tuple[bytes, ...], bytes]:
    return tuple(prove_inclusion(index, size, reader)), CompactRange.load(size, reader).root()


class LogStore:
    """Serves the log; ``origin`` is its name in checkpoints."""

    def __init__(self, reader: StoreReader, origin: str, log_key: Ed25519PrivateKey) -> None:
        """Take a reader of the store, the log's name and its key."""
        self._reader = reader
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

    async def head(self) -> Head:
        """Return the committed head."""
        row = await self._one("SELECT size, root FROM log_head WHERE id=1", ())
        return Head(row[0], bytes(row[1]))

    def sign(self, size: int, root: bytes) -> bytes:
        """Return a signed note over a size and root that this log had."""
        return sign_checkpoint(Checkpoint(self._origin, size, root), self._signer).encode()

    def concerns(self, event: bytes, institution: str) -> bool:
        """Return whether an event is one of this institution's own."""
        return msgspec.json.decode(event, type=_Concerned).institution == institution

    async def events(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        """Return (log index, event) from ``start`` on, at most ``limit``."""
        return await self._all(
            "SELECT log_index, event FROM log_entry WHERE log_index>=? ORDER BY log_index LIMIT ?",
            (start, limit),
        )

    async def inclusion(self, index: int, tree_size: int) -> Proof:
        """Prove that entry ``index`` is in the tree of ``tree_size`` entries (0: the present)."""
        head = await self.head()
        size = tree_size or head.size
        if not 0 <= index < size <= head.size:
            raise refuse(ErrorReason.LOG_ENTRY_NOT_FOUND)
        hashes, root = await with_tiles(
            lambda tile: _inclusion(index, size, HashReader(size, tile)), self._tile
        )
        (event,) = await self._one("SELECT event FROM log_entry WHERE log_index=?", (index,))
        return Proof(size, root, hashes, bytes(event))

    async def consistency(self, old_size: int, new_size: int) -> Growth:
        """Prove that the tree of ``new_size`` (0: the present) extends that of ``old_size``."""
        head = await self.head()
        size = new_size or head.size
        if not 0 < old_size <= size <= head.size:
            raise refuse(ErrorReason.LOG_ENTRY_NOT_FOUND)
        hashes = await with_tiles(
            lambda tile: prove_consistency(old_size, size, HashReader(size, tile)), self._tile
        )
        return Growth(size, hashes)

    async def tile(self, path: str) -> bytes:
        """Return a tile or entry bundle by its tlog-tiles path."""
        match = _PATH.fullmatch(path)
        width = TILE_WIDTH if match is None else int(match["width"] or TILE_WIDTH)
        if match is None or (match["width"] and width >= TILE_WIDTH):
            raise refuse(ErrorReason.LOG_ENTRY_NOT_FOUND)
        index = int(match["index"].replace("x", "").replace("/", ""))
        if match["level"] == "entries":
            return await self._bundle(index, width)
        return await self._tile(int(match["level"]), index, width)

    async def _bundle(self, index: int, width: int) -> bytes:
        rows = await self.events(index * TILE_WIDTH, width)
        if len(rows) != width:
            raise refuse(ErrorReason.LOG_ENTRY_NOT_FOUND)
        return encode_bundle([event for _, event in rows])

    async def _tile(self, level: int, index: int, width: int) -> bytes:
        (hashes,) = await self._one(
            "SELECT hashes FROM log_tile WHERE level=? AND tile_index=?", (level, index)
        )
        if len(hashes) < width * HASH_SIZE:
            raise refuse(ErrorReason.LOG_ENTRY_NOT_FOUND)
        return bytes(hashes[: width * HASH_SIZE])

    async def _one(self, query: str, values: Values) -> Any:
        rows = await self._all(query, values)
        if not rows:
            raise refuse(ErrorReason.LOG_ENTRY_NOT_FOUND)
        return rows[0]

    async def _all(self, query: str, values: Values) -> list[Any]:
        return await self._reader.rows(query, values)
