"""How many of which witnesses a checkpoint needs before it counts.

Owns counting: m of n witnesses, each once. Refuses to count a witness under two names or with two
keys, a cosignature that does not verify, and the log as a witness of itself. For two histories of
a log both to count, 2m - n witnesses must vouch for both: m is best above half of n.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.crypto.checkpoint import Checkpoint, open_checkpoint
from gateway.crypto.cosignature import verify_cosignature
from gateway.crypto.errors import CryptoError, SignatureError
from gateway.crypto.note_key import SignatureType, VerifierKey
from gateway.crypto.signed_note import MAX_SIGNATURES, SignedNote


class WitnessPolicyError(CryptoError):
    """The witnesses or their required number make no policy."""


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """At least `required` of `witnesses` must have cosigned; 0 lets every checkpoint count.

    Raises:
        WitnessPolicyError: a key is not a witness's, two share a name or a public key, or
            `required` is negative or above their number.
    """

    witnesses: tuple[VerifierKey, ...]
    required: int

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if any(key.signature_type is not SignatureType.COSIGNATURE for key in self.witnesses):
            raise WitnessPolicyError("a witness's key is of the type 0x04")
        for shared in ([k.name for k in self.witnesses], [k.public_key for k in self.witnesses]):
            if len(set(shared)) != len(shared):
                raise WitnessPolicyError("two witnesses share a name or a public key")
        if not 0 <= self.required <= len(self.witnesses) < MAX_SIGNATURES:
            raise WitnessPolicyError(
                f"{self.required} of {len(self.witnesses)} witnesses cannot be required"
            )

    def count(self, note: SignedNote) -> tuple[VerifierKey, ...]:
        """The witnesses that have cosigned, in the policy's order, each once.

        Signatures of unknown keys are ignored, as the specification demands.

        Raises:
            SignatureError: a signature that bears a witness's name and id does not verify.
        """
        cosigned = [key for key in self.witnesses if note.signatures_of(key)]
        for key in cosigned:
            verify_cosignature(note, key)
        return tuple(cosigned)

    def require(self, note: SignedNote) -> tuple[VerifierKey, ...]:
        """Check that enough witnesses have cosigned, and return them.

        Raises:
            SignatureError: fewer than `required` have, or a signature does not verify.
        """
        cosigned = self.count(note)
        if len(cosigned) < self.required:
            raise SignatureError(
                f"{len(cosigned)} of {len(self.witnesses)} witnesses cosigned the checkpoint, "
                f"{self.required} are required"
            )
        return cosigned


def open_witnessed(
    raw: bytes, log_key: VerifierKey, policy: WitnessPolicy, origin: str | None = None
) -> Checkpoint:
    """Verify a checkpoint's signature by its log and its cosignatures, and return it.

    Args:
        raw: the signed note.
        log_key: the log's key, obtained out of band.
        policy: the witnesses to count.
        origin: the origin line to insist on; the key's name where it is left out.

    Raises:
        SignatureError: the log has not signed, or too few witnesses have cosigned.
        WitnessPolicyError: the log's key is among the witnesses'.
        CryptoError: as `checkpoint.open_checkpoint`.
    """
    require_independent(log_key, policy.witnesses)
    checkpoint = open_checkpoint(raw, log_key, origin)
    policy.require(SignedNote.parse(raw))
    return checkpoint


def require_independent(log_key: VerifierKey, witnesses: Sequence[VerifierKey]) -> None:
    """Check that the log's public key is not a witness's.

    Raises:
        WitnessPolicyError: it is.
    """
    if any(key.public_key == log_key.public_key for key in witnesses):
        raise WitnessPolicyError("a log is not a witness of itself")
