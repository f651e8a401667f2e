"""C2SP signed notes with Ed25519 signatures (<https://c2sp.org/signed-note>).

Owns the note's text format and its signatures; several are kept, so that witnesses can cosign.
Refuses to verify signature types other than 0x01 (a witness's are `cosignature`'s to verify) and
gives out no verified text without a trusted key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.crypto import base64_strict
from gateway.crypto.errors import CryptoError, SignatureError
from gateway.crypto.note_key import NoteSigner, SignatureType, VerifierKey, require_key_name

MAX_NOTE_SIZE = 1 << 18
"""Bytes: room for sixteen post-quantum signatures, which verifiers have to accept."""
MAX_SIGNATURES = 100

_DASH = "\u2014 "


class NoteError(CryptoError):
    """The bytes are not a well-formed signed note."""


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who, which key (4 bytes), and the signature's bytes (any length)."""

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        require_key_name(self.name)
        if len(self.key_id) != 4 or not self.signature:
            raise NoteError("a signature is a key id of 4 bytes and at least one byte more")

    def encode(self) -> str:
        """The line, newline included."""
        return f"{_DASH}{self.name} {base64_strict.encode(self.key_id + self.signature)}\n"

    @classmethod
    def parse(cls, line: str) -> NoteSignature:
        """Parse a line without its newline.

        Raises:
            CryptoError: it has another form, or its base64 is not canonical.
        """
        words = line.removeprefix(_DASH).split(" ")
        if not line.startswith(_DASH) or len(words) != 2:
            raise NoteError("a signature line is a dash, a key name and base64")
        value = base64_strict.decode(words[1])
        return cls(words[0], value[:4], value[4:])


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text (ending in a newline) and at least one signature, none of them verified yet.

    Raises:
        NoteError: the text, the number of signatures or the total size breaks the format.
    """

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        require_note_text(self.text)
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            raise NoteError(f"a note has 1 to {MAX_SIGNATURES} signatures")
        if len(self.encode()) > MAX_NOTE_SIZE:
            raise NoteError(f"the note is longer than {MAX_NOTE_SIZE} bytes")

    def encode(self) -> bytes:
        """The note as UTF-8."""
        lines = "".join(signature.encode() for signature in self.signatures)
        return f"{self.text}\n{lines}".encode()

    @classmethod
    def parse(cls, raw: bytes) -> SignedNote:
        """Parse a note strictly; `parse(raw).encode() == raw`.

        Raises:
            NoteError: it is not a well-formed note.
        """
        if len(raw) > MAX_NOTE_SIZE:
            raise NoteError(f"the note is longer than {MAX_NOTE_SIZE} bytes")
        try:
            note = raw.decode()
        except UnicodeDecodeError as error:
            raise NoteError("the note is not UTF-8") from error
        text, blank, lines = note.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise NoteError("a note is a text, a blank line and signature lines")
        try:
            signatures = tuple(map(NoteSignature.parse, lines[:-1].split("\n")))
        except CryptoError as error:
            raise NoteError("a signature line is malformed") from error
        return cls(text + "\n", signatures)

    def verify(self, keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
        """Check each signature that names a known key; return the keys that signed, each once.

        Signatures of unknown keys are ignored, as the specification demands.

        Raises:
            SignatureError: a known key's signature does not verify, two known keys share name
                and id, a key is a witness's, or no known key has signed.
        """
        known: dict[tuple[str, bytes], VerifierKey] = {}
        for key in keys:
            if key.signature_type is not SignatureType.NOTE:
                raise SignatureError("a witness's key cosigns a note and does not sign it")
            if known.setdefault((key.name, key.key_id), key) != key:
                raise SignatureError("two keys share a name and a key id")
        signed: dict[VerifierKey, None] = {}
        for signature in self.signatures:
            signer = known.get((signature.name, signature.key_id))
            if signer is not None:
                signer.public_key.verify(signature.signature, self.text.encode())
                signed[signer] = None
        if not signed:
            raise SignatureError("the note has no signature by a known key")
        return tuple(signed)

    def signatures_of(self, key: VerifierKey) -> tuple[bytes, ...]:
        """What the lines with this key's name and id carry, none of it verified."""
        identity = (key.name, key.key_id)
        return tuple(s.signature for s in self.signatures if (s.name, s.key_id) == identity)

    def with_signature(self, signature: NoteSignature) -> SignedNote:
        """The note with a signature added; an older one of the same key gives way."""
        same = (signature.name, signature.key_id)
        kept = tuple(s for s in self.signatures if (s.name, s.key_id) != same)
        return SignedNote(self.text, (*kept, signature))


def require_note_text(text: str) -> None:
    """Check that `text` can be the text of a note.

    Raises:
        NoteError: it does not end in a newline, is not encodable as UTF-8, or holds an ASCII
            control character other than newline.
    """
    if not text.endswith("\n"):
        raise NoteError("a note's text ends in a newline")
    if any(char < " " and char != "\n" for char in text):
        raise NoteError("a note's text holds a control character")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise NoteError("a note's text is not valid Unicode")


def sign_note(text: str, *signers: NoteSigner) -> SignedNote:
    """Sign a text with each signer, in order.

    Raises:
        NoteError: the text is not a note's text, or there is no signer.
    """
    require_note_text(text)
    return SignedNote(
        text,
        tuple(
            NoteSignature(signer.name, signer.verifier_key.key_id, signer.sign(text))
            for signer in signers
        ),
    )
