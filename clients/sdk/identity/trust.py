"""What a client goes by beforehand: keys that it was given, checkpoints that it saw.

Owns choosing the key of a check. Refuses to take one from the gateway: a key comes from the
profile or from the caller, or there is no check.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from clients.sdk.failure import RequestError
from clients.sdk.identity.profile import ClientProfile
from clients.sdk.logs.checkpoint_store import CheckpointStore
from gateway.crypto.errors import CryptoError
from gateway.crypto.note_key import VerifierKey


@dataclass(frozen=True, slots=True)
class Trust:
    """Pinned keys, as the profile has them, and the checkpoints of former checks, if kept."""

    log_verifier_key: str | None = None
    reference_key: str | None = None
    checkpoints: CheckpointStore | None = None

    @classmethod
    def of(cls, profile: ClientProfile, checkpoints: CheckpointStore | None) -> Self:
        """The keys of a profile."""
        return cls(profile.log_verifier_key, profile.reference_key, checkpoints)

    def log_key(self, given: str) -> VerifierKey:
        """The audit log's key: the one given, or else the profile's.

        Raises:
            RequestError: there is none, or it is not a verifier key.
        """
        text = given or self.log_verifier_key
        if not text:
            raise RequestError(
                "no key of the audit log is pinned",
                "Put `log_verifier_key` into the profile, as you got it from the operator.",
            )
        try:
            return VerifierKey.parse(text)
        except CryptoError as error:
            raise RequestError(
                "the audit log's key is not a verifier key", "Write it as name+hash+base64."
            ) from error

    def evaluation_key(self, given: str) -> bytes:
        """The public key of evaluations (32 bytes): the one given, or else the profile's.

        Raises:
            RequestError: there is none, or it is not 64 hex digits.
        """
        text = given or self.reference_key
        if not text:
            raise RequestError(
                "no key of references is pinned",
                "Put `reference_key` into the profile, as you got it from the operator.",
            )
        try:
            key = bytes.fromhex(text)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise RequestError("the key of references is not 64 hexadecimal digits", "Correct it.")
        return key
