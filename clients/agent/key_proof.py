"""Whether a question's public key is one to encrypt under, by its proof.

Owns checking both schemes' keys and remembering those that were checked, by the digest of key,
proof and asker: in memory, and of Paillier keys in the state folder, because such a proof takes
some half a second. Refuses a key without a proof for its asker: its holder could be another, and a
Paillier modulus of another shape can open a hidden channel (protocols, rule 11). Only a key whose
proof shows the shape of its primes is encrypted under with tables. Assumes that nobody else writes
to the state folder; who does has the agent's keys, too.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Final

from clients.agent.errors import Unwilling, Word
from gateway.crypto import elgamal, paillier
from gateway.crypto.elgamal.possession import verify_possession
from gateway.crypto.errors import CryptoError
from gateway.crypto.paillier.registration import KeyProof, verified_key, verify_key
from gateway.domain.aggregate.question import AskerKey, key_context

EncryptionKey = elgamal.PublicKey | paillier.PublicKey
_LOG: Final = logging.getLogger("veilgate.agent")
_RULES: Final = "veilgate/key-proof/v1"
"""A new name when a key is checked by other rules: what was noted under the old ones is void."""
_KEPT: Final = 4
"""A Paillier key keeps tables of up to 48 MB once it was used."""
_NOTED: Final = 256
_known: OrderedDict[bytes, EncryptionKey] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class ProofNotes:
    """Digests of keys whose proofs held, as empty files of ``folder``; the oldest ones go."""

    folder: Path | None = None

    def has(self, digest: bytes) -> bool:
        """Return whether it is noted."""
        return self.folder is not None and (self.folder / digest.hex()).is_file()

    def note(self, digest: bytes) -> None:
        """Note it. Where that fails, the proof is checked again another time, and the log says."""
        if self.folder is None:
            return
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.folder / digest.hex()).touch(mode=0o600)
            aged = sorted(self.folder.iterdir(), key=lambda one: one.stat().st_mtime_ns)
            for one in aged[:-_NOTED]:
                one.unlink()
        except OSError as error:
            _LOG.warning("a checked key cannot be noted: %s", type(error).__name__)


def require_key(key: AskerKey, asker: str, notes: ProofNotes) -> EncryptionKey:
    """Return a key to encrypt under, once its proof for this asker holds; raises ``Unwilling``."""
    parts = (_RULES, key.scheme, key.key, key.proof, asker)
    digest = sha256("|".join(parts).encode()).digest()
    with _lock:
        found = _known.get(digest)
        if found is None:
            found = _known[digest] = _proven(key, key_context(asker), digest, notes)
            while len(_known) > _KEPT:
                _known.popitem(last=False)
        _known.move_to_end(digest)
        return found


def _proven(key: AskerKey, context: bytes, digest: bytes, notes: ProofNotes) -> EncryptionKey:
    try:
        encoded, proof = bytes.fromhex(key.key), key.proof_bytes()
        if key.scheme == "elgamal":
            public = elgamal.PublicKey.from_bytes(encoded)
            verify_possession(public, proof, context)
            return public
        n = int.from_bytes(encoded, "big")
        shown = KeyProof.decode(n, proof)
        if notes.has(digest):
            return verified_key(n, shown)
        checked = verify_key(n, context, shown)
    except (CryptoError, ValueError):
        raise Unwilling(Word.KEY) from None
    notes.note(digest)
    return checked
