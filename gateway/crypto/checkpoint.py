"""C2SP log checkpoints (<https://c2sp.org/tlog-checkpoint>).

Owns the text between a log's state and its signature. Refuses to hand out a checkpoint from a
note that the log's own key has not signed, or that names another log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.crypto import base64_strict
from gateway.crypto.errors import CryptoError
from gateway.crypto.merkle import EMPTY_ROOT, HASH_SIZE
from gateway.crypto.note_key import NoteSigner, VerifierKey
from gateway.crypto.signed_note import SignedNote, require_note_text, sign_note

MAX_SIZE = 2**63 - 1
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class CheckpointError(CryptoError):
    """The text is not a well-formed checkpoint, or is another log's."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log commits to: who it is, its number of entries and its Merkle root (32 bytes).

    Extension lines are kept as they are, so that a signature over them still verifies.

    Raises:
        CryptoError: a field cannot stand in a checkpoint, or size and root contradict.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        for line in (self.origin, *self.extensions):
            if not line or "\n" in line:
                raise CheckpointError("an origin or extension is one line that is not empty")
        if not 0 <= self.size <= MAX_SIZE:
            raise CheckpointError("a log size is between 0 and 2**63 - 1")
        if len(self.root) != HASH_SIZE:
            raise CheckpointError("a root hash is 32 bytes")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise CheckpointError("an empty log has the root of the empty tree")
        require_note_text(self.encode())

    def encode(self) -> str:
        """The note text, final newline included."""
        lines = (self.origin, str(self.size), base64_strict.encode(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Parse a note text strictly; `parse(text).encode() == text`.

        Raises:
            CheckpointError: it is not a checkpoint's text.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() != "":
            raise CheckpointError("a checkpoint is three lines or more, each ended by a newline")
        if not _DECIMAL.fullmatch(lines[1]):
            raise CheckpointError("a log size is decimal without leading zeros")
        try:
            return cls(lines[0], int(lines[1]), base64_strict.decode(lines[2]), tuple(lines[3:]))
        except CheckpointError:
            raise
        except CryptoError as error:
            raise CheckpointError("the checkpoint's root or text is malformed") from error


def sign_checkpoint(checkpoint: Checkpoint, *signers: NoteSigner) -> SignedNote:
    """Sign a checkpoint, the log's own signer first."""
    return sign_note(checkpoint.encode(), *signers)


def open_checkpoint(raw: bytes, key: VerifierKey, origin: str | None = None) -> Checkpoint:
    """Verify a signed checkpoint and return it.

    Args:
        raw: the signed note.
        key: the log's key, obtained out of band.
        origin: the origin line to insist on; the key's name where it is left out.

    Raises:
        NoteError: the bytes are not a signed note.
        SignatureError: the log's key has not signed it.
        CheckpointError: the text is not a checkpoint, or its origin is another.
    """
    note = SignedNote.parse(raw)
    note.verify([key])
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != (key.name if origin is None else origin):
        raise CheckpointError("the checkpoint is of another log")
    return checkpoint
