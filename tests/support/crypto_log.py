"""A reference Merkle tree and an in-memory exported log, for tests of the audit log.

Owns the textbook definition that the incremental code is compared with, and an honest export.
Refuses to tamper: each test makes its own mutants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from gateway.crypto.checkpoint import Checkpoint, sign_checkpoint
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.crypto.note_key import NoteSigner
from gateway.crypto.tile_writer import TileWriter
from gateway.crypto.tiles import TILE_WIDTH, encode_bundle, entries_path

ORIGIN = "log.example/audit"
SIGNER = NoteSigner(ORIGIN, SigningKey.from_seed(b"\x01" * 32))
ATTACKER = NoteSigner(ORIGIN, SigningKey.from_seed(b"\x02" * 32))
VKEY = SIGNER.verifier_key.encode()


def reference_root(entries: Sequence[bytes]) -> bytes:
    """MTH as RFC 9162, section 2.1.1 defines it, recursively."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    left, right = reference_root(entries[:split]), reference_root(entries[split:])
    return sha256(b"\x01" + left + right).digest()


def reference_nodes(leaves: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
    """Every perfect subtree's hash by (level, index)."""
    row, level = list(leaves), 0
    nodes: dict[tuple[int, int], bytes] = {}
    while row:
        nodes |= {(level, index): node for index, node in enumerate(row)}
        pairs = zip(row[::2], row[1::2], strict=False)
        row = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        level += 1
    return nodes


@dataclass(frozen=True)
class ExportedLog:
    """Files by tlog-tiles path, and the signed checkpoint over them."""

    files: dict[str, bytes]
    checkpoint: bytes


def export_log(entries: Sequence[bytes], signer: NoteSigner = SIGNER) -> ExportedLog:
    """Lay out a log of these entries and sign its checkpoint."""
    leaves = [leaf_hash(entry) for entry in entries]
    files = {tile.path: tile.data for tile in TileWriter().append(leaves).tiles}
    for at in range(0, len(entries), TILE_WIDTH):
        bundle = entries[at : at + TILE_WIDTH]
        files[entries_path(at // TILE_WIDTH, len(bundle))] = encode_bundle(bundle)
    checkpoint = Checkpoint(ORIGIN, len(entries), CompactRange().extend(leaves).root())
    return ExportedLog(files, sign_checkpoint(checkpoint, signer).encode())
