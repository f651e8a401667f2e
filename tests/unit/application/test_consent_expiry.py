"""A consent whose end has passed: shown as expired, noticed when changed, then refused."""

from __future__ import annotations

import pytest

from gateway.application.manage_consents import ManageConsents
from gateway.application.ports.ledger import SignedArtefact
from gateway.application.ports.store import StoredConsent
from gateway.domain.consent import Consent, ConsentEvent, ConsentState, Standing
from gateway.domain.reasons import ErrorReason, Refused, refuse
from support.memory_ports import MemoryConsents, MemoryDirectory, MemoryLedger
from support.store_world import LENDER_A, terms

END = 2_000_000_000
AGREED = terms(consent_id="one", valid_from=END - 60, valid_until=END)


def desk(state: ConsentState, now: int) -> tuple[ManageConsents, MemoryLedger]:
    stored = StoredConsent(
        Consent(AGREED, Standing(state, uses=2)), SignedArtefact(b"a", "key", bytes(64)), 0
    )
    ledger = MemoryLedger()
    consents = MemoryConsents(stored)
    manage = ManageConsents(
        consents, MemoryDirectory({}), ledger, lambda _, __: None, lambda: now + 0.5
    )
    return manage, ledger


@pytest.mark.parametrize("state", [ConsentState.ACTIVE, ConsentState.PAUSED])
async def test_the_end_is_exclusive(state: ConsentState) -> None:
    before, _ = desk(state, END - 1)
    after, _ = desk(state, END)
    assert (await before.show(LENDER_A, "one")).consent.standing == Standing(state, uses=2)
    expired = Standing(ConsentState.EXPIRED, uses=2)
    assert (await after.show(LENDER_A, "one")).consent.standing == expired


@pytest.mark.parametrize("event", [ConsentEvent.PAUSE, ConsentEvent.RESUME, ConsentEvent.REVOKE])
@pytest.mark.parametrize("state", [ConsentState.ACTIVE, ConsentState.PAUSED])
async def test_a_change_after_the_end_records_the_expiry_and_is_refused(
    state: ConsentState, event: ConsentEvent
) -> None:
    manage, ledger = desk(state, END)
    with pytest.raises(Refused) as caught:
        await manage.change(LENDER_A, "one", event)
    assert caught.value.reason is ErrorReason.CONSENT_TRANSITION_REFUSED
    assert ledger.events == [("expire", "one")]


@pytest.mark.parametrize("state", [ConsentState.REVOKED, ConsentState.EXPIRED])
async def test_a_final_state_stays_and_is_left_to_the_ledger(state: ConsentState) -> None:
    manage, ledger = desk(state, END)
    assert (await manage.show(LENDER_A, "one")).consent.standing.state is state
    ledger.failing["change"] = refuse(ErrorReason.CONSENT_TRANSITION_REFUSED)
    with pytest.raises(Refused):
        await manage.change(LENDER_A, "one", ConsentEvent.PAUSE)
    assert ledger.events == []


async def test_an_expiry_that_cannot_be_recorded_changes_nothing() -> None:
    manage, ledger = desk(ConsentState.ACTIVE, END)
    ledger.failing["change"] = refuse(ErrorReason.STORE_UNAVAILABLE)
    with pytest.raises(Refused) as caught:
        await manage.change(LENDER_A, "one", ConsentEvent.REVOKE)
    assert caught.value.reason is ErrorReason.STORE_UNAVAILABLE
