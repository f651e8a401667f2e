"""Proof that whoever registers a public key holds its secret scalar, bound to a context.

Owns the message and the signature: BIP 340 (Schnorr on secp256k1) over the SHA-256 of a label, the
key's 33 bytes and the context, made by libsecp256k1 in constant time. A BIP 340 key has no sign:
the holder of x also holds -x, and the message names the key with its sign. Refuses a proof for
another key or another context.

Assumption: discrete logarithm on secp256k1 and SHA-256 as a random oracle, some 128 bits. Without
the proof a party could register a key that it derived from somebody else's.
"""

from __future__ import annotations

from hashlib import sha256

from coincurve import PrivateKey, PublicKeyXOnly

from gateway.crypto.elgamal.errors import ElGamalError, Refusal
from gateway.crypto.elgamal.public_key import PublicKey
from gateway.crypto.elgamal.secret_key import SecretKey
from gateway.crypto.keyed import length_prefixed

PROOF_SIZE = 64
_LABEL = b"veilgate/elgamal/possession/v1"


def prove_possession(secret: SecretKey, context: bytes) -> bytes:
    """64 bytes that show to hold the secret key, in this context only."""
    message = _message(secret.public_key(), context)
    return PrivateKey(secret.to_bytes()).sign_schnorr(message)


def verify_possession(key: PublicKey, proof: bytes, context: bytes) -> None:
    """Check a key's proof.

    Raises:
        ElGamalError: the proof is malformed, or of another key or context.
    """
    if len(proof) != PROOF_SIZE:
        raise ElGamalError(Refusal.WRONG_LENGTH)
    if not PublicKeyXOnly(key.to_bytes()[1:]).verify(proof, _message(key, context)):
        raise ElGamalError(Refusal.PROOF_FAILED)


def _message(key: PublicKey, context: bytes) -> bytes:
    return sha256(length_prefixed(_LABEL, key.to_bytes(), context)).digest()
