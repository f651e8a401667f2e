"""Enrolments and changes as an institution signs them, offline, and the file for the operator."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from clients.cli.local.dev_authority import DevAuthority, LeafRequest
from clients.sdk.failure import RequestError
from clients.sdk.identity.client_certificate import ClientCertificate
from clients.sdk.identity.enrolment import (
    CHANGE_TYPE,
    ENROLMENT_TYPE,
    CredentialTerms,
    EnrolmentTerms,
    NamedKey,
    content_of,
    enrolment_from_json,
    enrolment_to_json,
    sign_change,
    sign_enrolment,
)
from clients.sdk.models.directory import Role
from gateway.crypto.dsse import pae
from gateway.crypto.ed25519 import SigningKey
from gateway.domain import enrolment as domain
from veilgate.v1 import directory_pb2 as pb

AUTHORITY = DevAuthority.create()
ISSUED = AUTHORITY.issue(LeafRequest.institution("bank-x"))
CERTIFICATE = ClientCertificate(ISSUED.certificate)
FIRST, SECOND = (NamedKey(name, SigningKey.generate()) for name in ("bank-x-1", "bank-x-2"))
TERMS = EnrolmentTerms(
    institution="bank-x", legal_group="bank-group", roles=("lender", "Witness"), jurisdiction="CN"
)
NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


def test_an_enrolment_says_what_was_asked_for_and_each_key_signed_it() -> None:
    signed = sign_enrolment(TERMS, [CERTIFICATE], [FIRST, SECOND], NOW)
    content = content_of(signed)
    assert (content.institution, content.legal_group) == ("bank-x", "bank-group")
    assert content.roles == (Role.LENDER, Role.WITNESS)
    assert content.certificates == (CERTIFICATE.fingerprint,)
    assert (content.signing_keys, content.created_at) == (("bank-x-1", "bank-x-2"), NOW)
    for key, one in zip((FIRST, SECOND), signed.signatures, strict=True):
        assert one.key_id == key.key_id
        key.key.public_key.verify(one.signature, pae(ENROLMENT_TYPE, signed.enrolment))
        assert key.key.seed() not in signed.enrolment


def test_the_types_that_are_signed_are_the_gateways() -> None:
    assert (ENROLMENT_TYPE, CHANGE_TYPE) == (domain.ENROLMENT_TYPE, domain.CHANGE_TYPE)


def test_the_file_for_the_operator_comes_back_whole() -> None:
    signed = sign_enrolment(TERMS, [CERTIFICATE], [FIRST], NOW)
    assert enrolment_from_json(enrolment_to_json(signed)) == signed


@pytest.mark.parametrize("raw", [b"", b"{}", b"[1]", b'{"payload": 1}', b"\xff"])
def test_another_file_is_refused(raw: bytes) -> None:
    with pytest.raises(RequestError, match="not a signed enrolment"):
        enrolment_from_json(raw)


def test_content_that_is_no_enrolment_is_refused() -> None:
    signed = sign_enrolment(TERMS, [CERTIFICATE], [FIRST], NOW)
    broken = pb.Enrolment(certificates=[b"none"]).SerializeToString()
    for payload in (b"\xff", broken):
        with pytest.raises(RequestError, match="not a signed enrolment"):
            content_of(replace(signed, enrolment=payload))


def test_a_change_is_signed_by_the_key_in_use_and_each_new_one() -> None:
    terms = CredentialTerms(
        institution="bank-x",
        certificates=(CERTIFICATE,),
        signing_keys=(SECOND,),
        retire_signing_keys=("bank-x-1",),
        overlap=timedelta(hours=1),
    )
    signed = sign_change(terms, FIRST, NOW)
    assert [one.key_id for one in signed.signatures] == ["bank-x-1", "bank-x-2"]
    for key, one in zip((FIRST, SECOND), signed.signatures, strict=True):
        key.key.public_key.verify(one.signature, pae(CHANGE_TYPE, signed.change))
    message = pb.CredentialChange.FromString(signed.change)
    assert (message.overlap_seconds, list(message.retire_signing_keys)) == (3_600, ["bank-x-1"])
    assert list(message.add_certificates) == [CERTIFICATE.der]
    again = pb.CredentialChange.FromString(sign_change(terms, FIRST, NOW).change)
    assert again.change_id != message.change_id


def test_a_certificate_of_another_institution_is_not_signed() -> None:
    other = replace(TERMS, institution="bank-y")
    with pytest.raises(RequestError, match="does not name this institution"):
        sign_enrolment(other, [CERTIFICATE], [FIRST])
    terms = CredentialTerms(institution="bank", certificates=(CERTIFICATE,))
    with pytest.raises(RequestError, match="does not name this institution"):
        sign_change(terms, FIRST)


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=30, seconds=1)])
def test_an_overlap_has_bounds(overlap: timedelta) -> None:
    with pytest.raises(RequestError, match="0 to 30 days"):
        CredentialTerms(institution="bank-x", overlap=overlap)


def test_nothing_is_asked_for_without_a_certificate_and_a_key() -> None:
    for certificates, keys in (([], [FIRST]), ([CERTIFICATE], [])):
        with pytest.raises(RequestError, match="at least one"):
            sign_enrolment(TERMS, certificates, keys)
    with pytest.raises(RequestError, match="Role"):
        sign_enrolment(replace(TERMS, roles=("king",)), [CERTIFICATE], [FIRST])


def test_a_chain_is_its_first_certificate() -> None:
    chain = ClientCertificate(ISSUED.certificate + AUTHORITY.certificate)
    assert (chain.fingerprint, chain.uri) == (CERTIFICATE.fingerprint, CERTIFICATE.uri)


def test_a_certificate_names_exactly_one_workload() -> None:
    with pytest.raises(RequestError, match="not a certificate"):
        ClientCertificate(b"nothing")
    with pytest.raises(RequestError, match="exactly one URI"):
        ClientCertificate(AUTHORITY.certificate)
