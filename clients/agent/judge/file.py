"""What evidence files say, as somebody reads them who trusts nobody that wrote one.

Owns their form, which agents and keyholders share. Refuses files that are none, or too large. Of
what a file says of itself (who wrote it, when, what it calls wrong) nothing is believed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from clients.agent.errors import AgentError
from gateway.crypto.statement import SignedStatement

MAX_FILE: Final = 256 << 20


class Rostered(msgspec.Struct, frozen=True):
    """A roster, and its members' READYs."""

    roster: SignedStatement
    readies: tuple[SignedStatement, ...] = ()


class Resulted(msgspec.Struct, frozen=True):
    """A result; ``event`` stands in the log, under ``checkpoint`` by the path ``inclusion``."""

    result: SignedStatement
    proof: bytes = b""
    checkpoint: bytes = b""
    event: bytes = b""
    inclusion: tuple[bytes, ...] = ()


class Shown(msgspec.Struct, frozen=True):
    """Contributions with their ciphertexts, and what was released."""

    contributions: tuple[tuple[SignedStatement, bytes], ...]
    released: bytes


class EvidenceFile(msgspec.Struct, frozen=True):
    """One file, bytes in base64; what it does not have is left out or null."""

    word: str
    round: str
    question: bytes = b""
    contract: bytes = b""
    roster: Rostered | None = None
    second: Rostered | None = None
    result: Resulted | None = None
    shown: Shown | None = None


def read_evidence(path: Path) -> EvidenceFile:
    """Read a file of at most 256 MiB.

    Raises:
        AgentError: it cannot be read, or is no evidence.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        raise AgentError(f"{path} cannot be read: {error.strerror}", "Check its path.") from error
    try:
        if len(content) > MAX_FILE:
            raise ValueError
        return msgspec.json.decode(content, type=EvidenceFile)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise AgentError(
            f"{path} is no evidence", "Give a file of a folder `evidence`, as it was written."
        ) from None
