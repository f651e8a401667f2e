"""The agent's keys that boxes are sealed for (HPKE), and its signed word for the newest.

Owns making, keeping and replacing them: a key is named for a few days, and opens boxes for an hour
more, which is as long as a question lives. Refuses boxes that were altered, or sealed for another
agent or question.
"""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec

from clients.agent.context import Trust
from clients.agent.errors import AgentError, Unwilling, Word
from gateway.crypto.errors import CryptoError
from gateway.crypto.hpke import box_public_key, new_box_key, open_box
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.question import MAX_LIFE_S
from gateway.domain.aggregate.subject import BOX_CONTENT, BOX_KEY_TYPE, BoxKey, box_context

_LIFE_S: Final = 3 * 24 * 3600
_RENEWED_S: Final = 24 * 3600
"""Before its end: askers fetch a key once and use it for a while."""


class _Key(msgspec.Struct, frozen=True):
    private: bytes
    expires_at: int


class BoxKeys:
    """Keys in a file of mode 0600. May be shared by threads."""

    def __init__(self, trust: Trust, file: Path) -> None:
        """Read the keys, if there are some; raises ``AgentError`` where they cannot be."""
        self._trust = trust
        self._file = file
        self._lock = Lock()
        try:
            self._keys = msgspec.json.decode(file.read_bytes(), type=list[_Key])
        except FileNotFoundError:
            self._keys = []
        except (OSError, msgspec.MsgspecError) as error:
            raise AgentError(
                f"the box keys in {file} cannot be read", "Restore the file, or remove it."
            ) from error

    def statement(self) -> SignedStatement:
        """Return this agent's signed word for its newest key, made anew where it soon ends."""
        now = int(self._trust.now())
        with self._lock:
            if not self._keys or self._keys[-1].expires_at < now + _RENEWED_S:
                alive = [one for one in self._keys if one.expires_at + MAX_LIFE_S > now]
                self._keys = [*alive, _Key(new_box_key(), now + _LIFE_S)]
                self._write()
            newest = self._keys[-1]
        said = BoxKey(
            contributor=self._trust.institution,
            box_key=box_public_key(newest.private).hex(),
            expires_at=newest.expires_at,
        )
        return self._trust.sign(BOX_KEY_TYPE, said.encoded())

    def opened(self, box: bytes, round_id: str) -> tuple[bytes, bytes]:
        """Return salt and tag, 32 bytes each; raises ``Unwilling``: BOX."""
        context = box_context(round_id, self._trust.institution)
        with self._lock:
            keys = tuple(self._keys)
        for one in reversed(keys):
            try:
                content = open_box(box, one.private, context)
            except CryptoError:
                continue  # It may be sealed for the key before; after the last one it is refused.
            if len(content) == BOX_CONTENT:
                return content[:32], content[32:]
        raise Unwilling(Word.BOX)

    def _write(self) -> None:
        fresh = self._file.with_suffix(".new")
        with open(fresh, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(msgspec.json.encode(self._keys))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._file)
