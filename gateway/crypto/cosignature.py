"""C2SP witness cosignatures, version 1, with Ed25519 (<https://c2sp.org/tlog-cosignature>).

Owns a witness's key and the timestamped signature that it puts under a checkpoint. Refuses to
cosign what is not a checkpoint, and keys of another type than 0x04. A cosignature says that at its
time this was the largest checkpoint that the witness had seen of the log, consistent with all
before: `witness.advance` is what makes that true, and comes first. It says nothing of extension
lines.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.crypto.checkpoint import Checkpoint
from gateway.crypto.ed25519 import SIGNATURE_SIZE, SigningKey
from gateway.crypto.errors import CryptoError, SignatureError
from gateway.crypto.note_key import SignatureType, VerifierKey, require_key_name
from gateway.crypto.signed_note import NoteSignature, SignedNote

MAX_TIMESTAMP = 2**63 - 1
_TIMESTAMP_SIZE = 8
COSIGNATURE_SIZE = _TIMESTAMP_SIZE + SIGNATURE_SIZE


class CosignatureError(CryptoError):
    """The time cannot stand in a cosignature."""


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness's named signing key.

    The key serves one witness and nothing else: the name is not part of what it signs.

    Raises:
        KeyMaterialError: the name is not a key name.
    """

    name: str
    signing_key: SigningKey

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        require_key_name(self.name)

    @property
    def verifier_key(self) -> VerifierKey:
        """What to hand to those who count this witness."""
        return VerifierKey(self.name, self.signing_key.public_key, SignatureType.COSIGNATURE)


def cosign(checkpoint_note: SignedNote, signer: Cosigner, now: int) -> NoteSignature:
    """The signature line to add to a checkpoint, made at `now` (POSIX seconds).

    Raises:
        CheckpointError: the note's text is not a checkpoint.
        CosignatureError: the time is negative or above 2**63 - 1.
    """
    Checkpoint.parse(checkpoint_note.text)
    if not 0 <= now <= MAX_TIMESTAMP:
        raise CosignatureError("a cosignature's time is between 0 and 2**63 - 1")
    signature = signer.signing_key.sign(_message(checkpoint_note.text, now))
    timestamped = now.to_bytes(_TIMESTAMP_SIZE, "big") + signature
    return NoteSignature(signer.name, signer.verifier_key.key_id, timestamped)


def verify_cosignature(checkpoint_note: SignedNote, witness: VerifierKey) -> int:
    """Check a witness's cosignature and return its time (POSIX seconds); the latest of several.

    The log's own signature is not looked at: `checkpoint.open_checkpoint` checks that.

    Raises:
        SignatureError: the key is not a witness's, it has not cosigned, or a signature that bears
            its name and id does not verify.
    """
    if witness.signature_type is not SignatureType.COSIGNATURE:
        raise SignatureError("the key is not a witness's")
    signatures = checkpoint_note.signatures_of(witness)
    if not signatures:
        raise SignatureError("the witness has not cosigned the checkpoint")
    return max(_verify(checkpoint_note.text, witness, signature) for signature in signatures)


def _verify(text: str, witness: VerifierKey, timestamped: bytes) -> int:
    if len(timestamped) != COSIGNATURE_SIZE:
        raise SignatureError(f"a cosignature is {COSIGNATURE_SIZE} bytes")
    time = int.from_bytes(timestamped[:_TIMESTAMP_SIZE], "big")
    if time > MAX_TIMESTAMP:
        raise SignatureError("a cosignature's time is at most 2**63 - 1")
    witness.public_key.verify(timestamped[_TIMESTAMP_SIZE:], _message(text, time))
    return time


def _message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()
