"""A job of one's own that is signed, and what it is about."""

from __future__ import annotations

from dataclasses import dataclass, field

from clients.keyholder.binning.rows import LabelledRows
from gateway.crypto.elgamal import SecretKey
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.binning import BinningPlan
from gateway.domain.aggregate.question import BinningJob
from gateway.domain.aggregate.statements import digest_of


@dataclass(frozen=True, kw_only=True)
class OpenJob:
    """A signed job of one's own, and what it is about."""

    job: BinningJob
    statement: SignedStatement
    plan: BinningPlan
    rows: LabelledRows
    secret: SecretKey = field(repr=False)

    @property
    def digest(self) -> str:
        """Of the signed bytes, in hex."""
        return digest_of(self.statement.payload)
