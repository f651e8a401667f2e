"""From what a lender wants binned to a job that can be signed.

Owns the draft of a job. Refuses what the contract does not let be asked, before anybody is asked
and before anything is charged.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from clients.keyholder.binning.open_job import OpenJob
from clients.keyholder.binning.rows import LabelledRows
from clients.keyholder.errors import KeyholderError
from clients.keyholder.identity import Identity
from gateway.crypto.elgamal import SecretKey
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.binning import BinningPlan, require_binning
from gateway.domain.aggregate.contract import AggregateContract, read_contract
from gateway.domain.aggregate.question import (
    MAX_LIFE_S,
    AskerKey,
    BinningJob,
    WrongContract,
    read_question,
)
from gateway.domain.aggregate.statements import QUESTION_TYPE

Mode = Literal["exact", "dp"]
_NEXT = "See what may be asked: veilgate aggregate contract"


@dataclass(frozen=True, kw_only=True)
class BinWish:
    """What is to be binned: all features where none is named; ``cost`` in micro-rho, 0 in exact."""

    features: tuple[str, ...]
    mode: Mode
    cost: int
    purpose: str


def draft_job(
    asker: str,
    contract: AggregateContract,
    rows: LabelledRows,
    wish: BinWish,
    key: AskerKey,
    now: int,
) -> tuple[BinningJob, BinningPlan]:
    """Return a job, and the plan that it comes to.

    Raises:
        KeyholderError: the contract does not let it be asked.
    """
    if (wish.mode == "dp") != (wish.cost > 0):
        raise KeyholderError(
            "a cost goes with the mode dp, and only with it", "Give --cost, or not."
        )
    job = BinningJob(
        id=secrets.token_hex(16),
        asker=asker,
        dataset=contract.dataset,
        snapshot=contract.snapshot,
        contract=contract.digest,
        purpose=wish.purpose,
        key=key,
        issued_at=now,
        expires_at=now + MAX_LIFE_S,
        features=_named(contract, wish.features),
        mode=wish.mode,
        cost=wish.cost,
        rows=len(rows.labels),
        row_root=rows.root,
    )
    try:
        return job, require_binning(job, contract)
    except WrongContract as wrong:
        raise KeyholderError(f"the contract does not let this be binned: {wrong}", _NEXT) from None


def _named(contract: AggregateContract, features: Sequence[str]) -> tuple[str, ...]:
    if contract.binning is None:
        raise KeyholderError("the dataset is not for binning", _NEXT)
    named = tuple(features) or tuple(one.name for one in contract.binning.features)
    if len(set(named)) != len(named):
        raise KeyholderError("a feature is named twice", "Name each once.")
    return named


def job_again(
    statement: SignedStatement, contract: bytes, rows: LabelledRows, stored: bytes
) -> OpenJob:
    """Return a job that was signed before, over the same rows.

    Raises:
        KeyholderError: they are other rows, or it is no job.
    """
    try:
        job, terms = read_question(statement.payload), read_contract(contract)
        if not isinstance(job, BinningJob):
            raise WrongContract("kind")
        plan = require_binning(job, terms)
    except ValueError:
        raise KeyholderError("what is kept of the job is damaged", "Begin a new one.") from None
    if (len(rows.labels), rows.root) != (job.rows, job.row_root):
        raise KeyholderError(
            "the file has other rows than the job was signed over", "Give the file as it was."
        )
    secret = SecretKey.from_bytes(stored)
    return OpenJob(job=job, statement=statement, plan=plan, rows=rows, secret=secret)


def sign_job(
    identity: Identity, planned: tuple[BinningJob, BinningPlan], rows: LabelledRows, stored: bytes
) -> OpenJob:
    """Sign a drafted job; ``stored`` are the private key's 32 bytes."""
    job, plan = planned
    statement = identity.signer.sign(QUESTION_TYPE, job.encoded())
    secret = SecretKey.from_bytes(stored)
    return OpenJob(job=job, statement=statement, plan=plan, rows=rows, secret=secret)
