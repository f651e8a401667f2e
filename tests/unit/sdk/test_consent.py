import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.sdk import (
    ConsentDraft,
    ConsentDraftError,
    Frequency,
    ReferencedDraft,
    Subject,
    sign,
)
from clients.sdk.codecs.common import decode_artefact, encode_artefact
from clients.sdk.consents.draft import read_draft, read_terms
from clients.sdk.vocabulary import IdentifierType, LawfulBasis, Period, SeparateConsent
from gateway.crypto.dsse import DsseEnvelope, DsseSignature
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.errors import SignatureError
from veilgate.v1 import consent_pb2

TYPE = "application/vnd.veilgate.consent.v1+protobuf"
KEY = SigningKey.from_seed(b"\x03" * 32)
NUMBER = "11010119900307001X"


def document(**changes: Any) -> dict[str, Any]:
    return {
        "controller": "lender-a", "collector": "lender-a", "providers": ["bureau-b"],
        "datasets": ["credit.applicant"], "purposes": ["credit"], "categories": ["identity"],
        "evidence_sha256": "ab" * 32, "subject": {"type": "CN_RESIDENT_ID", "value": NUMBER},
    } | changes  # fmt: skip


def draft(**changes: Any) -> ConsentDraft:
    return read_terms(document(**changes), ConsentDraft)


@dataclass
class Opened:
    artefact: bytes

    @classmethod
    def by(cls, signed: consent_pb2.SignedConsent, key: SigningKey, kind: str = TYPE) -> "Opened":
        signature = DsseSignature(signed.key_id, signed.signature)
        envelope = DsseEnvelope(kind, signed.artefact, (signature,))
        return cls(envelope.verify(kind, [key.public_key]))


def test_a_signed_consent_verifies_and_holds_the_draft() -> None:
    original = draft(uses=3, frequency={"count": 2, "per": "day"}, separate_consents=["sensitive"])
    signed = sign(original, KEY, "key-1")
    assert signed.key_id == "key-1"
    artefact = consent_pb2.ConsentArtefact.FromString(Opened.by(signed, KEY).artefact)
    assert decode_artefact(artefact) == original
    assert artefact.evidence_sha256 == b"\xab" * 32


def test_the_signature_binds_bytes_type_and_key() -> None:
    signed = sign(draft(), KEY, "key-1")
    with pytest.raises(SignatureError):
        Opened.by(signed, SigningKey.from_seed(b"\x04" * 32))
    with pytest.raises(SignatureError):
        Opened.by(signed, KEY, "application/vnd.veilgate.other")
    signed.artefact += b"\x00"
    with pytest.raises(SignatureError):
        Opened.by(signed, KEY)


def test_defaults() -> None:
    one, other = draft(), draft()
    assert one.consent_id != other.consent_id
    assert one.valid_until - one.valid_from == timedelta(days=90)
    assert one.valid_from <= datetime.now(UTC)
    assert one.lawful_basis is LawfulBasis.CONSENT
    assert one.uses is None


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"providers": []}, "providers"),
        ({"purposes": ["a", "a"]}, "purposes"),
        ({"datasets": [f"d{number}" for number in range(101)]}, "datasets"),
        ({"categories": []}, "fields or categories"),
        ({"uses": 0}, "uses"),
        ({"data_life_days": 3651}, "data_life_days"),
        ({"frequency": {"count": 0, "per": "day"}}, "frequency"),
        ({"evidence_sha256": "AB" * 32}, "evidence_sha256"),
        ({"consent_id": "7"}, "UUID"),
        ({"valid_until": "2000-01-01T00:00:00Z"}, "valid_until"),
        ({"valid_from": "2026-01-01T00:00:00"}, "time zone"),
        ({"controler": "lender-a"}, "controler"),
        ({"lawful_basis": NUMBER}, "$.lawful_basis"),
        ({"subject": {"type": NUMBER, "value": "1"}}, "$.subject.type"),
        ({"subject": {"type": "US_SSN", "value": NUMBER * 4}}, "$.subject"),
    ],
)
def test_a_draft_out_of_bounds_is_refused_without_its_values(
    changes: dict[str, Any], what: str
) -> None:
    with pytest.raises(ConsentDraftError) as caught:
        draft(**changes)
    assert what in str(caught.value)
    assert NUMBER not in str(caught.value)


