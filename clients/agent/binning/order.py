"""Whether a bureau answers a lender's job: what it looks at before it says a word.

Owns the checks, cheapest first: the lender's signature by own anchors, the manifest by the pinned
key, time, own policy, contract, plan, key. Refuses to take the gateway's word for any of it but
that the rows' consents stand and whose they are, which only the gateway can see.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from clients.agent.asked import ContractSource, contract_of, require_time, signed_question
from clients.agent.context import KEYHOLDER, Trust
from clients.agent.errors import Refused, Unwilling, Word
from clients.agent.key_proof import require_key
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.binning import BinningPlan, require_binning
from gateway.domain.aggregate.binning_talk import (
    CHANNEL_TYPE,
    ChannelStatement,
    RowManifest,
    context_of,
)
from gateway.domain.aggregate.question import BinningJob, WrongContract
from gateway.domain.aggregate.statements import MANIFEST_TYPE, digest_of


@dataclass(frozen=True)
class JobOrder:
    """A job that went through every check."""

    job: BinningJob
    plan: BinningPlan
    digest: str
    manifest: RowManifest
    manifest_digest: str
    context: bytes
    """H(JOB, M)."""
    group: str
    """The lender's legal group, as this bureau knows it."""


def require_job(
    trust: Trust, job: SignedStatement, manifest: SignedStatement, contracts: ContractSource
) -> JobOrder:
    """Check a lender's job and the gateway's manifest.

    Raises:
        Refused: MALFORMED, SIGNATURE or SIGNER, of either.
        Unwilling: with the word of the first check that fails.
    """
    question = signed_question(trust, job)
    if not isinstance(question, BinningJob):
        raise Refused(Word.KIND)
    rows = _manifest(trust, question, digest_of(job.payload), manifest)
    require_time(question, trust.now())
    policy = trust.policy
    group = policy.group_of(question.asker, trust.institution)
    policy.require_open(question.dataset, question.purpose, question.contract)
    policy.require_cost(question.cost)
    contract = contract_of(question, contracts(question.dataset))
    try:
        plan = require_binning(question, contract)
    except WrongContract:
        raise Unwilling(Word.TERMS) from None
    if plan.terms.bureau != trust.institution:
        raise Unwilling(Word.TERMS)
    if plan.terms.minimum_bin < policy.datasets[question.dataset].minimum_cohort:
        raise Unwilling(Word.TERMS)
    require_key(question.key, question.asker, trust.proofs)
    context = context_of(job.payload, manifest.payload)
    digest, manifest_digest = digest_of(job.payload), digest_of(manifest.payload)
    return JobOrder(question, plan, digest, rows, manifest_digest, context, group)


def lender_channel(trust: Trust, order: JobOrder, signed: SignedStatement) -> bytes:
    """Return the lender's channel key, 32 bytes; raises ``Refused``."""
    signer = trust.signer(CHANNEL_TYPE, signed, KEYHOLDER)
    try:
        said = msgspec.json.decode(signed.payload, type=ChannelStatement)
    except (msgspec.MsgspecError, ValueError):
        raise Refused(Word.MALFORMED) from None
    if not signer == said.contributor == order.job.asker:
        raise Refused(Word.SIGNER)
    if (said.job, said.question) != (order.job.id, order.digest):
        raise Refused(Word.ROUND)
    return bytes.fromhex(said.channel_key)


def _manifest(trust: Trust, job: BinningJob, digest: str, signed: SignedStatement) -> RowManifest:
    trust.require_gateway(MANIFEST_TYPE, signed)
    try:
        manifest = msgspec.json.decode(signed.payload, type=RowManifest)
    except (msgspec.MsgspecError, ValueError):
        raise Refused(Word.MALFORMED) from None
    said = (manifest.round, manifest.question, manifest.rows, manifest.bureau)
    if said != (job.id, digest, job.rows, trust.institution):
        raise Refused(Word.ROUND)
    return manifest
