"""What a keyholder has stored of its questions, of all three kinds: to list them, and to forget.

Owns reading a stored question without opening anything, where it stands, and for how long its
figures are kept: the contract's days, counted from the question, or the consent's if those are
fewer. Refuses to delete what keeps a round from being opened twice: questions and marks stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal

import msgspec

from clients.keyholder.errors import KeyholderError
from clients.keyholder.files import NameTaken, read_private, remove, write_new
from clients.keyholder.rounds import JOB, QUESTION, RoundStore
from gateway.domain.aggregate.contract import read_contract
from gateway.domain.aggregate.question import Asked, read_question

Kind = Literal["cohort", "exposure", "binning"]
FORGOTTEN: Final = "forgotten"
_ANSWER: Final = "answer.json"
_MAX_FILE: Final = 16 << 20
_DAY_S: Final = 86_400
_KINDS: Final[dict[str, Kind]] = {"cohort": "cohort", "subject": "exposure", "binning": "binning"}


class Standing(StrEnum):
    """Where a question stands."""

    OPEN = "open"
    OPENED = "opened"
    ENDED = "ended"
    """Without a result, for good."""
    EXPIRED = "expired"
    """Its time was over before a result was opened."""
    DAMAGED = "damaged"
    """Its file cannot be read."""


class Figures(StrEnum):
    """What is kept of an answer."""

    NONE = "none"
    KEPT = "kept"
    SEALED = "sealed"
    FORGOTTEN = "forgotten"
    """Deleted when their days were over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An own question. ``cost`` is micro-rho; times are Unix seconds; of a damaged one 0 and ""."""

    kind: Kind
    round: str
    state: Standing
    figures: Figures
    why: str = ""
    """It ended for this reason."""
    dataset: str = ""
    snapshot: str = ""
    purpose: str = ""
    cost: int = 0
    asked_at: int = 0
    expires_at: int = 0
    consent_id: str = ""


class _Sketch(msgspec.Struct, frozen=True):
    """What the stored forms of all kinds have, base64 in the file."""

    payload: bytes
    contract: bytes = b""
    consent_id: str = ""
    life_days: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """A stored question: its store, its id, its file, and where its answer would be."""

    kind: Kind
    rounds: RoundStore
    identity: str
    file: Path
    answer: Path

    def read(self) -> tuple[_Sketch, Asked]:
        """Read it; raises ``KeyholderError`` and ``ValueError``."""
        sketch = msgspec.json.decode(read_private(self.file, _MAX_FILE), type=_Sketch)
        question = read_question(sketch.payload)
        if question.id != self.identity:
            raise ValueError("another round's question")
        return sketch, question


def past_of(folder: Path, now: int) -> tuple[Past, ...]:
    """Return what is stored in a keyholder's folder, the latest question first."""
    found = [_past(one, now) for one in _places(folder)]
    return tuple(sorted(found, key=lambda one: (-one.asked_at, one.round)))


def forget_old(folder: Path, now: int) -> tuple[str, ...]:
    """Delete the figures whose days are over; returns the rounds that they were of.

    Raises:
        KeyholderError: figures cannot be deleted, or not be noted as deleted.
    """
    return tuple(one.identity for one in _places(folder) if _is_over(one, now) and _forget(one))


def _forget(place: _Place) -> bool:
    # Noted first: a crash in between leaves figures that the next call finds and deletes.
    with suppress(NameTaken):
        write_new(place.answer.with_name(FORGOTTEN), b"")
    remove(place.answer)
    return True


def _is_over(place: _Place, now: int) -> bool:
    if not place.answer.exists() or place.rounds.state(place.identity) != "opened":
        return False
    try:
        sketch, question = place.read()
        days = read_contract(sketch.contract).life_days
    except (KeyholderError, ValueError):
        # It is listed as damaged; whose figures these are cannot be told.
        return False
    days = min(days, sketch.life_days) if sketch.life_days else days
    return question.issued_at + days * _DAY_S <= now


def _past(place: _Place, now: int) -> Past:
    figures = _figures(place)
    try:
        sketch, question = place.read()
    except (KeyholderError, ValueError):
        return Past(kind=place.kind, round=place.identity, state=Standing.DAMAGED, figures=figures)
    state = Standing(place.rounds.state(place.identity))
    if state is Standing.OPEN and question.expires_at <= now:
        state = Standing.EXPIRED
    return Past(
        kind=_KINDS[str(question.__struct_config__.tag)],
        round=question.id,
        state=state,
        figures=figures,
        why=place.rounds.why(place.identity),
        dataset=question.dataset,
        snapshot=question.snapshot,
        purpose=question.purpose,
        cost=getattr(question, "cost", 0),
        asked_at=question.issued_at,
        expires_at=question.expires_at,
        consent_id=sketch.consent_id,
    )


def _figures(place: _Place) -> Figures:
    if place.rounds.state(place.identity) != "opened":
        return Figures.NONE
    if place.answer.exists():
        return Figures.KEPT if place.kind == "cohort" else Figures.SEALED
    return Figures.FORGOTTEN if place.answer.with_name(FORGOTTEN).exists() else Figures.NONE


def _places(folder: Path) -> Iterator[_Place]:
    own = folder / "rounds"
    rounds = RoundStore(own)
    for file in sorted(own.glob(f"*/{QUESTION}")):
        yield _Place("cohort", rounds, file.parent.name, file, file.with_name(_ANSWER))
    for file in sorted(own.glob(f"*/{JOB}")):
        yield _Place("binning", rounds, file.parent.name, file, file.with_name(_ANSWER))
    for shelf in sorted(folder.glob("exposures/*")):
        there = RoundStore(shelf / "rounds")
        for file in sorted(shelf.glob(f"rounds/*/{QUESTION}")):
            yield _Place("exposure", there, file.parent.name, file, shelf / _ANSWER)
