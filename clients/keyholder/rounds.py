"""A keyholder's questions on the disk: stored before they are sent, opened once.

Owns a folder for each round: the signed bytes as they are sent (and sent again), the contract they
are about, the mark that the round was opened, the figures that came of it. The mark is claimed by
one process, ever, and is on the disk before anything is decrypted: a crash in between loses the
answer, never the rule. Refuses questions that are not its own, changed, or over.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from clients.keyholder.errors import KeyholderError, ResultRefused, Wrong
from clients.keyholder.files import NameTaken, read_private, write_new
from clients.keyholder.wanted import Wanted
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.contract import AggregateContract, read_contract
from gateway.domain.aggregate.packing_plan import layout_of
from gateway.domain.aggregate.plan import CohortPlan, require_plan
from gateway.domain.aggregate.question import (
    CohortQuestion,
    RoundId,
    WrongContract,
    read_question,
    require_contract,
)
from gateway.domain.aggregate.statements import digest_of
from gateway.domain.privacy.errors import PrivacyError

_MAX_FILE: Final = 16 << 20
QUESTION: Final = "question.json"
JOB: Final = "job.json"
_OPENED: Final = "opened"
_ENDED: Final = "ended"
_ANSWER: Final = "answer.json"


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """As it lies in a file; bytes in base64."""

    wanted: Wanted
    contract: str
    payload: str
    signature: str
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """An own question, its contract and the plan that follows from both."""

    statement: SignedStatement
    question: CohortQuestion
    wanted: Wanted
    contract: AggregateContract
    plan: CohortPlan

    @property
    def id(self) -> str:
        """The round."""
        return self.question.id

    @property
    def digest(self) -> str:
        """Of the signed bytes, in hex."""
        return digest_of(self.statement.payload)

    @property
    def most_bytes(self) -> int:
        """What the ciphertexts of a result can have at most."""
        layout = layout_of(self.plan, self.question.key, len(self.contract.contributors))
        return layout.ciphertexts * layout.ciphertext_size


def open_question(
    statement: SignedStatement, wanted: Wanted, contract: AggregateContract
) -> OpenQuestion:
    """Put together what belongs together.

    Raises:
        KeyholderError: it does not.
    """
    try:
        question = read_question(statement.payload)
        if not isinstance(question, CohortQuestion):
            raise KeyholderError("the question is of another kind", "Name the right round.")
        require_contract(question, contract)
        plan = require_plan(question, contract)
        if not _same(wanted, question):
            raise WrongContract("figures")
    except (ValueError, PrivacyError):
        raise KeyholderError("the stored question is malformed", "Restore it from a copy.") from (
            None
        )
    return OpenQuestion(statement, question, wanted, contract, plan)


class RoundStore:
    """The rounds in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, opened: OpenQuestion) -> None:
        """Store a question before it is sent; when this returns, it is on the disk.

        Raises:
            KeyholderError: there is one of this id, or it cannot be written.
        """
        stored = _Stored(
            wanted=opened.wanted,
            contract=_text(opened.contract.encoded()),
            payload=_text(opened.statement.payload),
            signature=_text(opened.statement.signature),
            chain=tuple(map(_text, opened.statement.chain)),
        )
        write_new(self._path(opened.id, QUESTION), msgspec.json.encode(stored))

    def note_job(self, job: SignedStatement) -> None:
        """Note a binning before it is run, to list it; that it is run once, its gateway sees to.

        Raises:
            KeyholderError: it cannot be written.
        """
        identity = read_question(job.payload).id
        noted = {"payload": _text(job.payload), "signature": _text(job.signature)}
        with suppress(NameTaken):
            write_new(self._path(identity, JOB), msgspec.json.encode(noted))

    def get(self, identity: str) -> OpenQuestion:
        """Return a stored question, in whatever state it is.

        Raises:
            ResultRefused: NOT_OPEN: there is none.
            KeyholderError: its file is damaged or open to others.
        """
        path = self._path(identity, QUESTION)
        if not path.exists():
            raise ResultRefused(Wrong.NOT_OPEN, "there is no such question here")
        try:
            stored = msgspec.json.decode(read_private(path, _MAX_FILE), type=_Stored)
            chain = tuple(map(_bytes, stored.chain))
            statement = SignedStatement(_bytes(stored.payload), _bytes(stored.signature), chain)
            contract = read_contract(_bytes(stored.contract))
        except (ValueError, binascii.Error):
            raise KeyholderError(f"{path} is damaged", "Restore it from a copy.") from None
        found = open_question(statement, stored.wanted, contract)
        if found.id != identity:
            raise KeyholderError(f"{path} is another round's", "Restore it from a copy.")
        return found

    def require_open(self, identity: str) -> None:
        """Check that a round was neither opened nor ended.

        Raises:
            ResultRefused: ALREADY_OPENED or NOT_OPEN.
        """
        if self._path(identity, _OPENED).exists():
            raise _already_opened()
        if self._path(identity, _ENDED).exists():
            raise ResultRefused(Wrong.NOT_OPEN, "the round ended without a result")

    def claim(self, identity: str) -> None:
        """Mark a round as opened, for good; of several processes one gets through.

        Raises:
            ResultRefused: ALREADY_OPENED or NOT_OPEN.
        """
        self.require_open(identity)
        try:
            write_new(self._path(identity, _OPENED), b"")
        except NameTaken:
            raise _already_opened() from None

    def end(self, identity: str, why: str) -> None:
        """Note that a round ended without a result."""
        path = self._path(identity, _ENDED)
        if not path.exists():
            write_new(path, why.encode())

    def keep_answer(self, identity: str, answer: bytes) -> None:
        """Keep the figures, to show them again without opening anything again."""
        write_new(self._path(identity, _ANSWER), answer)

    def answer(self, identity: str) -> bytes | None:
        """Return the figures that are kept of a round."""
        path = self._path(identity, _ANSWER)
        return read_private(path, _MAX_FILE) if path.exists() else None

    def state(self, identity: str) -> str:
        """Return "open", "opened" or "ended"."""
        if self._path(identity, _OPENED).exists():
            return "opened"
        return "ended" if self._path(identity, _ENDED).exists() else "open"

    def why(self, identity: str) -> str:
        """Return why a round ended without a result, empty if it did not."""
        path = self._path(identity, _ENDED)
        if not path.exists():
            return ""
        return read_private(path, _MAX_FILE).decode("utf-8", "replace")

    def identities(self) -> tuple[str, ...]:
        """Return the ids of all rounds."""
        return tuple(sorted(path.parent.name for path in self._folder.glob(f"*/{QUESTION}")))

    def _path(self, identity: str, name: str) -> Path:
        try:
            # An id that comes from a command line names no other folder.
            msgspec.convert(identity, RoundId)
        except msgspec.ValidationError:
            raise ResultRefused(Wrong.NOT_OPEN, "a round's id is 32 hexadecimal digits") from None
        return self._folder / identity / name


def _same(wanted: Wanted, question: CohortQuestion) -> bool:
    asked = (question.sums, question.squares, question.histograms)
    return (wanted.sums, wanted.squares, wanted.histograms) == asked


def _already_opened() -> ResultRefused:
    return ResultRefused(Wrong.ALREADY_OPENED, "the round's result was opened before")


def _text(content: bytes) -> str:
    return b64encode(content).decode("ascii")


def _bytes(text: str) -> bytes:
    return b64decode(text, validate=True)
