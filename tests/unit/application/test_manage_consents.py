"""Consents: who may grant, see and change one, decided before the ledger hears of it."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from gateway.application.manage_consents import ManageConsents, state_after
from gateway.application.ports.ledger import NewConsent, SignedArtefact
from gateway.application.ports.store import StoredConsent
from gateway.domain.consent import TRANSITIONS, Consent, ConsentEvent, ConsentState, Standing
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.domain.vocabulary import Jurisdiction, Role
from support.memory_ports import MemoryConsents, MemoryDirectory, MemoryLedger, with_standing
from support.store_world import fresh_person, terms

KEY = b"\x11" * 32
SIGNED = SignedArtefact(b"artefact", "key-1", bytes(64))
AGREED = terms(consent_id="one", controller="lender-a", collector="broker")
STORED = StoredConsent(Consent(AGREED, Standing(ConsentState.ACTIVE)), SIGNED, 0)


def member(institution: str, *roles: Role) -> Principal:
    return Principal(institution, "integrator", frozenset(roles), Jurisdiction.CN)


BROKER, LENDER_A, LENDER_B = (
    member(one, Role.LENDER) for one in ("broker", "lender-a", "lender-b")
)
AUDITOR = member("auditor", Role.AUDITOR, Role.REGULATOR)


class Desk:
    """The use case over ports in memory."""

    def __init__(self) -> None:
        self.ledger = MemoryLedger()
        self.consents = MemoryConsents(STORED)
        self.verified: list[tuple[bytes, NewConsent]] = []
        self.bad_signature = False
        directory = MemoryDirectory({("broker", "key-1"): KEY, ("lender-b", "key-2"): KEY})
        self.manage = ManageConsents(self.consents, directory, self.ledger, self._verify, time.time)

    def _verify(self, key: bytes, consent: NewConsent) -> None:
        self.verified.append((key, consent))
        if self.bad_signature:
            raise refuse(ErrorReason.CONSENT_SIGNATURE_INVALID, "signature")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def fresh(**signed: Any) -> NewConsent:
    return NewConsent(fresh_person(), AGREED, msgspec.structs.replace(SIGNED, **signed))


async def _refusal(desk: Desk, principal: Principal, consent: NewConsent) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        await desk.manage.grant(principal, consent)
    assert desk.ledger.events == []
    (finding,) = caught.value.findings
    return finding.reason.value, finding.element


async def test_a_collector_grants_what_it_signed(desk: Desk) -> None:
    consent = fresh()
    recorded = await desk.manage.grant(BROKER, consent)
    assert recorded.event_id == "event-1"
    assert desk.verified == [(KEY, consent)]
    assert desk.ledger.events == [("CONSENT_GRANTED", "one")]


@pytest.mark.parametrize("principal", [LENDER_A, LENDER_B, AUDITOR])
async def test_nobody_grants_what_another_collected(desk: Desk, principal: Principal) -> None:
    assert await _refusal(desk, principal, fresh()) == ("ROLE_MISSING", "collector")
    assert desk.verified == []


@pytest.mark.parametrize("key_id", ["", "key-2", "KEY-1"])
async def test_a_key_that_is_not_the_collectors_own_is_refused(desk: Desk, key_id: str) -> None:
    refusal = await _refusal(desk, BROKER, fresh(key_id=key_id))
    assert refusal == ("CONSENT_SIGNATURE_INVALID", "key_id")
    assert desk.verified == []


async def test_a_signature_that_fails_stores_nothing(desk: Desk) -> None:
    desk.bad_signature = True
    assert await _refusal(desk, BROKER, fresh()) == ("CONSENT_SIGNATURE_INVALID", "signature")


@pytest.mark.parametrize("principal", [BROKER, LENDER_A])
async def test_collector_and_controller_see_and_change_it(desk: Desk, principal: Principal) -> None:
    assert await desk.manage.show(principal, "one") is STORED
    before, recorded = await desk.manage.change(principal, "one", ConsentEvent.REVOKE)
    assert before is STORED
    assert recorded.event_id == "event-1"
    assert desk.ledger.events == [("revoke", "one")]


async def test_to_others_it_looks_like_one_that_is_not_there(desk: Desk) -> None:
    found: list[tuple[object, ...]] = []
    for principal, consent_id in ((LENDER_B, "one"), (AUDITOR, "one"), (BROKER, "none")):
        with pytest.raises(Refused) as seen:
            await desk.manage.show(principal, consent_id)
        with pytest.raises(Refused) as changed:
            await desk.manage.change(principal, consent_id, ConsentEvent.REVOKE)
        found += [seen.value.findings, changed.value.findings]
    assert set(found) == {refuse(ErrorReason.CONSENT_NOT_FOUND).findings}
    assert desk.ledger.events == []


@pytest.mark.parametrize("reason", ["CONSENT_TRANSITION_REFUSED", "STORE_UNAVAILABLE"])
async def test_what_the_ledger_refuses_is_refused(desk: Desk, reason: str) -> None:
    desk.ledger.failing["change"] = refuse(ErrorReason(reason))
    with pytest.raises(Refused) as caught:
        await desk.manage.change(BROKER, "one", ConsentEvent.PAUSE)
    assert caught.value.reason.value == reason


@pytest.mark.parametrize("state", ConsentState)
@pytest.mark.parametrize("event", ConsentEvent)
def test_the_state_after_is_the_tables(state: ConsentState, event: ConsentEvent) -> None:
    after = state_after(with_standing(STORED, state=state), event)
    assert after == TRANSITIONS.get((state, event), state).value