def test_an_artefact_above_the_limit_is_not_signed() -> None:
    names = [f"{number:0200}" for number in range(100)]
    with pytest.raises(ConsentDraftError, match="16384"):
        sign(draft(fields=names), KEY, "key-1")


@pytest.mark.parametrize(
    "changes",
    [
        {"separate_consents": ("third_party",)},
        {"lawful_basis": "consent"},
        {"purposes": "credit"},
        {"providers": ["bureau-b"]},
    ],
)
def test_terms_of_another_type_are_refused_when_made(changes: dict[str, Any]) -> None:
    good = draft()
    with pytest.raises(ValueError, match=r"lawful_basis|tuples"):
        msgspec.structs.replace(good, **changes)


def test_the_subject_does_not_show() -> None:
    assert NUMBER not in repr(draft())


WORDS = st.lists(
    st.text("abcdefghij.", min_size=1, max_size=12), min_size=1, max_size=5, unique=True
)


@given(
    names=WORDS,
    start=st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    days=st.integers(1, 3650),
    uses=st.none() | st.integers(1, 1_000_000),
    count=st.integers(1, 1_000_000),
    per=st.none() | st.sampled_from(Period),
    basis=st.sampled_from(LawfulBasis),
    separate=st.sets(st.sampled_from(SeparateConsent)),
)
def test_artefact_and_draft_round_trip(
    names: list[str],
    start: datetime,
    days: int,
    uses: int | None,
    count: int,
    per: Period | None,
    basis: LawfulBasis,
    separate: set[SeparateConsent],
) -> None:
    original = ConsentDraft(
        subject=Subject(IdentifierType.US_SSN, "123-45-6789"),
        controller="a", collector="b", providers=tuple(names), datasets=tuple(names),
        purposes=tuple(names), fields=tuple(names), evidence_sha256="0" * 64,
        valid_from=start, valid_until=start + timedelta(days=days), uses=uses,
        frequency=Frequency(count, per) if per else None, lawful_basis=basis,
        separate_consents=tuple(separate),
    )  # fmt: skip
    assert decode_artefact(encode_artefact(original)) == original


REFERENCE = {"key_version": "1", "value": base64.b64encode(b"\x05" * 64).decode()}


def referenced(**changes: Any) -> ReferencedDraft:
    made = read_draft(document(subject=REFERENCE | changes))
    assert isinstance(made, ReferencedDraft)
    return made


def test_a_consent_by_reference_is_signed_and_read_back() -> None:
    original = referenced()
    assert original.subject.value == b"\x05" * 64
    signed = sign(original, KEY, "key-1")
    artefact = consent_pb2.ConsentArtefact.FromString(Opened.by(signed, KEY).artefact)
    assert artefact.subject_reference.value == original.subject.value
    assert not artefact.HasField("subject")
    assert decode_artefact(artefact) == original
    assert read_draft(json.loads(msgspec.json.encode(original))) == original
    assert "\\x05" not in repr(original)


def test_a_subject_is_named_in_one_way() -> None:
    assert isinstance(read_draft(document()), ConsentDraft)
    artefact = encode_artefact(referenced())
    artefact.subject.CopyFrom(encode_artefact(draft()).subject)
    with pytest.raises(ConsentDraftError, match="twice"):
        decode_artefact(artefact)


@pytest.mark.parametrize(
    "changes",
    [{"value": "BQUF"}, {"value": "!"}, {"key_version": "Ü"}, {"key_version": ""}, {"type": "x"}],
)
def test_a_malformed_reference_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ConsentDraftError, match=r"subject"):
        referenced(**changes)


def test_the_json_form_round_trips() -> None:
    original = draft()
    again = read_terms(json.loads(msgspec.json.encode(original)), ConsentDraft)
    assert again == original
