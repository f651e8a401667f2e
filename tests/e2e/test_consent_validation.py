"""Every field of the consent requests and of the artefact itself, malformed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.sdk.codecs.common import encode_artefact
from support.live_gateway import LiveGateway, running_gateway, underwriting_terms
from support.malformed import (
    BAD_UUIDS,
    LONG,
    Change,
    assert_names_the_field,
    cases,
    cleared,
    set_field,
    set_list,
)
from support.members import Member
from support.refusals import refusal_of
from veilgate.v1 import consent_pb2

CONSENT = "/veilgate.v1.ConsentService/"
PERSON = synthetic_subject(1)
ONE_USE = consent_pb2.Frequency(count=1)
ONE_USE_PER_NOTHING = consent_pb2.Frequency.FromString(ONE_USE.SerializeToString() + b"\x10\x4d")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with running_gateway(tmp_path_factory.mktemp("consents") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def lender(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-a") as member:
        yield member


def moments(name: str, *seconds: int) -> list[tuple[str, Change]]:
    return [(name, change) for _, change in set_field(f"{name}.seconds", *seconds)]


ARTEFACT: list[tuple[str, Change]] = [
    *set_field("consent_id", *BAD_UUIDS),
    *set_field("version", 0, 2**32 - 1),
    *set_field("subject.type", 0, 99),
    *set_field("subject.value", "", "1", LONG),
    *set_field("controller", "", "a", "-a", "A" * 5, "a_b", "a" * 64, LONG, "lender-a\n"),
    *set_field("collector", "", "\x00\x00"),
    cleared("providers"),
    set_list("providers", "providers[1]", "demo-bureau", "-"),
    set_list("providers", "providers", *(f"p{number}" for number in range(101))),
    cleared("datasets"),
    set_list("datasets", "datasets[0]", "Credit"),
    cleared("purposes"),
    set_list("purposes", "purposes[0]", "a."),
    cleared("categories", "fields"),
    set_list("categories", "categories", "loan", "loan"),
    set_list("categories", "categories[0]", "LOAN"),
    set_list("categories", "categories", *(f"c{number}" for number in range(101))),
    set_list("fields", "fields", "name", "name"),
    *set_field("lawful_basis", 0, 99, -5),
    set_list("separate_consents", "separate_consents", 0),
    set_list("separate_consents", "separate_consents", 1, 99),
    cleared("valid_from", "valid_from"),
    cleared("valid_until", "valid_until"),
    *moments("valid_from", -1, 0, 2**62),
    *moments("valid_until", 2**62, 946_684_801),
    ("valid_until", lambda message: message.valid_until.CopyFrom(message.valid_from)),
    *set_field("uses", 0, 2**32 - 1),
    *set_field("frequency.count", 0, 2**32 - 1),
    ("frequency.per", lambda message: message.frequency.MergeFrom(ONE_USE)),
    ("frequency.per", lambda message: message.frequency.MergeFrom(ONE_USE_PER_NOTHING)),
    *set_field("data_life_days", 0, 3651, 2**32 - 1),
    *set_field("evidence_sha256", b"", b"a" * 31, b"a" * 33),
]
SIGNED: list[tuple[str, Change]] = [
    ("consent.artefact", lambda message: message.ClearField("consent")),
    *set_field("consent.artefact", b"", b"\xff\xff", b"a" * (16 * 1024 + 1)),
    *set_field("consent.signature", b"", b"a" * 63, b"a" * 65),
    *set_field("consent.key_id", "", "k" * 64, LONG),
]


def _artefact(lender: Member) -> consent_pb2.ConsentArtefact:
    return encode_artefact(underwriting_terms(lender.profile, PERSON))


def _grant(artefact: bytes) -> consent_pb2.GrantConsentRequest:
    return consent_pb2.GrantConsentRequest(
        consent=consent_pb2.SignedConsent(artefact=artefact, key_id="key", signature=bytes(64))
    )


@pytest.mark.parametrize(("path", "change"), cases(ARTEFACT))
def test_grant_consent_artefact(lender: Member, path: str, change: Change) -> None:
    artefact = _artefact(lender)
    change(artefact)
    body = _grant(artefact.SerializeToString()).SerializeToString()
    refusal = refusal_of(lender.channel, CONSENT + "GrantConsent", body)
    assert_names_the_field(refusal, f"consent.artefact.{path}")


@pytest.mark.parametrize(("path", "change"), cases(SIGNED))
def test_grant_consent_envelope(lender: Member, path: str, change: Change) -> None:
    message = _grant(_artefact(lender).SerializeToString())
    change(message)
    refusal = refusal_of(lender.channel, CONSENT + "GrantConsent", message.SerializeToString())
    assert_names_the_field(refusal, path)


@pytest.mark.parametrize("part", ["", "subject", "frequency", "valid_from", "valid_until"])
def test_an_artefact_with_an_unknown_field_is_refused(lender: Member, part: str) -> None:
    artefact = _artefact(lender)
    artefact.frequency.CopyFrom(consent_pb2.Frequency(count=1, per=consent_pb2.PERIOD_DAY))
    target = getattr(artefact, part) if part else artefact
    target.MergeFromString(b"\x98\x06\x01")
    body = _grant(artefact.SerializeToString()).SerializeToString()
    refusal = refusal_of(lender.channel, CONSENT + "GrantConsent", body)
    assert_names_the_field(refusal, "consent.artefact")


@pytest.mark.parametrize("method", ["GetConsent", "RevokeConsent"])
@pytest.mark.parametrize("consent_id", BAD_UUIDS, ids=range(len(BAD_UUIDS)))
def test_consent_ids(lender: Member, method: str, consent_id: str) -> None:
    body = consent_pb2.GetConsentRequest(consent_id=consent_id).SerializeToString()
    assert_names_the_field(refusal_of(lender.channel, CONSENT + method, body), "consent_id")


def test_valid_moments_are_accepted_at_their_edges(lender: Member) -> None:
    start = datetime(2000, 1, 1, tzinfo=UTC)
    for end in (start + timedelta(seconds=1), start + timedelta(days=3653)):
        agreed = lender.grant(PERSON, valid_from=start, valid_until=end)
        stored = lender.client.get_consent(agreed.consent_id).draft
        assert (stored.valid_from, stored.valid_until) == (start, end)
