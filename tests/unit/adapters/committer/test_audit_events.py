"""The events of the log: what they say, and that nobody can be known or followed by them."""

import hmac
import json
import os
import re
from collections.abc import Callable
from itertools import combinations
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.cli.local.home import packaged_policies
from gateway.adapters.committer.audit_events import (
    CHANGE_KINDS,
    RECORD_LABEL,
    Event,
    consent_event,
    decision_event,
    failure_event,
    intent_event,
    plain_event,
    release_event,
)
from gateway.bootstrap.settings import load_policy
from gateway.crypto.keyed import commitment
from gateway.domain.consent import Consent, ConsentEvent, ConsentState, Standing
from gateway.domain.policy.decide import decide
from gateway.domain.policy.decision import Ask, Decision, FieldWithheld
from gateway.domain.reasons import ErrorReason, Finding
from gateway.domain.stages import Decided, Intended, Resolved, SafeField, SafeRecord, Value
from gateway.domain.subject import Subject
from support.store_world import LENDER_A, asked, fresh_person, terms

POLICY = load_policy(packaged_policies())
DIGEST = "sha256:" + "d1" * 32
HEX = re.compile("[0-9a-f]{16,}")


def allowed(subject: Subject) -> Decided:
    """A permission for this subject, by a request and a consent of its own."""
    consent = Consent(terms(), Standing(ConsentState.ACTIVE))
    request = asked(fresh_person(), digest=os.urandom(32))
    now = consent.terms.valid_from + 60
    decision = decide(POLICY, LENDER_A, request.received.ask, (consent,), now)
    return Decided.allowed(Resolved(request, subject, (consent,)), decision)


def intended(decided: Decided) -> tuple[Event, Intended]:
    event = intent_event(decided, DIGEST)
    return event, Intended(decided, event.id, 0, DIGEST)


def released(stage: Intended, *values: Value) -> tuple[Event, SafeRecord]:
    fields: tuple[SafeField, ...] = tuple(
        (f"field_{number}", "keep", value) for number, value in enumerate(values)
    )
    safe = SafeRecord(stage, fields, (FieldWithheld("remark", "DETECTION_FAILED"),))
    return release_event(safe), safe


def subject() -> Subject:
    return Subject(os.urandom(32), os.urandom(32))


def one_call(decided: Decided, *values: Value) -> list[Event]:
    """Every event that one call can leave, of every end that it can come to."""
    intent, stage = intended(decided)
    consent_id = decided.consent.terms.consent_id
    denial = Decision("some-rule", (Finding(ErrorReason.NO_RULE_PERMITS, "credit.other"),))
    return [
        intent,
        released(stage, *values)[0],
        decision_event("DENIAL", decided.resolved, denial, DIGEST),
        decision_event("EXPLANATION", decided.resolved, denial, DIGEST),
        failure_event(stage, "FAILURE", ErrorReason.PROVIDER_TIMEOUT),
        failure_event(stage, "ABANDONED", ErrorReason.DEADLINE_EXCEEDED),
        *(
            consent_event(kind, LENDER_A, decided.subject, consent_id)
            for kind in ("CONSENT_GRANTED", *CHANGE_KINDS.values())
        ),
    ]


def said(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.body)
    return found


# The sign keeps a text from being one of an event's own words.
texts = st.text(st.characters(codec="utf-8"), min_size=6, max_size=40).map(lambda one: f"§{one}")
values = texts | st.integers(10**8, 2**63)


@settings(max_examples=50, deadline=None)
@given(st.lists(values, min_size=1, max_size=6))
def test_no_value_and_no_identifier_is_in_any_event(record: list[Value]) -> None:
    decided = allowed(subject())
    received = decided.resolved.authenticated.received
    hidden = [
        str(received.subject.value),
        received.request_id,
        decided.consent.terms.consent_id,
        *(one.hex() for one in (decided.subject.id, decided.subject.secret)),
        received.body_digest.hex(),
    ]
    for event in one_call(decided, *record):
        text = event.body.decode()
        assert [one for one in hidden if one in text] == []
        words = set(_words(said(event)))
        assert not words & {str(one) for one in record}


def _words(node: object) -> list[str]:
    if isinstance(node, dict):
        return [word for one in node.values() for word in _words(one)]
    if isinstance(node, list):
        return [word for one in node for word in _words(one)]
    return [str(node)]


def test_events_of_one_subject_share_nothing_to_follow_it_by() -> None:
    person = subject()
    calls = [one_call(allowed(person), "a value", 7) for _ in range(3)]
    for one, other in combinations(calls, 2):
        for first in one:
            for second in other:
                shared = set(HEX.findall(first.body.decode()))
                shared &= set(HEX.findall(second.body.decode()))
                assert shared <= {DIGEST.removeprefix("sha256:")}


def test_within_a_call_only_the_intents_id_is_shared() -> None:
    decided = allowed(subject())
    events = one_call(decided, "a value")
    for first, second in combinations(events, 2):
        shared = set(HEX.findall(first.body.decode())) & set(HEX.findall(second.body.decode()))
        assert shared <= {DIGEST.removeprefix("sha256:"), events[0].id}


