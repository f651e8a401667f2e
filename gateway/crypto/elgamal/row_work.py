"""Rows of encrypted labels, made and checked piece by piece in worker processes.

Owns cutting into pieces, each with the number of its first row, which its proofs are bound to.
Refuses what `rows` refuses.
"""

from __future__ import annotations

from gateway.crypto.elgamal.ciphertext import CIPHERTEXT_SIZE
from gateway.crypto.elgamal.rows import (
    PROVEN_SIZE,
    encrypt_rows,
    prove_rows,
    read_rows,
    verify_rows,
)
from gateway.crypto.workers import Workers

_PIECE = 2048
PROOF_COST = 8
"""A row with its proof takes about as long as so many items of other work."""

Labels = tuple[bytes, bytes | None, bytes, int]
"""Key, job (None: without proofs), labels or rows, number of the first."""


def labels_of(key: bytes, job: bytes, labels: bytes, *, proven: bool, workers: Workers) -> bytes:
    """Encrypt labels (one a byte), in their order.

    Raises:
        ElGamalError: a label is neither 0 nor 1, or the key is none.
    """
    bound = job if proven else None
    pieces = ((key, bound, labels[at : at + _PIECE], at) for at in range(0, len(labels), _PIECE))
    return b"".join(workers.map(_encrypt, pieces))


def points_of(
    key: bytes, job: bytes, rows: bytes, *, proven: bool, workers: Workers
) -> tuple[bytes, bytes]:
    """Check encrypted labels; both points of each, 64 bytes each.

    Raises:
        ElGamalError: a point is not valid, or a proof does not hold.
    """
    bound, size = (job, PROVEN_SIZE) if proven else (None, CIPHERTEXT_SIZE)
    pieces = (
        (key, bound, rows[at * size : (at + _PIECE) * size], at)
        for at in range(0, -(-len(rows) // size), _PIECE)
    )
    halves = list(workers.map(_read, pieces))
    return b"".join([one for one, _ in halves]), b"".join([two for _, two in halves])


def _encrypt(piece: Labels) -> bytes:
    key, job, labels, first = piece
    return encrypt_rows(key, labels) if job is None else prove_rows(key, job, labels, first)


def _read(piece: Labels) -> tuple[bytes, bytes]:
    key, job, rows, first = piece
    return read_rows(rows) if job is None else verify_rows(key, job, rows, first)
