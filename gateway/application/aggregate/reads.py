"""What may be asked and what is left: contracts, budgets, keys, a round's contributions.

Owns who may see what: a contract concerns those who may ask under it and those who contribute to
it; contributions are for the members of a released round, for the contract's days, whichever
process or machine combined them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from hashlib import sha256

import msgspec

from gateway.application.aggregate.admission import Admission, key_id_of
from gateway.application.aggregate.kept import Contributed, read_kept
from gateway.application.aggregate.permission import (
    budget_of,
    may_read,
    names,
    require_agent,
    terms_of,
)
from gateway.application.aggregate.restore import contributor_of
from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.aggregates import (
    AccountView,
    AggregateLedger,
    AggregateReader,
    RoundState,
    Signed,
)
from gateway.application.ports.ledger import Recorded
from gateway.domain.aggregate.contract import AggregateContract, Budget
from gateway.domain.aggregate.question import AskerKey
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused, refuse

_DAY_S = 86_400


class ReadContract(msgspec.Struct, frozen=True):
    """A contract in its fixed form, and the caller's account, where it has one."""

    contract: bytes
    account: AccountView | None


class RegisteredKey(msgspec.Struct, frozen=True):
    """A key's id, and the event that says it is registered."""

    key_id: bytes
    recorded: Recorded


class Combination(msgspec.Struct, frozen=True):
    """What was released of a round, and the statements of the contributions in it."""

    round: str
    statements: tuple[Signed, ...]
    released: bytes


class Reads:
    """Reads of askers and agents, and the registration of keys."""

    def __init__(
        self,
        policy: PolicyInForce,
        reader: AggregateReader,
        ledger: AggregateLedger,
        admission: Admission,
    ) -> None:
        """Take the policy in force and the store."""
        self._policy = policy
        self._reader = reader
        self._ledger = ledger
        self._admission = admission

    async def contract(self, principal: Principal, dataset: str) -> ReadContract:
        """Return a contract. Raises ``Refused``: DATASET_UNKNOWN, AGGREGATE_NOT_PERMITTED."""
        contract = self._policy.current.aggregates.get(dataset)
        if contract is None:
            raise refuse(ErrorReason.DATASET_UNKNOWN, dataset)
        if not may_read(contract, principal):
            raise refuse(ErrorReason.AGGREGATE_NOT_PERMITTED, dataset)
        return ReadContract(contract.encoded(), await self._account(principal, contract))

    async def accounts(self, principal: Principal) -> list[AccountView]:
        """Return the caller's accounts, by dataset."""
        contracts = self._policy.current.aggregates
        views = [await self._account(principal, contracts[name]) for name in sorted(contracts)]
        return [view for view in views if view is not None]

    async def register_key(self, principal: Principal, encoded: bytes) -> RegisteredKey:
        """Store a key whose proof holds. Raises ``Refused``: AGGREGATE_KEY_REFUSED."""
        try:
            key = _key(encoded)
            await self._admission.require_key(key, principal.institution)
        except Refused as refused:
            digest = sha256(encoded).digest()
            await self._ledger.deny(principal, digest, refused.reason.value)
            raise
        key_id = key_id_of(key)
        return RegisteredKey(key_id, await self._ledger.register_key(principal, key_id, key))

    async def combination(self, principal: Principal, round_id: str) -> Combination:
        """Return what a released round was combined from, and into; for its members.

        Raises ``Refused``: AGGREGATE_NOT_PERMITTED, ROUND_NOT_FOUND.
        """
        require_agent(principal)
        stored = await self._reader.round(round_id)
        if stored is None or stored.state is not RoundState.RELEASED:
            raise refuse(ErrorReason.ROUND_NOT_FOUND)
        kept = read_kept(stored.result)
        prepared = kept.prepared if kept.sealed is None else kept.sealed.prepared
        # Of a binning nothing was combined: its result is the one contribution.
        if prepared is None or not prepared.proof:
            raise refuse(ErrorReason.ROUND_NOT_FOUND)
        if principal.institution not in map(contributor_of, stored.readies):
            raise refuse(ErrorReason.ROUND_NOT_FOUND)
        return Combination(round_id, prepared.contributions, prepared.ciphertexts)

    async def contributions(self, combined: Combination) -> AsyncIterator[Contributed]:
        """Yield the contributions in the roster's order, one in memory at a time.

        Raises ``Refused``: ROUND_NOT_FOUND, where their days are over.
        """
        for signed in combined.statements:
            digest = sha256(signed.payload).digest()
            found = await self._reader.contribution(combined.round, digest)
            if found is None:
                raise refuse(ErrorReason.ROUND_NOT_FOUND)
            yield Contributed(signed, found)

    async def _account(
        self, principal: Principal, contract: AggregateContract
    ) -> AccountView | None:
        budget = budget_of(contract)
        asks = any(names(one.recipients, principal) for one in terms_of(contract))
        if budget is None or not asks:
            return None
        return await self._view(principal, contract.dataset, budget)

    async def _view(self, principal: Principal, dataset: str, budget: Budget) -> AccountView:
        group = principal.legal_group or principal.institution
        period_s = budget.period_days * _DAY_S
        return await self._reader.account(group, dataset, period_s, budget.limit, budget.refusals)


def _key(encoded: bytes) -> AskerKey:
    try:
        return msgspec.json.decode(encoded, type=AskerKey)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise refuse(ErrorReason.AGGREGATE_KEY_REFUSED) from None
