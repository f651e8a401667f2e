"""Underwriting and collection ask for one person's telephone, over real gRPC: what both show.

The default profile's bound is raised to four hidden characters; collection shows four and four of
eleven, underwriting three and four.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from clients.cli.local.demo_data.dataset import Applicant
from clients.cli.local.home import Home
from clients.sdk.models.common import Record
from support.live_gateway import UNDERWRITING, LiveGateway, running_gateway
from support.members import Member, fresh_applicant

COLLECTION = "credit.collection"
SHIPPED, RAISED = "{ length: 10, hidden_at_least: 3 }", "{ length: 11, hidden_at_least: 4 }"


def _hide_four(home: Home) -> None:
    profile = home.folder / "policies" / "masking" / "tight.v2.yaml"
    text = profile.read_text("utf-8")
    assert SHIPPED in text
    profile.write_text(text.replace(SHIPPED, RAISED), "utf-8")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("composition") / "home"
    with running_gateway(folder, prepare=_hide_four) as running:
        yield running


@pytest.fixture(scope="module")
def lender(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-a") as member:
        yield member


def borrower(lender: Member) -> Applicant:
    """A Chinese applicant, whose number has eleven digits, with a consent for both purposes."""
    raw = fresh_applicant()
    while raw.identity_type != "CN_RESIDENT_ID":
        raw = fresh_applicant()
    lender.grant(raw, purposes=(UNDERWRITING, COLLECTION))
    return raw


def event_of(gateway: LiveGateway, record: Record) -> dict[str, Any]:
    with Member(gateway, "auditor") as auditor:
        (entry,) = auditor.client.list_events(record.log_index, 1).entries
    found: dict[str, Any] = json.loads(entry.event)
    return found


def test_the_second_of_two_purposes_is_tightened(gateway: LiveGateway, lender: Member) -> None:
    raw = borrower(lender)
    phone = raw.phone
    first = lender.get(raw, UNDERWRITING)
    assert first.fields["phone"] == f"{phone[:3]}****{phone[-4:]}"
    second = lender.get(raw, COLLECTION)
    assert second.fields["phone"] == "*" * 11
    assert second.fields["name"] == first.fields["name"]
    event = event_of(gateway, second)
    assert (event["kind"], event["tightened"]) == ("RELEASE", ["phone"])
    assert "tightened" not in event_of(gateway, first)
    assert phone not in json.dumps(event)


def test_the_order_decides_who_is_shown_what(lender: Member) -> None:
    raw = borrower(lender)
    phone = raw.phone
    first = lender.get(raw, COLLECTION)
    assert first.fields["phone"] == f"{phone[:4]}***{phone[-4:]}"
    # It adds nothing to what the lender has seen.
    assert lender.get(raw, UNDERWRITING).fields["phone"] == f"{phone[:3]}****{phone[-4:]}"


def test_a_repeat_gets_what_it_got(lender: Member) -> None:
    raw = borrower(lender)
    ids = str(uuid4()), str(uuid4())
    first = lender.get(raw, UNDERWRITING, request_id=ids[0])
    second = lender.get(raw, COLLECTION, request_id=ids[1])
    for purpose, request_id, was in ((COLLECTION, ids[1], second), (UNDERWRITING, ids[0], first)):
        again = lender.get(raw, purpose, request_id=request_id)
        assert again.repeat
        assert again.fields == was.fields


def test_another_lender_has_seen_nothing(gateway: LiveGateway, lender: Member) -> None:
    raw = borrower(lender)
    phone = raw.phone
    lender.get(raw, UNDERWRITING)
    with Member(gateway, "lender-b") as other:
        other.grant(raw, purposes=(UNDERWRITING, COLLECTION))
        assert other.get(raw, COLLECTION).fields["phone"] == f"{phone[:4]}***{phone[-4:]}"
