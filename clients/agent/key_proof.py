"""Whether a question's public key is one to encrypt under, by its proof.

Owns checking both schemes' keys and remembering those that were checked, by digest: a Paillier
proof takes some half a second. Refuses a key without a proof for its asker: its holder could be
another, and a Paillier modulus of another shape can open a hidden channel (protocols, rule 11).
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from threading import Lock
from typing import Final

from clients.agent.errors import Unwilling, Word
from gateway.crypto import elgamal, paillier
from gateway.crypto.elgamal.possession import verify_possession
from gateway.crypto.errors import CryptoError
from gateway.crypto.paillier.registration import KeyProof, verify_key
from gateway.domain.aggregate.question import AskerKey, key_context

EncryptionKey = elgamal.PublicKey | paillier.PublicKey
_KEPT: Final = 4
"""A Paillier key keeps tables of some 48 MB once it was used."""
_known: OrderedDict[bytes, EncryptionKey] = OrderedDict()
_lock = Lock()


def require_key(key: AskerKey, asker: str) -> EncryptionKey:
    """Return a key to encrypt under, once its proof for this asker holds; raises ``Unwilling``."""
    parts = (key.scheme, key.key, key.proof, asker)
    digest = sha256("|".join(parts).encode()).digest()
    with _lock:
        found = _known.get(digest)
        if found is None:
            found = _known[digest] = _proven(key, key_context(asker))
            while len(_known) > _KEPT:
                _known.popitem(last=False)
        _known.move_to_end(digest)
        return found


def _proven(key: AskerKey, context: bytes) -> EncryptionKey:
    encoded, proof = bytes.fromhex(key.key), bytes.fromhex(key.proof)
    try:
        if key.scheme == "elgamal":
            public = elgamal.PublicKey.from_bytes(encoded)
            verify_possession(public, proof, context)
            return public
        n = int.from_bytes(encoded, "big")
        return verify_key(n, context, KeyProof.decode(n, proof))
    except (CryptoError, ValueError):
        raise Unwilling(Word.KEY) from None
