"""The catalogue: what an institution may ask, and what is left of its limits.

Owns listing and describing datasets as they are for the caller, by the policy in force. Refuses to
ask a provider and to count anything.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping

import msgspec

from gateway.application.decide_access import Clock, PolicyInForce
from gateway.application.ports.usage import UsageReader
from gateway.domain.institution import Principal
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.policy.decision import Ask
from gateway.domain.policy.documents import DatasetDocument
from gateway.domain.policy.offers import (
    Offer,
    agreement_for,
    is_permitted,
    make_offers,
    purposes_spoken_of,
)
from gateway.domain.reasons import ErrorReason, refuse


class DatasetEntry(msgspec.Struct, frozen=True):
    """One dataset of the list, and the purposes for which the caller may have it."""

    contract: DatasetDocument
    purposes: tuple[str, ...]


class Description(msgspec.Struct, frozen=True):
    """A dataset with its offers.

    ``left`` is, by rule, what is left of the recipient's limit in the window that runs now.
    ``by_reference``: an oblivious reference can name the subject too.
    """

    contract: DatasetDocument
    by_reference: bool
    offers: tuple[Offer, ...]
    left: Mapping[str, int]
    policy_digest: str


class Catalogue:
    """Lists and describes datasets as they are for the caller."""

    def __init__(
        self,
        policy: PolicyInForce,
        usage: UsageReader,
        by_reference: Collection[tuple[str, str]],
        clock: Clock,
    ) -> None:
        """Take the policy in force and the counters.

        ``by_reference`` are the (provider, dataset) pairs that can be asked by reference.
        """
        self._policy = policy
        self._usage = usage
        self._by_reference = by_reference
        self._clock = clock

    def datasets(
        self, principal: Principal, provider: str, purpose: str, after: str, limit: int
    ) -> tuple[list[DatasetEntry], bool]:
        """Return at most ``limit`` datasets by name, from ``after`` on, and whether more follow.

        ``provider`` and ``purpose`` filter unless they are empty; by purpose, what a rule lets the
        caller have, with or without an agreement. Raises ``Refused``: PURPOSE_UNKNOWN.
        """
        policy = self._policy.current
        _require_purpose(policy, purpose)
        names = [
            name
            for name, dataset in sorted(policy.datasets.items())
            if name > after
            and provider in ("", dataset.contract.provider)
            and (not purpose or is_permitted(policy, principal, Ask(purpose, name)))
        ]
        now = int(self._clock())
        return [_entry(policy, principal, name, now) for name in names[:limit]], len(names) > limit

    async def describe(self, principal: Principal, dataset: str, purpose: str) -> Description:
        """Return a dataset with an offer for each purpose of which a rule speaks, or for this one.

        Raises ``Refused``: DATASET_UNKNOWN, PURPOSE_UNKNOWN, STORE_UNAVAILABLE.
        """
        policy = self._policy.current
        found = policy.datasets.get(dataset)
        if found is None:
            raise refuse(ErrorReason.DATASET_UNKNOWN)
        _require_purpose(policy, purpose)
        purposes = (purpose,) if purpose else purposes_spoken_of(policy, dataset)
        asks = [Ask(one, dataset) for one in purposes]
        offers = make_offers(policy, principal, asks, int(self._clock()))
        left = await self._left(principal.institution, offers)
        by_reference = (found.contract.provider, dataset) in self._by_reference
        return Description(found.contract, by_reference, offers, left, policy.digest)

    async def _left(self, institution: str, offers: Iterable[Offer]) -> dict[str, int]:
        """Return by rule what is left of the recipient's limit; each rule is read once."""
        limits = {
            one.rule: one.terms.rule.limits.per_recipient for one in offers if one.terms is not None
        }
        uses = await asyncio.gather(
            *(
                self._usage.recipient_uses(institution, rule, limit.per.seconds)
                for rule, limit in limits.items()
            )
        )
        return {
            rule: max(0, limit.count - used)
            for (rule, limit), used in zip(limits.items(), uses, strict=True)
        }


def _require_purpose(policy: CompiledPolicy, purpose: str) -> None:
    if purpose and purpose not in policy.purposes:
        raise refuse(ErrorReason.PURPOSE_UNKNOWN)


def _entry(policy: CompiledPolicy, principal: Principal, dataset: str, now: int) -> DatasetEntry:
    asks = [Ask(purpose, dataset) for purpose in policy.datasets[dataset].purposes]
    purposes = tuple(
        ask.purpose
        for ask in asks
        if agreement_for(policy, principal, ask, now) and is_permitted(policy, principal, ask)
    )
    return DatasetEntry(policy.datasets[dataset].contract, purposes)
