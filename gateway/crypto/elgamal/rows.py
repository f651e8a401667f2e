"""Rows of encrypted labels as they travel: 66 bytes each, or 194 with the proof of a bit.

Owns encrypting labels into such rows and checking rows from outside, in pieces that worker
processes can take: everything that goes in and out is bytes. A proof is bound to the job and to the
row's number in it. Refuses labels other than 0 and 1 (the sender's own mistake, or an attempt to
weigh a row), points that are not valid, proofs that do not hold.
"""

from __future__ import annotations

from functools import lru_cache

from gateway.crypto.elgamal.ciphertext import CIPHERTEXT_SIZE, Ciphertext
from gateway.crypto.elgamal.errors import ElGamalError, Refusal
from gateway.crypto.elgamal.or_proof import PROOF_SIZE, BitStatement
from gateway.crypto.elgamal.public_key import TABLES_FROM, PublicKey

PROVEN_SIZE = CIPHERTEXT_SIZE + PROOF_SIZE


def encrypt_rows(key: bytes, labels: bytes) -> bytes:
    """Encrypt labels, one a byte; 66 bytes each.

    Raises:
        ElGamalError: a label is neither 0 nor 1, or the key is none.
    """
    _require_bits(labels)
    return b"".join([one.to_bytes() for one in _key(key).encrypt_many(list(labels))])


def prove_rows(key: bytes, job: bytes, labels: bytes, first: int) -> bytes:
    """Encrypt the labels of the rows from `first` on with their proofs; 194 bytes each.

    Raises:
        ElGamalError: a label is neither 0 nor 1, or the key is none.
    """
    _require_bits(labels)
    rows = BitStatement(_key(key), job).encrypt_bits(list(labels), first)
    return b"".join([one.to_bytes() + proof for one, proof in rows])


def read_rows(rows: bytes) -> tuple[bytes, bytes]:
    """Check rows without proofs; both points of each, 64 bytes each in the library's own form.

    Raises:
        ElGamalError: a point is not valid, or the length is not a multiple of 66.
    """
    pairs = [Ciphertext.from_bytes(piece) for piece in _pieces(rows, CIPHERTEXT_SIZE)]
    return b"".join([one.c1 for one in pairs]), b"".join([one.c2 for one in pairs])


def verify_rows(key: bytes, job: bytes, rows: bytes, first: int) -> tuple[bytes, bytes]:
    """Check the rows from `first` on with their proofs; both points of each, as `read_rows`.

    Raises:
        ElGamalError: a point is not valid, a proof does not hold, or the length is not a multiple
            of 194.
    """
    pairs = [
        (Ciphertext.from_bytes(piece[:CIPHERTEXT_SIZE]), piece[CIPHERTEXT_SIZE:])
        for piece in _pieces(rows, PROVEN_SIZE)
    ]
    BitStatement(_key(key), job).verify_all(pairs, first)
    return b"".join([one.c1 for one, _ in pairs]), b"".join([one.c2 for one, _ in pairs])


def _pieces(rows: bytes, size: int) -> list[bytes]:
    if len(rows) % size:
        raise ElGamalError(Refusal.WRONG_LENGTH)
    return [rows[at : at + size] for at in range(0, len(rows), size)]


def _require_bits(labels: bytes) -> None:
    if labels.translate(None, b"\x00\x01"):
        raise ElGamalError(Refusal.NOT_A_BIT)


@lru_cache(maxsize=4)
def _key(encoded: bytes) -> PublicKey:
    """A key with its tables kept: pieces come one after another."""
    return PublicKey.from_bytes(encoded)


def prepare(key: bytes, rows: int) -> None:
    """Build a key's tables now where so many rows pay for it.

    Raises:
        ElGamalError: the key is none.
    """
    if rows >= TABLES_FROM:
        _key(key).prepare()
