"""Evidence that a log does not go on from what it signed: two signed notes and the log's proof.

Owns the folder's form and reading it again. Refuses to take the report's word: what evidence shows
is worked out from the notes and the proof, with the log's key that the reader has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clients.sdk.failure import SdkError
from clients.sdk.logs.durable_file import write_durably
from gateway.crypto import base64_strict
from gateway.crypto.checkpoint import Checkpoint, open_checkpoint
from gateway.crypto.errors import CryptoError
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.witness import WitnessError, WitnessRefusal, advance

PREVIOUS: Final = "previous.checkpoint"
OFFERED: Final = "offered.checkpoint"
PROOF: Final = "consistency-proof"
REPORT: Final = "report.json"
_MAX_SIZE: Final = 1 << 18

MEANINGS: Final[Mapping[WitnessRefusal, str]] = {
    WitnessRefusal.FORKED: "The log's key signed two histories. The two checkpoints and the proof "
    "convince anybody who has the log's key.",
    WitnessRefusal.STALE: "The log showed fewer entries than it had signed before. The checkpoints "
    "show both sizes; that the smaller came later is this witness's word.",
    WitnessRefusal.BAD_PROOF: "The log could not show that its later checkpoint continues the "
    "earlier one. Only a proof that joins the two clears it.",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The notes as they were signed, and the proof that came (32 bytes each)."""

    previous: bytes
    offered: bytes
    proof: tuple[bytes, ...]

    def judged(self, log_key: VerifierKey) -> tuple[WitnessRefusal, Checkpoint, Checkpoint]:
        """What it shows to whoever has the log's key: the refusal, both checkpoints.

        Raises:
            SdkError: it shows nothing: a note is not the log's, or the log goes on as it should.
        """
        try:
            previous = open_checkpoint(self.previous, log_key)
            advance(previous, self.offered, log_key, self.proof)
        except WitnessError as refused:
            return refused.refusal, previous, refused.offered
        except CryptoError as error:
            raise SdkError(f"this is no evidence: {error}", "Check the log's key.") from error
        raise SdkError(
            "this is no evidence: the second checkpoint continues the first",
            "Ask whoever gave it to you for the whole folder.",
        )

    def write(self, folder: Path, report: Mapping[str, object]) -> None:
        """Write the folder, the report last."""
        write_durably(folder / PREVIOUS, self.previous)
        write_durably(folder / OFFERED, self.offered)
        lines = "".join(f"{base64_strict.encode(one)}\n" for one in self.proof)
        write_durably(folder / PROOF, lines.encode())
        write_durably(folder / REPORT, json.dumps(report, indent=2).encode() + b"\n")


def read_evidence(folder: Path) -> Evidence:
    """The evidence in a folder; nothing of it is believed yet.

    Raises:
        SdkError: a file is missing or malformed.
    """
    try:
        lines = _read(folder / PROOF).decode("ascii").splitlines()
        proof = tuple(base64_strict.decode(line) for line in lines)
    except (UnicodeDecodeError, CryptoError) as error:
        raise SdkError(f"{folder / PROOF} is malformed", _HINT) from error
    return Evidence(_read(folder / PREVIOUS), _read(folder / OFFERED), proof)


_HINT: Final = "Give a folder below `evidence` of a witness's state."


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_SIZE + 1)
    except OSError as error:
        raise SdkError(f"{path} cannot be read: {error.strerror}", _HINT) from error
