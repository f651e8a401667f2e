"""A lender's rows for a binning: identifiers, labels and consents from its own CSV file.

Owns reading the file and the rows' order, which follows from a random secret, so that a row's place
says nothing of it and the same secret gives the same order again. Refuses labels other than 0 and
1, identifiers that are none or are there twice, and a consent that is missing or is there twice; no
message repeats a value of the file.
"""

from __future__ import annotations

import csv
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from clients.keyholder.errors import KeyholderError
from clients.sdk.codecs.common import encode_reference, encode_subject
from clients.sdk.failure import RequestError
from clients.sdk.normal_form import encoded_identifier
from clients.sdk.subject import SubjectReference
from clients.sdk.vocabulary import IdentifierType
from gateway.crypto.merkle import CompactRange, leaf_hash
from veilgate.v1 import aggregate_pb2 as pb
from veilgate.v1 import subject_pb2

MAX_ROWS: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the file are what."""

    identifier: str
    label: str
    consent: str
    kind: str = ""
    """Of the identifiers' types, where they are not all of one."""


@dataclass(frozen=True, slots=True)
class LabelledRows:
    """Rows in a random order."""

    identifiers: tuple[bytes, ...] = field(repr=False)
    labels: bytes = field(repr=False)
    consents: tuple[str, ...] = field(repr=False)
    references: tuple[SubjectReference, ...] = field(default=(), repr=False)
    """Of the identifiers, in their order, where the gateway is to be told no identifier."""

    def subjects(self, first: int, end: int) -> list[pb.RowSubject]:
        """Return whose the consents are, of some rows, as the gateway is told."""
        if self.references:
            return [
                pb.RowSubject(reference=encode_reference(one)) for one in self.references[first:end]
            ]
        return [pb.RowSubject(identifier=_subject(one)) for one in self.identifiers[first:end]]

    def pairs(self) -> list[tuple[str, str]]:
        """Return type and identifier of each row, as references are asked for."""
        return [_pair(one) for one in self.identifiers]

    @property
    def root(self) -> str:
        """The Merkle root over the consents, in the rows' order, in hex: what a job names."""
        leaves = (leaf_hash(one.encode()) for one in self.consents)
        return CompactRange().extend(leaves).root().hex()


def new_order() -> bytes:
    """Return a secret that rows' order follows from, 32 bytes."""
    return secrets.token_bytes(32)


def read_rows(
    path: Path, kind: IdentifierType, columns: Columns, order: bytes | None = None
) -> LabelledRows:
    """Read a CSV file with a header, UTF-8; ``kind`` is of all rows, unless a column says.

    ``order`` is the secret of the rows' order, a new one where none is given.

    Raises:
        KeyholderError: it cannot be read, or a row is not what it should be.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(_rows(csv.DictReader(file, strict=True), kind, columns))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise KeyholderError(
            f"{path} cannot be read as CSV", "Give a UTF-8 file with a header."
        ) from None
    rows = _ordered(rows, new_order() if order is None else order)
    identifiers = tuple(one for one, _, _ in rows)
    consents = tuple(one for _, _, one in rows)
    for name, values in ((columns.identifier, identifiers), (columns.consent, consents)):
        if len(set(values)) != len(values):
            raise KeyholderError(
                f"the column {name} has a value twice", "A person has one row, with a consent."
            )
    return LabelledRows(identifiers, bytes(label for _, label, _ in rows), consents)


def _ordered(rows: list[tuple[bytes, int, str]], order: bytes) -> list[tuple[bytes, int, str]]:
    keys = [sha256(order + at.to_bytes(8, "big")).digest() for at in range(len(rows))]
    return [rows[at] for at in sorted(range(len(rows)), key=keys.__getitem__)]


def _pair(encoded: bytes) -> tuple[str, str]:
    kind, _, value = encoded.decode().partition("|")
    return kind, value


def _subject(encoded: bytes) -> subject_pb2.SubjectIdentifier:
    return encode_subject(*_pair(encoded))


def _rows(
    reader: csv.DictReader[str], kind: IdentifierType, columns: Columns
) -> Iterator[tuple[bytes, int, str]]:
    needed = {columns.identifier, columns.label, columns.consent, columns.kind} - {""}
    missing = needed - set(reader.fieldnames or ())
    if missing:
        raise KeyholderError(
            f"the file has no column {', '.join(sorted(missing))}", "Name the columns by options."
        )
    for number, row in enumerate(reader, 1):
        if number > MAX_ROWS:
            raise KeyholderError("the file has too many rows", "Give ten million at most.")
        label, consent = row[columns.label], row[columns.consent]
        if label not in ("0", "1") or not consent:
            raise KeyholderError(
                f"row {number} has no label 0 or 1, or no consent", "1 is an event, such as a loss."
            )
        try:
            own = IdentifierType(row[columns.kind]) if columns.kind else kind
            identifier = encoded_identifier(own, row[columns.identifier] or "")
        except (RequestError, ValueError):
            raise KeyholderError(
                f"row {number} has no valid identifier of its type", "Check the file."
            ) from None
        yield identifier, int(label), consent
