"""A job of ``aggregate bin``: begun over the own file, or gone on with over the same one.

Owns the order: a key that does not open is found out before anything is charged, and a job is on
the disk before anything of it is sent.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from clients.cli.aggregate.secret import secret_by
from clients.keyholder.binning.kept import JobTalk, TalkSecrets, begin_talk, resume_talk
from clients.keyholder.binning.open_job import OpenJob
from clients.keyholder.binning.plan import BinWish, draft_job, job_again, sign_job
from clients.keyholder.binning.rows import Columns, LabelledRows, new_order, read_rows
from clients.keyholder.identity import identity_of
from clients.keyholder.keyholder import Keyholder
from clients.keyholder.keys.held_key import key_id
from clients.sdk.calls.subjects import MAX_BATCH
from clients.sdk.client import VeilgateClient
from clients.sdk.identity.profile import ClientProfile
from clients.sdk.subject import SubjectReference
from clients.sdk.vocabulary import IdentifierType
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import read_question


@dataclass(frozen=True)
class Source:
    """The own file, and how its people are named to the gateway."""

    path: Path
    kind: IdentifierType
    columns: Columns
    blinded: bool
    profile: ClientProfile

    def read(self, order: bytes | None = None) -> LabelledRows:
        """Read the file; its rows in the order of this secret."""
        return read_rows(self.path, self.kind, self.columns, order)

    def with_references(self, rows: LabelledRows) -> LabelledRows:
        """Return the rows, with their references, evaluated blinded, where they are wanted."""
        if not self.blinded:
            return rows
        pairs, found = rows.pairs(), list[SubjectReference]()
        with VeilgateClient(self.profile) as client:
            for at in range(0, len(pairs), MAX_BATCH):
                found += client.references(pairs[at : at + MAX_BATCH])
        return replace(rows, references=tuple(found))


@dataclass(frozen=True)
class How:
    """How a job is run and shown, whatever it is about."""

    key: str
    key_file: Path | None
    processes: int
    as_json: bool
    dry_run: bool
    resume: str
    """The id of the job to go on with, empty for a new one."""
    png: Path | None


def begun(
    keyholder: Keyholder, source: Source, contract: AggregateContract, wish: BinWish, how: How
) -> tuple[OpenJob, JobTalk]:
    """Sign a job, and keep it before anything of it is sent."""
    secrets = TalkSecrets.fresh(new_order())
    rows = source.with_references(source.read(secrets.order))
    identity, now = identity_of(source.profile), int(time.time())
    head = keyholder.keys.choose("elgamal", how.key)
    planned = draft_job(identity.institution, contract, rows, wish, head.public, now)
    # A key that does not open is found out before anything is charged.
    ask = secret_by(how.key_file)
    held = keyholder.keys.open(head.id, ask)
    if keyholder.keys.registration(head.id) is None:
        keyholder.register(head)
    opened = sign_job(identity, planned, rows, held.stored())
    by = ask("password" if how.key_file is None else "file")
    talk = begin_talk(identity.folder, opened, contract.encoded(), secrets, by)
    keyholder.rounds.note_job(opened.statement)
    return opened, talk


def resumed(keyholder: Keyholder, source: Source, how: How) -> tuple[OpenJob, JobTalk]:
    """Return a job that was begun before, over the same file."""
    ask = secret_by(how.key_file)
    talk, statement, contract = resume_talk(identity_of(source.profile).folder, how.resume, ask)
    rows = source.read(talk.secrets.order)
    asked = read_question(statement.payload)
    held = keyholder.keys.open(key_id(asked.key), ask)
    opened = job_again(statement, contract, rows, held.stored())
    return replace(opened, rows=source.with_references(rows)), talk
