"""Who a keyholder is, and what it trusts: read from its profile.

Owns putting together the key that statements are signed with, the authorities that institutions'
statements are checked against, the gateway's pinned round key and the log's. Refuses a profile that
lacks one of them: what is not pinned is not checked, and what is not checked is not opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from clients.sdk.failure import SdkError
from clients.sdk.identity.profile import ClientProfile, ProfileError
from gateway.crypto.ed25519 import PublicKey
from gateway.crypto.errors import CryptoError
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.statement import Anchors, StatementKey, statement_key

WORKLOAD: Final = "keyholder"
"""Of the certificate that questions are signed with."""


@dataclass(frozen=True, slots=True, eq=False)
class Trusted:
    """What results are checked against; all of it got out of band."""

    round_key: PublicKey
    """The gateway's, for rosters and results."""
    log_key: VerifierKey
    anchors: Anchors


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """One institution's keyholder."""

    institution: str
    signer: StatementKey
    trusted: Trusted
    folder: Path
    """Keys and questions; of this keyholder alone."""


def identity_of(profile: ClientProfile) -> Identity:
    """Read a profile's keyholder.

    Raises:
        ProfileError: something is missing, or cannot be used.
    """
    certificate = _path(profile.statement_certificate, "statement_certificate")
    key = _path(profile.statement_key, "statement_key")
    return Identity(
        profile.institution, _signer(certificate, key), _trusted(profile), keyholder_folder(profile)
    )


def keyholder_folder(profile: ClientProfile) -> Path:
    """Return the folder of keys and questions.

    Raises:
        ProfileError: the profile names none.
    """
    if profile.keyholder_state is None:
        raise _missing("keyholder_state", "a folder for keys and questions, never to be lost")
    return profile.keyholder_state


def _trusted(profile: ClientProfile) -> Trusted:
    anchors = _path(profile.anchors, "anchors")
    if profile.round_key is None:
        raise _missing("round_key", "the gateway's key for rosters and results")
    if profile.trust_domain is None:
        raise _missing("trust_domain", "the one of the institutions' certificates")
    if profile.log_verifier_key is None:
        raise _missing("log_verifier_key", "the audit log's verifier key")
    try:
        return Trusted(
            PublicKey(bytes.fromhex(profile.round_key)),
            VerifierKey.parse(profile.log_verifier_key),
            Anchors(_bytes(anchors), profile.trust_domain),
        )
    except (CryptoError, ValueError):
        raise ProfileError(
            "a pinned key or authority of the profile cannot be read",
            "Write `round_key` as 64 hex digits and `log_verifier_key` as name+hash+base64; "
            "`anchors` is a PEM file.",
        ) from None


def _signer(certificate: Path, key: Path) -> StatementKey:
    try:
        private = load_pem_private_key(_bytes(key), password=None)
        return statement_key(private, _bytes(certificate))
    except (CryptoError, ValueError, TypeError, UnsupportedAlgorithm):
        raise ProfileError(
            "`statement_key` and `statement_certificate` cannot be used together",
            "Give a P-256 key and its certificate of the workload `keyholder`, both PEM.",
        ) from None


def _path(path: Path | None, name: str) -> Path:
    if path is None:
        raise _missing(name, "a PEM file")
    return path


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ProfileError(
            f"{path} cannot be read: {error.strerror}", "Check its owner and its permissions."
        ) from error


def _missing(name: str, what: str) -> SdkError:
    return ProfileError(
        f"the profile has no `{name}`", f"Add {name}: {what}, as the operator gave it to you."
    )
