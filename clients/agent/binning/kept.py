"""What a bureau keeps of a talk, so that it is gone on with under the same keys or not at all.

Owns the names of the lists, the talk's two secrets, and the folders of talks with their ends: they
are deleted with the result, with the job's end, or once its time is over. Refuses a talk whose
lender comes with another key than before.

The secrets lie in the agent's own folder, readable by its owner only, for an hour at most: whoever
reads them there reads the agent's data as well.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from clients.agent.binning.errors import BinDeclined, BinWord
from clients.sdk.kept_parts import KeptParts, PartsFolder
from gateway.crypto.alignment import AlignmentKey
from gateway.crypto.sealed_channel import ChannelKey
from gateway.crypto.statement import SignedStatement

PEOPLE: Final = "people"
"""Digest of the lender's rows, those raised, the order of the own people; their sealed parts."""
BEFORE_PEOPLE: Final = 3
ANSWER: Final = "answer"
"""The signed contribution, its ciphertexts, the sealed parts of the counts."""
_SECRETS: Final = "secrets"
_CHANNEL: Final = "channel"
_LENDER: Final = "lender"
_UNTIL: Final = "until"


def stored(kept: KeptParts, name: str) -> list[bytes]:
    """Return a list that must be there; raises ``ValueError``."""
    known = kept.parts(name)
    if known is None:
        raise ValueError("a list is not there")
    return list(known)


def people_parts(kept: KeptParts) -> Iterator[bytes]:
    """Return the sealed parts of the own people; raises ``ValueError`` where there are none."""
    known = kept.parts(PEOPLE)
    if known is None:
        raise ValueError("a list is not there")
    return islice(known, BEFORE_PEOPLE, None)


def secrets_of(kept: KeptParts) -> tuple[bytes, bytes]:
    """Return the alignment's scalar and the channel's private key, made at the first time."""
    known = kept.parts(_SECRETS)
    if known is None:
        fresh = (
            AlignmentKey.generate().to_bytes(),
            X25519PrivateKey.generate().private_bytes_raw(),
        )
        kept.keep(_SECRETS, fresh)
    scalar, channel = stored(kept, _SECRETS)
    return scalar, channel


def channel_key(kept: KeptParts) -> ChannelKey:
    """Return the channel's key."""
    return ChannelKey(X25519PrivateKey.from_private_bytes(secrets_of(kept)[1]))


def own_channel(kept: KeptParts) -> SignedStatement | None:
    """Return the own statement of the channel's key, if it was made."""
    return _statement(kept, _CHANNEL)


def keep_channel(kept: KeptParts, statement: SignedStatement) -> None:
    """Keep the own statement."""
    kept.keep(_CHANNEL, (statement.payload, statement.signature, *statement.chain))


def require_same_lender(kept: KeptParts, channel: bytes) -> None:
    """Check that a lender's channel key is the one of before. Raises ``BinDeclined``: TALK."""
    known = kept.parts(_LENDER)
    if known is None:
        kept.keep(_LENDER, (channel,))
    elif next(known) != channel:
        raise BinDeclined(BinWord.TALK)


class Talks:
    """The folders of talks below one folder. Raises ``OSError``."""

    def __init__(self, folder: Path) -> None:
        """Take the folder."""
        self._folder = folder

    def of(self, context: bytes, until: int) -> PartsFolder:
        """Return what is kept of a talk about H(JOB, M), to be forgotten at ``until`` (Unix)."""
        kept = PartsFolder(self._folder / context.hex())
        kept.clean()
        if kept.parts(_UNTIL) is None:
            kept.keep(_UNTIL, (str(until).encode(),))
        return kept

    def forget(self, now: int) -> None:
        """Delete the talks whose time is over."""
        for path in self._folder.glob("*"):
            until = PartsFolder(path).parts(_UNTIL)
            if until is None or int(next(until)) < now:
                shutil.rmtree(path, ignore_errors=True)


def _statement(kept: KeptParts, name: str) -> SignedStatement | None:
    known = kept.parts(name)
    if known is None:
        return None
    payload, signature, *chain = known
    return SignedStatement(payload, signature, tuple(chain))
