"""Receipts as a use case: for whom, from what, and in which order it is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from clients.cli.local.home import packaged_policies
from gateway.adapters.committer.audit_events import CHANGE_KINDS
from gateway.application.consent_receipt import EVENT_STATES, IssueReceipt
from gateway.application.decide_access import PolicyInForce
from gateway.application.manage_consents import ManageConsents
from gateway.application.ports.consents import ConsentMoment, Party, SignedReceipt
from gateway.application.ports.ledger import SignedArtefact
from gateway.application.ports.store import StoredConsent
from gateway.bootstrap.settings import load_policy
from gateway.domain.consent import Consent, ConsentState, Standing
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.vocabulary import Jurisdiction, SeparateConsent
from support.memory_ports import MemoryConsents, MemoryDirectory, MemoryLedger, with_standing
from support.store_world import LENDER_A, LENDER_B, terms

POLICY = PolicyInForce(load_policy(packaged_policies()))
NOW = 1_900_000_000
GRANTED = ConsentMoment(
    "e1", "CONSENT_GRANTED", "2026-01-01T00:00:00.000Z", 7, "broker", "ab" * 32, "cd" * 32
)


def stored(**changes: Any) -> StoredConsent:
    agreed = terms(
        **{
            "consent_id": "one",
            "collector": "broker",
            "valid_from": NOW - 60,
            "valid_until": NOW + 60,
            **changes,
        }
    )
    signed = SignedArtefact(b"artefact with a number", "key", bytes(64))
    return StoredConsent(Consent(agreed, Standing(ConsentState.ACTIVE)), signed, NOW)


class Desk:
    """The use case over ports in memory; the history may change something while it is read."""

    def __init__(self, consent: StoredConsent, *moments: ConsentMoment) -> None:
        self.consents = MemoryConsents(consent)
        self.found = moments
        self.asked: list[str] = []
        self.known = {"lender-a": Party("a-group", Jurisdiction.US)}
        self.becomes: StoredConsent | None = None
        manage = ManageConsents(
            self.consents, MemoryDirectory({}), MemoryLedger(), lambda _, __: None, lambda: NOW
        )
        self.issue = IssueReceipt(manage, self, POLICY, self, lambda: NOW, lambda: "id", "log")

    async def moments(self, consent_id: str) -> tuple[ConsentMoment, ...]:
        self.asked.append(consent_id)
        if self.becomes is not None:
            self.consents.stored["one"] = self.becomes
        return self.found

    async def parties(self, institutions: Iterable[str]) -> Mapping[str, Party]:
        return {name: self.known[name] for name in institutions if name in self.known}

    def sign(self, receipt: bytes) -> SignedReceipt:
        return SignedReceipt(receipt, "key", b"")

    async def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((await self.issue(LENDER_A, "one")).receipt)
        return found


async def test_nothing_is_read_for_somebody_else() -> None:
    desk = Desk(stored(), GRANTED)
    for consent_id in ("one", "none"):
        with pytest.raises(Refused) as caught:
            await desk.issue(LENDER_B, consent_id)
        assert caught.value.reason is ErrorReason.CONSENT_NOT_FOUND
    assert desk.asked == []


async def test_a_consent_without_events_gets_no_receipt() -> None:
    with pytest.raises(Refused) as caught:
        await Desk(stored()).issue(LENDER_A, "one")
    assert caught.value.reason is ErrorReason.STORE_UNAVAILABLE


async def test_the_state_is_never_older_than_the_events() -> None:
    desk = Desk(stored(), GRANTED)
    desk.becomes = with_standing(stored(), state=ConsentState.REVOKED)
    found = await desk.document()
    assert found["x_veilgate"]["state"] == "revoked"
    assert [one["event_state"] for one in found["event"]] == ["given"]


async def test_the_principal_is_the_tag_of_the_grant() -> None:
    found = await Desk(stored(), GRANTED).document()
    assert found["pii_principal_id"] == found["event"][0]["x_subject_tag"] == GRANTED.tag
    assert found["event"][0]["x_commitment_salt"] == GRANTED.salt
    assert "artefact" not in json.dumps(found)


async def test_parties_that_the_directory_lacks_are_named_without_more() -> None:
    found = {one["party_id"]: one for one in (await Desk(stored(), GRANTED).document())[
        "party_identification"
    ]}  # fmt: skip
    assert found["broker"] == {"party_id": "broker", "party_role": ["collector"]}
    assert found["lender-a"]["x_legal_group"] == "a-group"
    assert found["demo-bureau"]["party_role"] == ["provider"]


@pytest.mark.parametrize(
    ("datasets", "jurisdiction", "rights"),
    [
        ({"credit.applicant"}, Jurisdiction.US, True),
        ({"other.dataset"}, Jurisdiction.CN, True),
        ({"other.dataset"}, Jurisdiction.US, False),
    ],
)
async def test_the_rights_of_a_law_are_told_where_it_applies(
    datasets: set[str], jurisdiction: Jurisdiction, rights: bool
) -> None:
    desk = Desk(stored(datasets=frozenset(datasets)), GRANTED)
    desk.known = {"lender-a": Party("a-group", jurisdiction)}
    processing = (await desk.document())["pii_processing"]
    assert processing["storage_locations"] == [jurisdiction.value]
    assert ("privacy_rights" in processing) is rights


async def test_each_separate_consent_is_told_with_its_article() -> None:
    desk = Desk(stored(separate=frozenset(SeparateConsent)), GRANTED)
    told = (await desk.document())["x_veilgate"]["separate_consents"]
    assert {one["kind"]: one["article"] for one in told} == {
        "third_party": "PIPL 23", "sensitive": "PIPL 29", "cross_border": "PIPL 39",
    }  # fmt: skip
    assert all(one["text"]["en"] and one["text"]["zh"] for one in told)


def test_every_kind_of_event_has_a_state() -> None:

    assert set(EVENT_STATES) == {"CONSENT_GRANTED", *CHANGE_KINDS.values()}
