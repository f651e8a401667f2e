"""The peer check on its own: every reason to refuse, and what a good certificate yields."""

from __future__ import annotations

import hashlib
import ssl
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.cli.local.dev_authority import DevAuthority, Issued, LeafRequest, Usage, spiffe_uri
from gateway.servicers import peer as peer_module
from gateway.servicers.peer import (
    PeerCertificate,
    PeerRefusal,
    PeerRefused,
    peer_certificate,
)

AUTHORITY = DevAuthority.create()
LENDER = LeafRequest.institution("lender-a", "scoring")
GOOD = AUTHORITY.issue(LENDER)
DER = ssl.PEM_cert_to_DER_cert(GOOD.certificate.decode())
NOW = time.time() + 3_600
"""After the collection: what a slow run issues meanwhile is valid by then, too."""


def context(*pems: bytes, version: Sequence[bytes] = (b"TLSv1.3",)) -> dict[str, Sequence[bytes]]:
    """What grpcio 1.85 hands out for a mutual TLS connection, as far as it matters here."""
    found: dict[str, Sequence[bytes]] = {"transport_security_type": (b"ssl",)}
    if version:
        found["ssl_tls_version"] = version
    if pems:
        found["x509_pem_cert"] = pems
    return found


def refusal(auth_context: dict[str, Sequence[bytes]], now: float = NOW) -> PeerRefusal:
    with pytest.raises(PeerRefused) as refused:
        peer_certificate(auth_context, now)
    return refused.value.reason


def named(*uris: str) -> Issued:
    return AUTHORITY.issue(replace(LENDER, uris=uris))


def test_a_good_certificate_names_the_workload() -> None:
    peer = peer_certificate(context(GOOD.certificate), NOW)
    assert (peer.institution_id, peer.workload) == ("lender-a", "scoring")
    assert peer.fingerprint == hashlib.sha256(DER).hexdigest()
    assert peer.not_after - peer.not_before == timedelta(hours=24).total_seconds()
    assert peer.not_before <= NOW <= peer.not_after


@pytest.mark.parametrize(
    ("auth_context", "reason"),
    [
        ({}, PeerRefusal.NO_CERTIFICATE),
        (context(), PeerRefusal.NO_CERTIFICATE),
        (context(GOOD.certificate, version=()), PeerRefusal.TLS_VERSION),
        (context(GOOD.certificate, version=(b"TLSv1.2",)), PeerRefusal.TLS_VERSION),
        (context(GOOD.certificate, version=(b"TLSv1.3", b"TLSv1.2")), PeerRefusal.TLS_VERSION),
        (context(GOOD.certificate, GOOD.certificate), PeerRefusal.UNPARSABLE),
        (context(b""), PeerRefusal.UNPARSABLE),
        (context(b"\x00" * 100), PeerRefusal.UNPARSABLE),
        (context(GOOD.private_key), PeerRefusal.UNPARSABLE),
        (context(GOOD.certificate + b"\n" * 20_000), PeerRefusal.UNPARSABLE),
        (context(AUTHORITY.certificate), PeerRefusal.CERTIFICATE_AUTHORITY),
    ],
)
def test_contexts_that_name_nobody(
    auth_context: dict[str, Sequence[bytes]], reason: PeerRefusal
) -> None:
    assert refusal(auth_context) is reason


@pytest.mark.parametrize("usages", [(), (Usage.SERVER,)])
def test_a_certificate_must_be_for_client_authentication(usages: tuple[Usage, ...]) -> None:
    issued = AUTHORITY.issue(replace(LENDER, usages=usages))
    assert refusal(context(issued.certificate)) is PeerRefusal.WRONG_USAGE


def test_further_usages_and_name_types_do_no_harm() -> None:
    """SPIFFE X509-SVID, section 2: other SAN types may stand beside the one URI."""
    issued = AUTHORITY.issue(
        replace(LENDER, usages=(Usage.SERVER, Usage.CLIENT), dns_names=("scoring.example",))
    )
    assert peer_certificate(context(issued.certificate), NOW).workload == "scoring"


GOOD_URI = spiffe_uri("lender-a", "scoring")