def test_the_same_event_twice_has_another_tag_and_other_commitments() -> None:
    decided = allowed(subject())
    first, second = said(intent_event(decided, DIGEST)), said(intent_event(decided, DIGEST))
    for name in ("id", "subject", "request", "consent"):
        assert first[name] != second[name]
    del first["id"], first["subject"], first["request"], first["consent"]
    assert first.items() <= second.items()


def test_the_two_halves_are_of_one_mac_under_the_subjects_secret() -> None:
    decided = allowed(subject())
    event, safe = released(intended(decided)[1], "a value", 7, None)
    mac = hmac.digest(decided.subject.secret, event.id.encode(), "sha512")
    assert said(event)["subject"] == mac[:32].hex()
    assert event.salt == mac[32:]
    opened = commitment(RECORD_LABEL, event.salt, msgspec.json.encode(safe.fields))
    assert said(event)["record"] == opened.hex()


def test_commitments_open_with_the_salt_to_one_content_only() -> None:
    decided = allowed(subject())
    event = intent_event(decided, DIGEST)
    salt = hmac.digest(decided.subject.secret, event.id.encode(), "sha512")[32:]
    request = decided.resolved.authenticated.received.request_id.encode()
    consent = decided.consent.terms.consent_id.encode()
    found = said(event)
    assert found["request"] == commitment(b"veilgate request v1", salt, request).hex()
    assert found["consent"] == commitment(b"veilgate consent v1", salt, consent).hex()
    assert found["request"] != commitment(b"veilgate consent v1", salt, request).hex()
    assert found["request"] != commitment(b"veilgate request v1", bytes(32), request).hex()


def test_another_secret_gives_another_tag_for_the_same_event_id() -> None:
    decided = allowed(subject())
    event = intent_event(decided, DIGEST)
    other = hmac.digest(os.urandom(32), event.id.encode(), "sha512")
    assert said(event)["subject"] != other[:32].hex()


def test_a_release_says_fields_operators_and_what_was_withheld() -> None:
    event, safe = released(intended(allowed(subject()))[1], "a value", None)
    found = said(event)
    assert found["released"] == ["field_0:keep", "field_1:keep"]
    assert found["withheld"] == ["remark:DETECTION_FAILED"]
    assert found["intent"] == safe.intended.event_id
    assert (found["kind"], found["outcome"]) == ("RELEASE", "RELEASED")
    assert found["rule"] == "underwriting-applicant"


@pytest.mark.parametrize(
    ("ask", "purpose", "dataset"),
    [
        (Ask("zhang.wei", "credit.applicant"), "", ""),
        (Ask("credit.underwriting", "zhang.wei"), "credit.underwriting", ""),
        (
            Ask("credit.underwriting", "credit.applicant", frozenset({"zhang_wei"})),
            "credit.underwriting",
            "credit.applicant",
        ),
        (Ask("credit.underwriting", "credit.applicant"), "credit.underwriting", "credit.applicant"),
    ],
)
def test_words_that_the_policy_does_not_know_are_left_out(
    ask: Ask, purpose: str, dataset: str
) -> None:
    request = asked(fresh_person())
    received = msgspec.structs.replace(request.received, ask=ask)
    resolved = Resolved(msgspec.structs.replace(request, received=received), None, ())
    decision = decide(POLICY, LENDER_A, ask, (), 1)
    event = decision_event("DENIAL", resolved, decision, DIGEST)
    found = said(event)
    assert "zhang" not in event.body.decode()
    assert (found.get("purpose", ""), found.get("dataset", "")) == (purpose, dataset)
    assert found["outcome"] == "DENIED"
    assert "subject" not in found


def test_a_denial_says_every_reason_and_no_element() -> None:
    decided = allowed(subject())
    paused = Consent(terms(separate=frozenset()), Standing(ConsentState.PAUSED))
    ask = decided.resolved.authenticated.received.ask
    decision = decide(POLICY, LENDER_A, ask, (paused,), paused.terms.valid_from)
    found = said(decision_event("DENIAL", decided.resolved, decision, DIGEST))
    assert found["reasons"] == [one.reason.value for one in decision.findings]
    assert found["reasons"][0] == "CONSENT_PAUSED"
    assert len(found["reasons"]) > 1


@pytest.mark.parametrize(
    "make", [lambda: plain_event("GATEWAY_STARTED", abandoned=3), lambda: plain_event("X")]
)
def test_an_event_of_the_gateway_names_nobody(make: Callable[[], bytes]) -> None:
    found = json.loads(make())
    assert found["v"] == 1
    assert set(found) <= {"v", "kind", "id", "abandoned"}
    assert len(found["id"]) == 32


def test_every_change_of_a_consent_has_its_kind() -> None:
    assert set(CHANGE_KINDS) == set(ConsentEvent)
    assert len(set(CHANGE_KINDS.values())) == len(ConsentEvent)


def test_ids_are_never_twice_the_same() -> None:
    decided = allowed(subject())
    ids = [intent_event(decided, DIGEST).id for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)
