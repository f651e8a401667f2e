"""What a lender keeps of a job, so that it is gone on with under the same keys or not at all.

Owns the names of the lists and the job's folder: the signed job, the talk's secrets sealed by what
the job's key is sealed by, the sealed parts as they were sent. No identifier and no label is there;
the rows' order follows from a secret, and the file is read again. Refuses a folder whose secrets do
not open, or that is of another form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from clients.keyholder.binning.open_job import OpenJob
from clients.keyholder.errors import KeyholderError
from clients.keyholder.keys.sealing import AskSecret, Sealed, Secret, seal, unseal
from clients.sdk.kept_parts import KeptParts, PartsFolder, PartsInMemory
from gateway.crypto.alignment import AlignmentKey
from gateway.crypto.sealed_channel import ChannelKey
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.question import MAX_LIFE_S, RoundId

ROWS: Final = "rows"
ANSWERS: Final = "answers"
"""The bureau's people raised, and the labels."""
HEARD: Final = "heard"
"""How many parts of the bureau's came before the answers."""
JOB: Final = "job"
OWN: Final = "own-channel"
BUREAU: Final = "bureau-channel"
_SECRETS: Final = "secrets"
_FOLDER: Final = "binnings"
_CONTRACT: Final = "contract"


class TalkSecrets(msgspec.Struct, frozen=True):
    """A job's own: 32 bytes each."""

    order: bytes
    """What the rows' order follows from."""
    alignment: bytes
    channel: bytes

    def __repr__(self) -> str:
        """Show nothing."""
        return "TalkSecrets(...)"

    @classmethod
    def fresh(cls, order: bytes) -> TalkSecrets:
        """Return new ones for rows in this order."""
        channel = X25519PrivateKey.generate().private_bytes_raw()
        return cls(order, AlignmentKey.generate().to_bytes(), channel)

    @property
    def channel_key(self) -> ChannelKey:
        """The channel's key."""
        return ChannelKey(X25519PrivateKey.from_private_bytes(self.channel))

    @property
    def alignment_key(self) -> AlignmentKey:
        """The alignment's key."""
        return AlignmentKey(self.alignment)


@dataclass(frozen=True)
class JobTalk:
    """What a run goes on with: its secrets, and what was sent."""

    kept: KeptParts = field(default_factory=PartsInMemory, repr=False)
    secrets: TalkSecrets = field(default_factory=lambda: TalkSecrets.fresh(b""), repr=False)

    def statement(self, name: str) -> SignedStatement | None:
        """Return a statement, if it is kept."""
        known = self.kept.parts(name)
        if known is None:
            return None
        payload, signature, *chain = known
        return SignedStatement(payload, signature, tuple(chain))

    def keep_statement(self, name: str, one: SignedStatement) -> None:
        """Keep a statement."""
        self.kept.keep(name, (one.payload, one.signature, *one.chain))


def stored(kept: KeptParts, name: str) -> Iterator[bytes]:
    """Return a list that must be there; raises ``ValueError``."""
    known = kept.parts(name)
    if known is None:
        raise ValueError("a list is not there")
    return known


def begin_talk(
    keyholder: Path, opened: OpenJob, contract: bytes, secrets: TalkSecrets, by: Secret
) -> JobTalk:
    """Keep a signed job and its secrets, before anything of it is sent; ``by`` seals them.

    Jobs whose time has been over for long are deleted.
    """
    job = opened.job.id
    _forget_old(keyholder, opened.job.issued_at)
    kept = _folder(keyholder, job)
    talk = JobTalk(kept, secrets)
    sealed = seal(msgspec.msgpack.encode(secrets), job.encode(), by)
    kept.keep(_CONTRACT, [contract])
    talk.keep_statement(JOB, opened.statement)
    kept.keep(_SECRETS, [msgspec.json.encode(sealed)])
    return talk


def resume_talk(
    keyholder: Path, identity: str, ask: AskSecret
) -> tuple[JobTalk, SignedStatement, bytes]:
    """Return what is kept of a job, its statement and its contract.

    Raises:
        KeyholderError: there is no such job, its secrets do not open, or it is damaged.
    """
    kept = _folder(keyholder, identity)
    kept.clean()
    known = kept.parts(_SECRETS)
    if known is None:
        raise KeyholderError(
            "there is no such job to go on with", "It is over, or was begun elsewhere: begin anew."
        )
    try:
        sealed = msgspec.json.decode(next(known), type=Sealed)
        plain = unseal(sealed, identity.encode(), ask(sealed.by))
        talk = JobTalk(kept, msgspec.msgpack.decode(plain, type=TalkSecrets))
        job, contract = talk.statement(JOB), next(stored(kept, _CONTRACT))
        if job is None:
            raise ValueError("there is no job")
    except (ValueError, StopIteration):
        raise KeyholderError("what is kept of the job is damaged", "Begin a new one.") from None
    return talk, job, contract


def _forget_old(keyholder: Path, now: int) -> None:
    for path in (keyholder / _FOLDER).glob("*"):
        if path.stat().st_mtime < now - 2 * MAX_LIFE_S:
            PartsFolder(path).drop()


def _folder(keyholder: Path, job: str) -> PartsFolder:
    try:
        # An id that comes from a command line names no other folder.
        msgspec.convert(job, RoundId)
    except msgspec.ValidationError:
        raise KeyholderError("a job's id is 32 hexadecimal digits", "See what the run said.") from (
            None
        )
    return PartsFolder(keyholder / _FOLDER / job)
