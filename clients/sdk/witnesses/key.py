"""A witness's private key in a file: one line, as Go's golang.org/x/mod/sumdb/note writes keys.

Owns the form ``PRIVATE+KEY+<name>+<hash>+<base64>``; the base64 is 0x04 and the Ed25519 seed.
Refuses to overwrite a key, and to use one that others can read.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Final

from clients.sdk.failure import SdkError
from gateway.crypto import base64_strict
from gateway.crypto.cosignature import Cosigner
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.errors import CryptoError
from gateway.crypto.note_key import SignatureType

_BEGIN: Final = "PRIVATE+KEY+"
_MAX_SIZE: Final = 1024
_OPEN_TO_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def write_witness_key(path: Path, cosigner: Cosigner) -> None:
    """Write a new key, readable by its owner only.

    Raises:
        SdkError: there is a file of that name, or it cannot be written.
    """
    line = f"{_encoded(cosigner)}\n".encode()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(line)
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise SdkError(
            f"{path} cannot be written: {error.strerror}",
            "Name a new file in a folder of your own: a key is never overwritten.",
        ) from error


def read_witness_key(path: Path) -> Cosigner:
    """The key of a file that ``write_witness_key`` wrote.

    Raises:
        SdkError: the file cannot be read, is open to others, or holds no witness's key.
    """
    try:
        if sys.platform != "win32" and path.stat().st_mode & _OPEN_TO_OTHERS:
            raise SdkError(f"{path} can be read by others", f"Run `chmod 600 {path}`.")
        with path.open("rb") as file:
            text = file.read(_MAX_SIZE).decode("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise SdkError(
            f"{path} cannot be read as a witness's key",
            "Give the file that `veilgate witness keygen` wrote.",
        ) from error
    return _parsed(path, text.removesuffix("\n"))


def _parsed(path: Path, text: str) -> Cosigner:
    words = text.removeprefix(_BEGIN).split("+", 2)
    try:
        secret = base64_strict.decode(words[2]) if len(words) == 3 else b""
        cosigner = Cosigner(words[0], SigningKey.from_seed(secret[1:]))
    except CryptoError:
        # The cause could repeat a part of the key.
        raise _not_a_key(path) from None
    if text != _encoded(cosigner):
        raise _not_a_key(path)
    return cosigner


def _encoded(cosigner: Cosigner) -> str:
    key_id = cosigner.verifier_key.key_id.hex()
    secret = SignatureType.COSIGNATURE.value + cosigner.signing_key.seed()
    return f"{_BEGIN}{cosigner.name}+{key_id}+{base64_strict.encode(secret)}"


def _not_a_key(path: Path) -> SdkError:
    return SdkError(
        f"{path} holds no witness's key", "Give the file that `veilgate witness keygen` wrote."
    )
