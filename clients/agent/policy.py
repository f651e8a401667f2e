"""A provider's own policy: which questions it answers at all, whatever the contract lets be asked.

Owns the [policy] section of an agent's profile and its checks. Refuses by default: datasets that
are not listed, askers whose legal group is not pinned, rosters without enough pinned peers. Legal
groups come from the profile, never from the gateway, which could invent groups as it could invent
contributors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from clients.agent.errors import Unwilling, Word
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import Digest
from gateway.domain.policy.document_base import DottedName, InstitutionId

Group = Annotated[str, Meta(min_length=1, max_length=64)]


class DatasetPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One dataset that is answered.

    ``contract`` pins the digest of its contract. Nobody signs a contract, so without that the
    gateway's holds, as far as k is at least ``minimum_cohort`` and ``colluding`` contributors at
    least are not relied on.
    """

    contract: Digest | None = None
    minimum_cohort: Annotated[int, Meta(ge=2, le=100_000)] = 10
    colluding: Annotated[int, Meta(ge=0, le=255)] = 0


class LocalPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a provider answers, and among whom.

    ``datasets`` are those that are answered. ``peers`` maps the institutions that this provider
    knows, askers and contributors, to their legal groups; ``own_group`` is its own.
    ``minimum_groups`` legal groups, its own included and the asker's not, must be in a roster, and
    among them ``minimum_peers`` pinned peers of other groups. A question about one subject needs
    ``subject_contributors`` that are not the asker's affiliates: with fewer, a count tells too
    much. ``cost_a_question`` is in micro-rho.
    """

    datasets: Annotated[dict[DottedName, DatasetPolicy], Meta(min_length=1)]
    own_group: Group
    peers: dict[InstitutionId, Group]
    minimum_groups: Annotated[int, Meta(ge=3, le=256)] = 3
    minimum_peers: Annotated[int, Meta(ge=2, le=255)] = 2
    subject_contributors: Annotated[int, Meta(ge=3, le=256)] = 5
    refused_purposes: tuple[DottedName, ...] = ()
    refused_askers: tuple[InstitutionId, ...] = ()
    cost_a_question: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 1_000_000
    """0 refuses every question that has a cost."""

    def group_of(self, asker: str, own: str) -> str:
        """Return an asker's legal group; raises ``Unwilling`` where none is pinned."""
        if asker in self.refused_askers:
            raise Unwilling(Word.ASKER)
        group = self._groups(own).get(asker)
        if group is None:
            raise Unwilling(Word.ASKER)
        return group

    def require_open(self, dataset: str, purpose: str, contract: str) -> None:
        """Check what a question is about and for; ``contract`` is its contract's digest.

        Raises ``Unwilling``: DATASET, PURPOSE, or CONTRACT for another than the pinned one.
        """
        pinned = self.datasets.get(dataset)
        if pinned is None:
            raise Unwilling(Word.DATASET)
        if pinned.contract is not None and pinned.contract != contract:
            raise Unwilling(Word.CONTRACT)
        if purpose in self.refused_purposes:
            raise Unwilling(Word.PURPOSE)

    def require_terms(self, contract: AggregateContract) -> None:
        """Check that a contract protects as much as this provider wants; raises ``Unwilling``."""
        floor = self.datasets[contract.dataset]
        k = contract.cohort.minimum_cohort if contract.cohort is not None else 0
        if k < floor.minimum_cohort or contract.colluding < floor.colluding:
            raise Unwilling(Word.TERMS)

    def require_cost(self, cost: int) -> None:
        """Check what one question takes of people's privacy; raises ``Unwilling``."""
        if cost > self.cost_a_question:
            raise Unwilling(Word.COST)

    def require_company(
        self, members: Iterable[str], asker_group: str, own: str, contract: AggregateContract
    ) -> None:
        """Check that enough others, unaffiliated with the asker, contribute.

        A member whose group is not pinned here counts for nothing: the gateway may have made it up.
        Its noise may be missing, then, and the asker knows that of its own affiliates: as many
        as the plan takes for honest must be left. Raises ``Unwilling``: PEERS.
        """
        named = set(members)
        known = self._groups(own)
        counted = {one: known[one] for one in named if one in known and known[one] != asker_group}
        peers = [one for one, group in counted.items() if group != self.own_group]
        if len(named) < contract.minimum_contributors or len(peers) < self.minimum_peers:
            raise Unwilling(Word.PEERS)
        honest = contract.minimum_contributors - contract.colluding
        if len(set(counted.values())) < self.minimum_groups or len(counted) < honest:
            raise Unwilling(Word.PEERS)

    def require_unaffiliated(self, members: Iterable[str], asker_group: str, own: str) -> None:
        """Check that a subject's figures are among enough others'; raises ``Unwilling``: PEERS."""
        known = self._groups(own)
        apart = [one for one in set(members) if known.get(one, asker_group) != asker_group]
        if len(apart) < self.subject_contributors:
            raise Unwilling(Word.PEERS)

    def _groups(self, own: str) -> Mapping[str, str]:
        return {**self.peers, own: self.own_group}