@pytest.mark.parametrize(
    "uris",
    [
        (),
        (GOOD_URI, spiffe_uri("bureau-b", "scoring")),
        (GOOD_URI, GOOD_URI),
        (GOOD_URI, "https://lender-a.example"),
        (spiffe_uri("Lender-A", "scoring"),),
        (spiffe_uri("a", "scoring"),),
        (spiffe_uri("-lender", "scoring"),),
        (spiffe_uri("l" * 64, "scoring"),),
        (spiffe_uri("lender_a", "scoring"),),
        (spiffe_uri("lender-a\n", "scoring"),),
        (spiffe_uri("lender%2Da", "scoring"),),
        (spiffe_uri("lender-a", ""),),
        (spiffe_uri("lender-a", "scoring/extra"),),
        (GOOD_URI + "/",),
        (GOOD_URI + "?as=bureau-b",),
        (GOOD_URI + "#bureau-b",),
        (GOOD_URI.replace("spiffe:", "SPIFFE:"),),
        (GOOD_URI.replace("institution", "operator"),),
        ("spiffe://veilgate.example",),
    ],
)
def test_names_that_are_not_of_the_form(uris: tuple[str, ...]) -> None:
    assert refusal(context(named(*uris).certificate)) is PeerRefusal.WRONG_NAME


@pytest.mark.parametrize(
    "domain",
    [
        "elsewhere.example",
        "veilgate.example.evil.example",
        "xveilgate.example",
        "a@veilgate.example",
    ],
)
def test_another_trust_domain(domain: str) -> None:
    issued = named(spiffe_uri("lender-a", "scoring", domain))
    assert refusal(context(issued.certificate)) is PeerRefusal.FOREIGN_TRUST_DOMAIN


def test_the_trust_domain_is_the_callers_choice_and_part_of_the_cache_key() -> None:
    issued = named(spiffe_uri("lender-a", "scoring", "bank.example"))
    found = context(issued.certificate)
    peer_certificate(found, NOW, trust_domain="bank.example")
    assert refusal(found) is PeerRefusal.FOREIGN_TRUST_DOMAIN
    with pytest.raises(PeerRefused):
        peer_certificate(context(GOOD.certificate), NOW, trust_domain="bank.example")


def test_validity_is_inclusive_at_both_ends_and_compared_on_every_call() -> None:
    found = context(GOOD.certificate)
    peer = peer_certificate(found, NOW)
    assert peer_certificate(found, float(peer.not_before)) == peer
    assert peer_certificate(found, float(peer.not_after)) == peer
    assert refusal(found, peer.not_before - 0.5) is PeerRefusal.NOT_YET_VALID
    assert refusal(found, peer.not_after + 0.5) is PeerRefusal.EXPIRED
    assert refusal(found, float("nan")) is PeerRefusal.EXPIRED
    assert peer_certificate(found, NOW) == peer


@pytest.mark.parametrize("issued", [GOOD, named()], ids=["good", "refused"])
def test_a_certificate_is_parsed_once(issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = 0
    read = peer_module._read

    def counting(certificate: object, trust_domain: str) -> PeerCertificate:
        nonlocal reads
        reads += 1
        return read(certificate, trust_domain)  # type: ignore[arg-type]

    monkeypatch.setattr(peer_module, "_read", counting)
    peer_module._examined.cache_clear()
    for _ in range(3):
        copy = bytes(bytearray(issued.certificate))
        if issued is GOOD:
            peer_certificate(context(copy), NOW)
        else:
            assert refusal(context(copy)) is PeerRefusal.WRONG_NAME
    assert reads == 1


def test_the_cache_is_bounded() -> None:
    assert peer_module._examined.cache_parameters()["maxsize"] == 1024


def test_a_refusal_does_not_repeat_the_name() -> None:
    issued = named(spiffe_uri("canary-institution", "canary", "canary.example"))
    with pytest.raises(PeerRefused) as refused:
        peer_certificate(context(issued.certificate), NOW)
    assert "canary" not in str(refused.value)
    assert "canary" not in repr(refused.value)


@given(st.binary(max_size=300), st.integers(0, 600))
def test_damaged_certificates_are_refused_or_read_never_crash(noise: bytes, at: int) -> None:
    damaged = DER[:at] + noise + DER[at + len(noise) :]
    pem = ssl.DER_cert_to_PEM_cert(damaged).encode()
    try:
        peer = peer_certificate(context(pem), NOW)
    except PeerRefused:
        return
    assert peer.fingerprint == hashlib.sha256(damaged).hexdigest()


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_unparsable(pem: bytes) -> None:
    assert refusal(context(pem)) is PeerRefusal.UNPARSABLE


@pytest.mark.parametrize(
    "change",
    [
        {"fingerprint": "ab"},
        {"fingerprint": "A" * 64},
        {"institution_id": "Lender"},
        {"workload": "two words"},
        {"not_before": 2**40},
    ],
)
def test_an_impossible_peer_cannot_be_built(change: dict[str, str | int]) -> None:
    peer = peer_certificate(context(GOOD.certificate), NOW)
    with pytest.raises(ValueError, match=r"must be|has not|lies after"):
        replace(peer, **change)  # type: ignore[arg-type]
