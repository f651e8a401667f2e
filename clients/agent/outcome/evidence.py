"""What an agent keeps where a gateway's statements do not hold, for others to look at.

Owns the files: one for a round and word, in ``evidence`` of the agent's state folder, whole or not
there. Everything in one was signed by its maker: the result with the digests of what was released
and of its proof by the gateway, each contribution by its member; so who was not there can check it.
Refuses a second file of the same round and word, and more than 32 of a word, so that a gateway
cannot fill the disk. Holds no plaintext: contributions are masked and encrypted.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec

from clients.agent.context import Trust
from clients.agent.errors import Word
from clients.agent.orders import ResultOrder, RosterOrder
from clients.agent.outcome.combination import Combination
from clients.agent.store import Kept
from clients.agent.stored import decode_roster

_LOG: Final = logging.getLogger("veilgate.agent")
FOLDER: Final = "evidence"
MOST: Final = 32
_OWN: Final = 0o600


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A result that does not hold, with all that it is about. Bytes are base64 in the file."""

    word: Word
    """COMBINATION: the gateway signed a false proof. RESULT: it showed what it did not sign, or
    what its members did not. UNLOGGED: its log has no such release. WITHHELD: it showed nothing.
    SECOND_ROSTER: it signed two for one question. Else what is wrong with its only one."""
    noticed_at: int
    """Unix seconds; the certificates of the statements are of that time."""
    agent: str
    round: str
    question: bytes
    """As its asker signed it."""
    roster: RosterOrder
    second: RosterOrder | None = None
    result: ResultOrder | None = None
    shown: Combination | None = None
    contract: bytes = b""


def roster_evidence(trust: Trust, word: Word, kept: Kept, order: RosterOrder) -> Evidence:
    """Return evidence of a roster beside the one that was followed, if there was one."""
    first = decode_roster(kept.roster) if kept.roster else order
    return Evidence(
        word=word,
        noticed_at=int(trust.now()),
        agent=trust.institution,
        round=kept.id,
        question=kept.question,
        roster=first,
        second=order if kept.roster else None,
        contract=kept.contract,
    )


class EvidenceFolder:
    """The evidence of one agent. Blocking, and may be shared by threads."""

    def __init__(self, state: Path) -> None:
        """Take the agent's state folder."""
        self._folder = state / FOLDER
        self._lock = Lock()

    def keep(self, evidence: Evidence) -> None:
        """Write it down for good, once. Raises ``OSError`` where that cannot be done."""
        with self._lock:
            self._keep(evidence)

    def _keep(self, evidence: Evidence) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        path = self._folder / f"{evidence.round}.{evidence.word.value}.json"
        if path.exists():
            return
        if len(list(self._folder.glob(f"*.{evidence.word.value}.json"))) >= MOST:
            _LOG.error("round %s: the folder of evidence is full", evidence.round)
            return
        fresh = path.with_suffix(".new")
        with open(fresh, "wb", opener=lambda name, flags: os.open(name, flags, _OWN)) as file:
            file.write(msgspec.json.encode(evidence))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        self._settle()

    def names(self) -> list[str]:
        """Return what is kept as ``round.word``."""
        return sorted(one.stem for one in self._folder.glob("*.json"))

    def all(self) -> list[Evidence]:
        """Return what is kept, by the names of the files. Raises ``OSError``, ``MsgspecError``."""
        paths = sorted(self._folder.glob("*.json"))
        return [msgspec.json.decode(one.read_bytes(), type=Evidence) for one in paths]

    def _settle(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
