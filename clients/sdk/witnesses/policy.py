"""Which witnesses a client counts, from a file or from keys: m of n.

Owns the file's form (TOML: ``required``, ``witnesses`` as verifier keys) and the check as one call.
Refuses to take the policy from the gateway: it comes from the witnesses, out of band.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from clients.sdk.failure import SdkError
from clients.sdk.logs.verification import VerificationError
from gateway.crypto.checkpoint import Checkpoint
from gateway.crypto.errors import CryptoError
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.witness_policy import WitnessPolicy, open_witnessed


def witness_policy(keys: Sequence[str], required: int) -> WitnessPolicy:
    """At least ``required`` of these verifier keys (C2SP, type 0x04) must have cosigned.

    Raises:
        SdkError: a key is not a witness's, two are of one witness, or none is required.
    """
    try:
        if required < 1:
            raise SdkError("a policy requires at least one witness", "Require 1 or more.")
        return WitnessPolicy(tuple(map(VerifierKey.parse, keys)), required)
    except CryptoError as error:
        raise SdkError(
            f"this is no witness policy: {error}",
            "Give the keys as `veilgate witness keygen` printed them, and require at most as many.",
        ) from error


def load_witness_policy(path: Path) -> WitnessPolicy:
    """The policy of a file.

    Raises:
        SdkError: the file cannot be read, or holds no policy.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SdkError(f"{path} cannot be read as TOML", _FORM) from error
    required, keys = document.get("required"), document.get("witnesses")
    if (
        document.keys() != {"required", "witnesses"}
        or type(required) is not int
        or not isinstance(keys, list)
        or not all(isinstance(one, str) for one in keys)
    ):
        raise SdkError(f"{path} holds no witness policy", _FORM)
    return witness_policy(keys, required)


_FORM = 'Write `required = 2` and `witnesses = ["<verifier key>", ...]`, nothing else.'


def verify_witnessed(note: bytes, log_key: str, policy: WitnessPolicy) -> Checkpoint:
    """The checkpoint of a note, if the log signed it and enough witnesses cosigned it.

    Raises:
        VerificationError: they did not, or ``log_key`` is not a verifier key.
    """
    try:
        return open_witnessed(note, VerifierKey.parse(log_key), policy)
    except CryptoError as error:
        raise VerificationError(f"the checkpoint does not count: {error}") from error
