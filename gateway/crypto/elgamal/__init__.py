"""Exponential ElGamal on secp256k1: adding up small encrypted numbers.

Owns keys with their proof of possession, encryption, addition, re-randomising, reading within a
declared range, and proofs that a ciphertext holds 0 or 1. A ciphertext of m under P = xG is
(kG, mG + kP), 66 bytes; whoever holds x finds mG and takes a small discrete logarithm.

Assumption: decisional Diffie-Hellman on secp256k1, a level of 128 bits, and SHA-256 as a random
oracle in the proofs. Not against a quantum computer. Refuses points that are not in compressed
form, on the curve and other than infinity; ranges wider than 2^36; scalars out of range. Not
authenticated: a ciphertext says nothing about who made it.
"""

from gateway.crypto.elgamal.ciphertext import CIPHERTEXT_SIZE, Ciphertext, sum_many
from gateway.crypto.elgamal.errors import ElGamalError, Refusal
from gateway.crypto.elgamal.public_key import PublicKey
from gateway.crypto.elgamal.secret_key import SecretKey

__all__ = [
    "CIPHERTEXT_SIZE",
    "Ciphertext",
    "ElGamalError",
    "PublicKey",
    "Refusal",
    "SecretKey",
    "sum_many",
]
