"""Consistency proofs between any two sizes, and events by kind and institution."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import grpc
import pytest

from clients.cli.local.home import AUDITOR, LENDER_A, LENDER_B
from gateway.crypto.checkpoint import Checkpoint
from gateway.crypto.errors import CryptoError
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.crypto.merkle_proof import verify_consistency
from gateway.crypto.signed_note import SignedNote
from support.live_gateway import LiveGateway, running_gateway
from support.members import Member, fresh_applicant
from support.refusals import denied, refused

RECORDS = 100
BAD_FIELD = ("INVALID_FIELD", grpc.StatusCode.INVALID_ARGUMENT)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with running_gateway(tmp_path_factory.mktemp("reads") / "home") as running:
        for name, times in ((LENDER_A, RECORDS), (LENDER_B, 2)):
            with Member(running, name) as lender:
                for _ in range(times):
                    raw = fresh_applicant()
                    lender.grant(raw)
                    lender.get(raw)
        yield running


@pytest.fixture(scope="module")
def auditor(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, AUDITOR) as member:
        yield member


@pytest.fixture(scope="module")
def events(auditor: Member) -> list[bytes]:
    return [entry.event for entry in auditor.client.events(page_size=100)]


def root(events: list[bytes]) -> bytes:
    return CompactRange().extend([leaf_hash(one) for one in events]).root()


def test_any_tree_is_proved_to_extend_any_earlier_one(auditor: Member, events: list[bytes]) -> None:
    assert len(events) > 300
    sizes = (1, 2, 3, 8, 100, 255, 256, 257, 300, len(events))
    roots = {size: root(events[:size]) for size in sizes}
    for old, new in combinations(sizes, 2):
        proof = auditor.client.consistency_proof(old, new)
        assert (proof.old_size, proof.new_size) == (old, new)
        verify_consistency(old, roots[old], new, roots[new], proof.hashes)
        with pytest.raises(CryptoError):
            verify_consistency(old, bytes(32), new, roots[new], proof.hashes)


def test_the_present_tree_is_the_default(
    gateway: LiveGateway, auditor: Member, events: list[bytes]
) -> None:
    note = auditor.client.checkpoint().note
    signed = Checkpoint.parse(SignedNote.parse(note).text)
    with gateway.client(LENDER_B) as anybody:
        proof = anybody.consistency_proof(7)
    assert proof.new_size == len(events)
    verify_consistency(7, root(events[:7]), len(events), root(events), proof.hashes)
    assert auditor.client.consistency_proof(signed.size, signed.size).hashes == ()


def test_what_the_log_never_was_has_no_consistency_proof(
    auditor: Member, events: list[bytes]
) -> None:
    size = len(events)
    for old, new in ((size + 1, 0), (1, size + 1), (size + 1, size + 2), (2**40, 0)):
        with refused("LOG_ENTRY_NOT_FOUND", grpc.StatusCode.NOT_FOUND):
            auditor.client.consistency_proof(old, new)
    for old, new in ((0, 0), (0, 5), (6, 5), (2**63, 0)):
        with refused(*BAD_FIELD):
            auditor.client.consistency_proof(old, new)


@pytest.mark.parametrize(
    ("kinds", "institution"),
    [
        (("RELEASE",), ""),
        (("RELEASE", "CONSENT_GRANTED"), ""),
        ((), LENDER_B),
        (("RELEASE",), LENDER_B),
        (("NO_SUCH_KIND",), ""),
        ((), "nobody"),
    ],
)
@pytest.mark.parametrize("page_size", [1, 7, 500])
def test_filters_leave_out_the_other_events_and_no_more(
    auditor: Member,
    events: list[bytes],
    kinds: tuple[str, ...],
    institution: str,
    page_size: int,
) -> None:
    found = [
        (entry.index, entry.event)
        for entry in auditor.client.events(
            kinds=kinds, institution=institution, page_size=page_size
        )
    ]
    assert found == [
        (index, event)
        for index, event in enumerate(events)
        if _wanted(json.loads(event), kinds, institution)
    ]


def _wanted(event: dict[str, Any], kinds: tuple[str, ...], institution: str) -> bool:
    return (not kinds or event["kind"] in kinds) and (
        not institution or event.get("institution") == institution
    )


def test_a_page_goes_on_where_it_ended(auditor: Member, events: list[bytes]) -> None:
    page = auditor.client.list_events(0, 2, kinds=("RELEASE",))
    assert len(page.entries) == 2
    again = auditor.client.list_events(page.next, 500, kinds=("RELEASE",))
    assert again.entries[0].index >= page.next > page.entries[-1].index
    assert again.next == again.size == len(events)
    assert len(again.entries) == RECORDS + 2 - 2


@pytest.mark.parametrize(
    "wanted",
    [
        {"kinds": ("release",)},
        {"kinds": ("",)},
        {"kinds": ("A" * 41,)},
        {"kinds": ("RELEASE",) * 33},
        {"institution": "Lender A"},
        {"institution": "x" * 64},
    ],
)
def test_a_filter_that_can_match_nothing_is_refused(auditor: Member, wanted: Any) -> None:
    with refused(*BAD_FIELD):
        auditor.client.list_events(0, 10, **wanted)


def test_only_an_auditor_reads_events(gateway: LiveGateway) -> None:
    with gateway.client(LENDER_A) as lender, denied("ROLE_MISSING"):
        lender.list_events(0, 10, institution=LENDER_A)
