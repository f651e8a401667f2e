"""What blinding costs either side, and what a witness saves over hashing a log again.

A blinded look-up is measured for one element, batch of 1 and of 64, beside the direct evaluation of
the same message. A witness's check goes from 500,000 to 1,000,000 entries of 300 bytes and verifies
signature and proof; beside it stands hashing the million entries, which is what somebody without a
proof must fetch and do.
"""

import time
from collections.abc import Callable, Iterable
from functools import cache, partial
from statistics import median

from bench.figures import Figure
from gateway.crypto.checkpoint import Checkpoint, sign_checkpoint
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.crypto.merkle_proof import Proof, prove_consistency
from gateway.crypto.note_key import NoteSigner
from gateway.crypto.oprf import blind_evaluate_batch, derive_key_pair, evaluate
from gateway.crypto.oprf_client import blind, finalize_batch
from gateway.crypto.tile_reader import HashReader
from gateway.crypto.tile_writer import TileWriter
from gateway.crypto.witness import advance

ROUNDS = 5
BATCHES = (1, 64)
EVALUATIONS = 256
OLD_SIZE, SIZE = 500_000, 1_000_000
ENTRY_BYTES = 300
_FILLING = bytes(ENTRY_BYTES - 4)
_NO_GOAL = "printed"


def measure() -> list[Figure]:
    """Measure both."""
    return [*_blinded_lookup(), *_million_entries()]


def _blinded_lookup() -> list[Figure]:
    figures = []
    for batch in BATCHES:
        client, server, direct = zip(*(_lookup(batch) for _ in range(ROUNDS)), strict=True)
        for side, ours in (("client", client), ("server", server)):
            name = f"oprf.blinded_lookup_{side}_batch_{batch}"
            figures.append(_figure(name, ours, direct, "us an element"))
    return figures


def _lookup(batch: int) -> tuple[float, float, float]:
    """Microseconds an element: the client, the server, and a direct evaluation."""
    pair = derive_key_pair(bytes(32), b"bench")
    spent = {"client": 0.0, "server": 0.0}
    for start in range(0, EVALUATIONS, batch):
        messages = [b"subject %d" % (start + number) for number in range(batch)]
        begun = time.perf_counter()
        blinded = [blind(message) for message in messages]
        asked = time.perf_counter()
        evaluated, proof = blind_evaluate_batch(pair, [b.element for b in blinded])
        answered = time.perf_counter()
        finalize_batch(blinded, evaluated, proof, pair.public_key)
        spent["client"] += asked - begun + time.perf_counter() - answered
        spent["server"] += answered - asked
    direct = _seconds(
        lambda: [evaluate(pair.secret_key, b"subject %d" % n) for n in range(EVALUATIONS)]
    )
    client, server, peer = (s / EVALUATIONS * 1e6 for s in (*spent.values(), direct))
    return client, server, peer


def _million_entries() -> list[Figure]:
    signer = NoteSigner("bench.example/log", SigningKey.generate())
    old, new, proof = _log()
    previous = Checkpoint(signer.name, OLD_SIZE, old)
    note = sign_checkpoint(Checkpoint(signer.name, SIZE, new), signer).encode()
    check = partial(advance, previous, note, signer.verifier_key, proof)
    ours = [_seconds(check) for _ in range(ROUNDS)]
    peer = [_seconds(lambda: CompactRange().extend(map(leaf_hash, _entries()))) for _ in range(2)]
    moved = len(note) + sum(map(len, proof))
    return [
        _figure("witness.million_entries", map(_ms, ours), map(_ms, peer), "ms a check"),
        _figure("witness.million_entries_bytes", [moved], [SIZE * ENTRY_BYTES], "bytes moved"),
    ]


@cache
def _log() -> tuple[bytes, bytes, Proof]:
    """The roots at both sizes, and the proof between them out of the tiles as they are stored."""
    writer, edge = TileWriter(), CompactRange()
    tiles: dict[tuple[int, int], bytes] = {}
    roots = {}
    leaves = [leaf_hash(entry) for entry in _entries()]
    for begin in range(0, SIZE, 10_000):
        batch = leaves[begin : begin + 10_000]
        writer, changed = writer.append(batch)
        tiles |= {(tile.level, tile.index): tile.data for tile in changed}
        edge = edge.extend(batch)
        roots[edge.size] = edge.root()
    read = HashReader(SIZE, lambda level, index, _: tiles[level, index])
    return roots[OLD_SIZE], roots[SIZE], prove_consistency(OLD_SIZE, SIZE, read)


def _entries() -> Iterable[bytes]:
    return (_FILLING + number.to_bytes(4) for number in range(SIZE))


def _seconds(once: Callable[[], object]) -> float:
    begun = time.perf_counter()
    once()
    return time.perf_counter() - begun


def _ms(seconds: float) -> float:
    return seconds * 1e3


def _figure(name: str, ours: Iterable[float], peer: Iterable[float], unit: str) -> Figure:
    mine, theirs = median(ours), median(peer)
    return Figure(name, mine, theirs, theirs / mine, unit, _NO_GOAL)
