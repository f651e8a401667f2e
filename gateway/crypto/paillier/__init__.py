"""Paillier encryption of signed integers, with the keys and ciphertexts of python-paillier.

Owns keys and their proofs, encryption with tables and with randomisers made ahead, the arithmetic
on ciphertexts, and packing. Pure: no network, no files, no threads; randomness comes from the
operating system. Level: 128 bits at 3072-bit moduli; each module states what it assumes and what
it refuses. Refuses floats, unchecked foreign numbers, and to know what a ciphertext means: who may
ask, and whether an answer may be opened, is decided elsewhere.
"""

from gateway.crypto.paillier.errors import (
    CiphertextError,
    PackingError,
    PaillierError,
    PaillierKeyError,
    PlaintextError,
    ProofError,
    RandomiserError,
    Reason,
)
from gateway.crypto.paillier.generation import generate_key
from gateway.crypto.paillier.packing import Packing, masked
from gateway.crypto.paillier.private_key import PrivateKey
from gateway.crypto.paillier.public_key import PublicKey
from gateway.crypto.paillier.randomness import Randomness
from gateway.crypto.paillier.registration import KeyProof, prove_key, verify_key
from gateway.crypto.paillier.stock import Randomiser, RandomiserStock

__all__ = [
    "CiphertextError",
    "KeyProof",
    "Packing",
    "PackingError",
    "PaillierError",
    "PaillierKeyError",
    "PlaintextError",
    "PrivateKey",
    "ProofError",
    "PublicKey",
    "Randomiser",
    "RandomiserError",
    "RandomiserStock",
    "Randomness",
    "Reason",
    "generate_key",
    "masked",
    "prove_key",
    "verify_key",
]
