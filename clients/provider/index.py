"""Indexing by reference: people's identifiers are evaluated blinded and replaced, or added to.

Owns the run: batch after batch, each durable before the next is sent. The identifiers do not leave
this process but blinded, and the outputs, from which every provider's references could be made,
live in memory only. Refuses to go on past a spent quota: the same run goes on the next day.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

from clients.provider.index_source import Person, Source
from clients.provider.index_target import Target
from clients.sdk.calls.subjects import MAX_BATCH
from clients.sdk.errors import VeilgateError
from clients.sdk.subject import SubjectReference
from gateway.crypto.reference import scoped_reference

REFERENCE: Final = "REFERENCE"
"""What the type column of an index says."""
_SPENT: Final = "REFERENCE_QUOTA_SPENT"


class Evaluating(Protocol):
    """What of a client is needed."""

    def references(self, subjects: Sequence[tuple[str, str]], /) -> tuple[SubjectReference, ...]:
        """Return the references of 1 to 1000 pairs of type and identifier."""
        ...


@dataclass(frozen=True, slots=True)
class Indexed:
    """How a run ended: rows that are there, and whether today's quota ended it."""

    rows: int
    total: int
    quota_spent: bool


def output_names(source: Source) -> tuple[str, ...]:
    """Return the columns of an index: type and identifier first, then those that are kept.

    Where references are added their column is first, and what is kept has type and identifier.
    """
    if source.columns.reference:
        return (source.columns.reference, *source.names)
    return (source.columns.type, source.columns.identifier, *source.names)


def fingerprint(source: Source, scope: str, reference_key: str) -> str:
    """Return what two runs must have in common for one to go on where the other stopped."""
    parts = [source.digest, *output_names(source), scope, reference_key]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def index_people(
    source: Source,
    target: Target,
    client: Evaluating,
    scope: str,
    on_progress: Callable[[int], None],
) -> Indexed:
    """Index what is not indexed yet; ``on_progress`` hears of the rows that are there.

    Raises:
        VeilgateError: an evaluation was refused for another reason than its quota, or got no
            answer; what is there stays.
        ProviderError: the file is no longer the one that was checked.
    """
    people = source.people_from(target.done)
    size = MAX_BATCH
    batch: list[Person] = []
    on_progress(target.done)
    while batch := [*batch, *islice(people, max(0, size - len(batch)))]:
        try:
            rows = _indexed(source, batch[:size], client, scope)
        except VeilgateError as error:
            if error.reason != _SPENT:
                raise
            if size == 1:
                return Indexed(target.done, source.people, True)
            # Less than a batch may be left of the quota.
            size //= 2
            continue
        target.append(rows)
        batch = batch[size:]
        on_progress(target.done)
    source.require_unchanged()
    target.finish()
    return Indexed(source.people, source.people, False)


def _indexed(
    source: Source, batch: Sequence[Person], client: Evaluating, scope: str
) -> list[tuple[str, ...]]:
    references = client.references([(one.type, one.identifier) for one in batch])
    kind = () if source.columns.reference else (REFERENCE,)
    return [
        (*kind, scoped_reference(reference.value, scope).hex(), *one.cells)
        for one, reference in zip(batch, references, strict=True)
    ]
