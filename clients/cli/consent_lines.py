"""The lines of an import: from one JSON object to a draft, the same one at every run.

Owns the form of a line, and the id of a consent that names none. Refuses a line whose terms depend
on the moment of the run: its second run would grant another consent.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

from clients.cli.output import UsageError
from clients.sdk.codecs.common import encode_artefact
from clients.sdk.consents.draft import ConsentDraftError, Draft, read_draft
from clients.sdk.consents.signing import MAX_ARTEFACT_SIZE, sign
from clients.sdk.failure import RequestError
from gateway.crypto.ed25519 import SigningKey
from veilgate.v1 import consent_pb2

MAX_LINE_SIZE: Final = 64 * 1024
MALFORMED: Final = "MALFORMED_LINE"
_LABEL: Final = b"veilgate consent import v1"
_NIL: Final = str(UUID(int=0))
_FIXED: Final = ("valid_from", "valid_until")


class LineRefused(Exception):
    """A line that cannot be granted; the text holds nothing of its values."""

    reason = MALFORMED


@contextmanager
def open_lines(file: Path) -> Iterator[Iterator[tuple[int, bytes]]]:
    """The lines that are not blank, with their numbers from 1.

    Raises:
        UsageError: the file cannot be read.
    """
    try:
        with file.open("rb") as content:
            yield _numbered(iter(lambda: content.readline(MAX_LINE_SIZE + 1), b""))
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}", "Give a file that you may read."
        ) from error


def _numbered(pieces: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    number, begun = 1, b""
    for piece in pieces:
        # A line that is too long is cut; what is kept of it is over the limit, and is refused.
        begun = (begun + piece)[: MAX_LINE_SIZE + 1]
        if piece.endswith(b"\n"):
            if begun.strip():
                yield number, begun
            number, begun = number + 1, b""
    if begun.strip():
        yield number, begun


@dataclass(frozen=True, slots=True)
class Importer:
    """Makes drafts of lines, and signs them, for one collector."""

    institution: str
    key: SigningKey
    key_id: str

    def draft(self, raw: bytes) -> Draft:
        """The draft of a line.

        Raises:
            LineRefused: it is not a JSON object with the terms of a consent.
        """
        document = _document(raw)
        missing = [name for name in _FIXED if name not in document]
        if missing:
            raise LineRefused(f"{' and '.join(missing)} must stand in every line of an import")
        own = {"controller": self.institution, "collector": self.institution}
        if document.get("collector", self.institution) != self.institution:
            raise LineRefused("the collector is not the institution that imports")
        try:
            if "consent_id" in document:
                return _bounded(read_draft(own | document))
            draft = read_draft(own | document | {"consent_id": _NIL})
            return _bounded(read_draft(own | document | {"consent_id": self._id_of(draft)}))
        except (ConsentDraftError, RequestError) as error:
            raise LineRefused(_without_names(str(error))) from None

    def sign(self, draft: Draft) -> consent_pb2.SignedConsent:
        """The draft, signed."""
        return sign(draft, self.key, self.key_id)

    def _id_of(self, draft: Draft) -> str:
        # Keyed, for ids stand in lists and receipts: from a plain digest a subject's number could
        # be found by trying them all.
        space = UUID(bytes=hmac.digest(self.key.seed(), _LABEL, "sha256")[:16])
        return str(uuid5(space, encode_artefact(draft).SerializeToString(deterministic=True).hex()))


def _document(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_LINE_SIZE:
        raise LineRefused(f"the line is longer than {MAX_LINE_SIZE} bytes")
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise LineRefused("the line is not JSON") from None
    if not isinstance(document, dict):
        raise LineRefused("the line is not a JSON object")
    return document


def _bounded(draft: Draft) -> Draft:
    if encode_artefact(draft).ByteSize() > MAX_ARTEFACT_SIZE:
        raise LineRefused(f"the consent is above {MAX_ARTEFACT_SIZE} bytes")
    return draft


def _without_names(message: str) -> str:
    # An unknown name is the file's own word, and may be a value in the wrong place.
    return "a name that is not one of the terms" if "unknown field" in message else message
