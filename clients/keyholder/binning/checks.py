"""What a lender checks of a binning before it opens anything.

Owns the checks against pinned keys and own anchors: the gateway's manifest over the rows, the
bureau's channel key, the signed result, and the release in the log. Refuses by raising. Nobody's
word is taken for the bureau's key: a gateway that put its own in would sit between the parties.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final, TypeVar

import msgspec

from clients.keyholder.binning.errors import BinningRefused, BinWrong
from clients.keyholder.errors import ResultRefused, Wrong
from clients.keyholder.identity import Trusted
from clients.keyholder.round_checks import AGENT, MAX_SKEW_S, require_released
from clients.sdk.logs.verification import VerifiedEvent
from clients.sdk.models.common import InclusionProof
from gateway.crypto.dsse import pae
from gateway.crypto.errors import CryptoError
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.binning_talk import CHANNEL_TYPE, ChannelStatement, RowManifest
from gateway.domain.aggregate.question import BinningJob, Statement
from gateway.domain.aggregate.statements import MANIFEST_TYPE, RESULT_TYPE, Result, digest_of

_MAX_STATEMENT: Final = 512 * 1024
LogProof = tuple[bytes, bytes, tuple[bytes, ...]]
"""Checkpoint, event and inclusion path."""
S = TypeVar("S", bound=Statement)


def verified_manifest(
    signed: SignedStatement, job: BinningJob, digest: str, bureau: str, trusted: Trusted
) -> RowManifest:
    """Check the gateway's statement over the rows of an own job.

    Raises:
        BinningRefused: MANIFEST.
    """
    manifest = _by_gateway(signed, MANIFEST_TYPE, RowManifest, trusted)
    said = (manifest.round, manifest.question, manifest.bureau, manifest.rows)
    if said != (job.id, digest, bureau, job.rows):
        raise BinningRefused(BinWrong.MANIFEST)
    return manifest


def verified_channel(
    signed: SignedStatement, job: BinningJob, digest: str, bureau: str, trusted: Trusted, now: int
) -> bytes:
    """Return the bureau's channel key, 32 bytes, by its own certificate.

    Raises:
        BinningRefused: BUREAU.
    """
    try:
        signer = trusted.anchors.verify(CHANNEL_TYPE, signed, now)
        said = msgspec.json.decode(signed.payload, type=ChannelStatement)
    except (CryptoError, msgspec.MsgspecError, ValueError):
        raise BinningRefused(BinWrong.BUREAU) from None
    if (signer.institution, signer.workload, said.contributor) != (bureau, AGENT, bureau):
        raise BinningRefused(BinWrong.BUREAU)
    if (said.job, said.question) != (job.id, digest):
        raise BinningRefused(BinWrong.BUREAU)
    return bytes.fromhex(said.channel_key)


def verified_result(
    job: BinningJob,
    digest: str,
    manifest: SignedStatement,
    signed: SignedStatement,
    proof: LogProof,
    ciphertexts: bytes,
    trusted: Trusted,
    now: int,
) -> tuple[Result, VerifiedEvent]:
    """Check a result: of this job and manifest, of these ciphertexts, released, in time.

    Raises:
        ResultRefused: with the reason.
        BinningRefused: CIPHERTEXTS or MANIFEST.
    """
    result = _by_gateway(signed, RESULT_TYPE, Result, trusted)
    if (result.round, result.question) != (job.id, digest):
        raise ResultRefused(Wrong.OTHER_QUESTION, "the result is another job's")
    if result.roster != digest_of(manifest.payload) or result.consents != job.rows:
        raise BinningRefused(BinWrong.MANIFEST)
    if result.digest != sha256(ciphertexts).hexdigest():
        raise BinningRefused(BinWrong.CIPHERTEXTS)
    earliest, latest = job.issued_at - MAX_SKEW_S, job.expires_at + MAX_SKEW_S
    if now > job.expires_at or not earliest <= result.released_at <= latest:
        raise ResultRefused(Wrong.EXPIRED, "the job's time is over")
    return result, _released(job, result, proof, trusted)


def _released(job: BinningJob, result: Result, proof: LogProof, trusted: Trusted) -> VerifiedEvent:
    checkpoint, event, path = proof
    held = InclusionProof(result.log_index, 0, path, event, checkpoint)
    return require_released(job, result, held, trusted)


def _by_gateway(signed: SignedStatement, kind: str, type_: type[S], trusted: Trusted) -> S:
    if signed.chain or len(signed.payload) > _MAX_STATEMENT:
        raise BinningRefused(BinWrong.MANIFEST)
    try:
        trusted.round_key.verify(signed.signature, pae(kind, signed.payload))
        return msgspec.json.decode(signed.payload, type=type_)
    except (CryptoError, msgspec.MsgspecError, ValueError):
        raise BinningRefused(BinWrong.MANIFEST) from None
