"""The Directory on a store under test: changes by any worker, records, events, refusals."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Final

import msgspec
import pytest

from gateway.adapters.committer.directory_ledger import CommitterDirectory
from gateway.adapters.committer.ledger import CommitterLedger
from gateway.adapters.store.directory_records import DirectoryRecords
from gateway.domain.enrolment import Enrolment, Member
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.vocabulary import Role
from support.directory_records import enrolment
from support.store_engines import Store

BY: Final = "lender-a"
"""Who acts. That it is an operator is the use case's business, not the store's."""


def changes(store: Store, worker: int = 0) -> CommitterDirectory:
    ledger = store.workers[worker].ledger
    assert isinstance(ledger, CommitterLedger)
    return CommitterDirectory(ledger.done)


def records(store: Store) -> DirectoryRecords:
    return DirectoryRecords(store.reader)


async def member(store: Store, institution: str) -> Member:
    found = await records(store).member(institution)
    assert found is not None
    return found


async def event_at(store: Store, index: int) -> dict[str, Any]:
    ((_, event),) = await store.log.events(index, 1)
    return dict(msgspec.json.decode(event))


async def refusal(awaitable: Awaitable[object]) -> tuple[ErrorReason, str]:
    with pytest.raises(Refused) as caught:
        await awaitable
    return caught.value.reason, caught.value.findings[0].element


async def enrolled(store: Store, *roles: Role, **changed: Any) -> Enrolment:
    wanted = enrolment(*roles, **changed)
    await changes(store).enrol(BY, wanted)
    return wanted
