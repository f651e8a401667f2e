"""Deciding: a repeated request is decided as if its own use had not been counted, and no other."""

from __future__ import annotations

from typing import Any

import pytest

from clients.cli.local.home import packaged_policies
from gateway.application.decide_access import DecideAccess, PolicyInForce
from gateway.application.ports.ledger import SignedArtefact
from gateway.application.ports.store import StoredConsent
from gateway.bootstrap.settings import load_policy
from gateway.domain.consent import Consent, ConsentState, Frequency, Standing
from gateway.domain.policy.decision import Decision
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.domain.stages import Repeat
from gateway.domain.vocabulary import Period
from support.memory_ports import MemoryConsents, with_standing
from support.store_world import LENDER_B, asked, fresh_person, terms

POLICY = load_policy(packaged_policies())
NOW = 1_760_000_400
WINDOW = NOW // 3_600
SIGNED = SignedArtefact(b"artefact", "key-1", bytes(64))


def stored(name: str, granted_at: int = 0, used: int = 0, **changes: Any) -> StoredConsent:
    span = {"valid_from": NOW - 60, "valid_until": NOW + 86_400}
    standing = Standing(ConsentState.ACTIVE, used, WINDOW, used)
    return StoredConsent(
        Consent(terms(consent_id=name, **span, **changes), standing), SIGNED, granted_at
    )


def deciding(consents: MemoryConsents) -> DecideAccess:
    return DecideAccess(PolicyInForce(POLICY), consents, lambda: NOW + 0.9)


async def decided(consents: MemoryConsents, request: str = "r") -> Decision:
    return (await deciding(consents)(asked(fresh_person(), request)))[1]


def released_before(consents: MemoryConsents, consent: str, window: int = WINDOW) -> MemoryConsents:
    consents.repeats["lender-a", "r"] = Repeat(consent, window)
    return consents


def under(decision: Decision) -> str:
    assert decision.allow, decision.findings
    assert decision.consent is not None
    return decision.consent.terms.consent_id


def denied(decision: Decision) -> ErrorReason:
    assert not decision.allow
    return decision.findings[0].reason


HOURLY: dict[str, Any] = {"frequency": Frequency(1, Period.HOUR)}


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ({"uses": 1}, ErrorReason.CONSENT_USES_SPENT),
        (HOURLY, ErrorReason.CONSENT_FREQUENCY_SPENT),
    ],
)
async def test_a_spent_consent_stands_for_the_request_that_spent_it(
    limit: dict[str, Any], reason: ErrorReason
) -> None:
    spent = MemoryConsents(stored("one", used=1, **limit))
    assert denied(await decided(spent)) is reason
    released_before(spent, "one")
    assert under(await decided(spent)) == "one"
    assert denied(await decided(spent, "another request")) is reason


async def test_only_one_use_is_the_requests_own() -> None:
    over = released_before(MemoryConsents(stored("one", used=2, uses=1)), "one")
    assert denied(await decided(over)) is ErrorReason.CONSENT_USES_SPENT


async def test_a_use_of_another_window_frees_none_of_this_one() -> None:
    spent = released_before(MemoryConsents(stored("one", used=1, **HOURLY)), "one", WINDOW - 1)
    assert denied(await decided(spent)) is ErrorReason.CONSENT_FREQUENCY_SPENT


async def test_a_use_under_another_consent_frees_nothing() -> None:
    spent = released_before(MemoryConsents(stored("one", used=1, uses=1)), "two")
    assert denied(await decided(spent)) is ErrorReason.CONSENT_USES_SPENT


async def test_a_request_id_of_another_institution_frees_nothing() -> None:
    spent = MemoryConsents(stored("one", used=1, uses=1))
    spent.repeats["lender-b", "r"] = Repeat("one", WINDOW)
    assert denied(await decided(spent)) is ErrorReason.CONSENT_USES_SPENT


async def test_of_several_consents_the_one_that_was_used_goes_first() -> None:
    newer, older = stored("new", 2), stored("old", 1, used=1, uses=1, version=1)
    fresh = MemoryConsents(newer, older)
    assert under(await decided(fresh)) == "new"
    assert under(await decided(released_before(fresh, "old"))) == "old"
    assert under(await decided(fresh, "another request")) == "new"


@pytest.mark.parametrize("state", [ConsentState.REVOKED, ConsentState.PAUSED, ConsentState.EXPIRED])
async def test_a_repeat_whose_consent_fell_falls_back_to_another(state: ConsentState) -> None:
    fallen = with_standing(stored("old", used=1), state=state)
    both = released_before(MemoryConsents(stored("new", 2), fallen), "old")
    assert under(await decided(both)) == "new"
    alone = released_before(MemoryConsents(fallen), "old")
    assert denied(await decided(alone)).name.startswith("CONSENT_")


async def test_the_store_is_asked_for_a_repeat_only_where_it_can_matter() -> None:
    one = MemoryConsents(stored("one"))
    assert under(await decided(one)) == "one"
    none = MemoryConsents()
    assert denied(await decided(none)) is ErrorReason.CONSENT_ABSENT
    revoked = MemoryConsents(with_standing(stored("one"), state=ConsentState.REVOKED))
    assert denied(await decided(revoked)) is ErrorReason.CONSENT_REVOKED
    assert (one.asked_for_repeats, none.asked_for_repeats, revoked.asked_for_repeats) == (0, 0, 0)


async def test_what_was_found_comes_back_as_it_is_stored() -> None:
    """Only the decision leaves the request's own use out: the stages carry what was read."""
    spent = released_before(MemoryConsents(stored("one", used=1, uses=1)), "one")
    request = asked(fresh_person(), "r")
    resolved, decision, policy = await deciding(spent)(request)
    assert resolved.authenticated is request
    assert [one.standing.uses for one in resolved.consents] == [1]
    assert decision.consent is not None
    assert decision.consent.standing.uses == 0
    assert policy is POLICY


async def test_the_consents_of_another_institution_are_not_seen() -> None:
    consents = MemoryConsents(stored("one"))
    decision = (await deciding(consents)(asked(fresh_person(), principal=LENDER_B)))[1]
    assert denied(decision) is ErrorReason.CONSENT_ABSENT


async def test_the_clock_counts_whole_seconds() -> None:
    ending = MemoryConsents(stored("one"))
    last = terms(consent_id="one", valid_from=NOW - 60, valid_until=NOW + 1)
    ending.stored["one"] = StoredConsent(Consent(last, Standing(ConsentState.ACTIVE)), SIGNED, 0)
    assert under(await decided(ending)) == "one"


async def test_the_policy_in_force_is_read_for_each_call() -> None:
    in_force = PolicyInForce(POLICY)
    decide = DecideAccess(in_force, MemoryConsents(stored("one")), lambda: NOW)
    assert (await decide(asked(fresh_person())))[2] is POLICY
    other = in_force.current = load_policy(packaged_policies())
    assert (await decide(asked(fresh_person())))[2] is other


async def test_a_store_that_cannot_be_read_is_no_decision() -> None:
    consents = MemoryConsents(stored("one"))
    consents.failing = refuse(ErrorReason.STORE_UNAVAILABLE)
    with pytest.raises(Refused):
        await decided(consents)
