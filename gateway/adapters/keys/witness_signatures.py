"""Witnesses' keys and cosignatures (C2SP tlog-cosignature), checked against the witness policy.

Refuses to count the log's own key as a witness, and a stored line that does not verify.
"""

from gateway.adapters.policy_files.witness_keys import witness_policy
from gateway.application.ports.checkpoints import Cosignature
from gateway.crypto.cosignature import verify_cosignature
from gateway.crypto.errors import CryptoError
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.signed_note import NoteSignature, SignedNote
from gateway.domain.policy.documents import WitnessesDocument
from gateway.domain.reasons import ErrorReason, refuse


class NoteWitnesses:
    """Implements ``WitnessSignatures``; ``log_key`` is the log's verifier key text."""

    def __init__(self, log_key: str) -> None:
        """Take the key that never counts."""
        self._log_key = VerifierKey.parse(log_key).public_key

    def identities(self, policy: WitnessesDocument) -> tuple[str, ...]:
        """Return the names and ids of the policy's keys."""
        return tuple(map(_identity, self._keys(policy)))

    def verified(
        self, policy: WitnessesDocument, institution: str, note: bytes, line: str
    ) -> Cosignature:
        """Return the line as one of a witness of this institution, its signature checked."""
        own = {one.name for one in policy.witnesses if one.institution == institution}
        try:
            signature = NoteSignature.parse(line)
            cosigned = SignedNote(SignedNote.parse(note).text, (signature,))
            for key in self._keys(policy):
                if key.name in own and (key.name, key.key_id) == (signature.name, signature.key_id):
                    return Cosignature(_identity(key), line, verify_cosignature(cosigned, key))
        except CryptoError:
            raise refuse(ErrorReason.COSIGNATURE_INVALID) from None
        raise refuse(ErrorReason.COSIGNATURE_INVALID)

    def signed(self, note: bytes, lines: tuple[str, ...]) -> bytes:
        """Return the note with these lines under it."""
        signed = SignedNote.parse(note)
        for line in lines:
            signed = signed.with_signature(NoteSignature.parse(line))
        return signed.encode()

    def count(self, policy: WitnessesDocument, note: bytes) -> int:
        """Return how many of the policy's witnesses have validly cosigned the note."""
        signed = SignedNote.parse(note)
        return sum(_has_cosigned(signed, key) for key in self._keys(policy))

    def _keys(self, policy: WitnessesDocument) -> tuple[VerifierKey, ...]:
        keys = witness_policy(policy).witnesses
        return tuple(key for key in keys if key.public_key != self._log_key)


def _identity(key: VerifierKey) -> str:
    return f"{key.name}+{key.key_id.hex()}"


def _has_cosigned(note: SignedNote, key: VerifierKey) -> bool:
    try:
        verify_cosignature(note, key)
    except CryptoError:
        return False
    return True
