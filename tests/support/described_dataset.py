"""The shipped dataset as the gateway describes it to a lender, without a gateway that runs.

Owns real messages for the tests of those that read them: made by the use case and the servicer's
encoding from the shipped policies.
"""

from __future__ import annotations

import asyncio

from clients.cli.local.home import packaged_policies
from gateway.application.catalogue import Catalogue, Description
from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.usage import UsageReader
from gateway.bootstrap.settings import load_policy
from gateway.domain.institution import Principal
from gateway.domain.vocabulary import Jurisdiction, Role
from gateway.servicers.catalogue_messages import description_message
from support.agreements import agreement_of
from support.live_gateway import DATASET
from veilgate.v1 import catalogue_pb2 as pb

NOW = 1_790_000_000
USED = 7
POLICY = load_policy(packaged_policies())
LENDER_A = Principal(
    "lender-a",
    "integrator",
    frozenset({Role.LENDER}),
    Jurisdiction.CN,
    (agreement_of("lender-a"),),
)


class UsedSeven(UsageReader):
    """Every counter stands at seven."""

    async def recipient_uses(self, institution: str, rule: str, window_s: int) -> int:
        """Return seven."""
        return USED


def described(
    principal: Principal = LENDER_A, purpose: str = "", by_reference: bool = False
) -> Description:
    """The description as the use case gives it."""
    references = (("demo-bureau", DATASET),) if by_reference else ()
    catalogue = Catalogue(PolicyInForce(POLICY), UsedSeven(), references, lambda: NOW)
    return asyncio.run(catalogue.describe(principal, DATASET, purpose))


def answer(
    principal: Principal = LENDER_A, purpose: str = "", by_reference: bool = False
) -> pb.DescribeDatasetResponse:
    """The same as it goes over the wire."""
    return description_message(described(principal, purpose, by_reference))
