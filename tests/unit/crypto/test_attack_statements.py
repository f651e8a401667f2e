"""Certificates that the right authority issued and that nonetheless speak for no workload here."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from clients.cli.local.dev_authority import (
    TRUST_DOMAIN,
    DevAuthority,
    Issued,
    LeafRequest,
    Usage,
    self_signed,
    spiffe_uri,
)
from gateway.crypto.dsse import pae
from gateway.crypto.errors import CryptoError, SignatureError
from gateway.crypto.statement import (
    MAX_CERTIFICATE_BYTES,
    Anchors,
    SignedStatement,
    StatementError,
    statement_key,
)

KIND, PAYLOAD = "application/x-test", b"said"
AUTHORITY = DevAuthority.create()
ANCHORS = Anchors(AUTHORITY.certificate, TRUST_DOMAIN)
HERE = spiffe_uri("lender-a", "agent")
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def said(issued: Issued) -> SignedStatement:
    key = load_pem_private_key(issued.private_key, None)
    return statement_key(key, issued.certificate).sign(KIND, PAYLOAD)


def named(*uris: str, **changes: object) -> SignedStatement:
    """By a leaf of the trusted authority with these names."""
    request = LeafRequest(common_name="lender-a", uris=uris, **changes)  # type: ignore[arg-type]
    return said(AUTHORITY.issue(request))


def test_the_one_that_all_others_are_changed_from_is_taken() -> None:
    signer = ANCHORS.verify(KIND, named(HERE), time.time())
    assert (signer.institution, signer.workload) == ("lender-a", "agent")


@pytest.mark.parametrize(
    "uris",
    [
        (),
        (spiffe_uri("lender-a", "agent", "elsewhere.example"),),
        (HERE, spiffe_uri("lender-b", "agent")),
        (HERE + "/more",),
        (HERE.upper(),),
        (HERE.replace("lender-a", "lender_a"),),
        ("https://" + TRUST_DOMAIN + "/institution/lender-a/workload/agent",),
    ],
    ids=["none", "another domain", "two", "longer", "upper", "underscore", "another scheme"],
)
def test_a_name_that_is_no_workload_of_this_domain(uris: tuple[str, ...]) -> None:
    """An authority may sign for several domains; a verifier is of one."""
    with pytest.raises(StatementError):
        ANCHORS.verify(KIND, named(*uris), time.time())


def test_certificates_of_other_times_uses_and_lives() -> None:
    for statement in (
        named(HERE, starts_in=timedelta(days=-2), lifetime=timedelta(days=1)),
        named(HERE, starts_in=timedelta(hours=1)),
        named(HERE, lifetime=timedelta(days=8)),
        named(HERE, usages=(Usage.SERVER,)),
    ):
        with pytest.raises(StatementError):
            ANCHORS.verify(KIND, statement, time.time())
    assert ANCHORS.verify(KIND, named(HERE, lifetime=timedelta(days=7)), time.time())


def test_chains_that_lead_nowhere_or_are_long() -> None:
    genuine, other = named(HERE), DevAuthority.create()
    request = LeafRequest.institution("lender-a", "agent")
    foreign, alone = said(other.issue(request)), said(self_signed(request))
    (leaf,) = genuine.chain
    for chain in ((), foreign.chain, alone.chain, (leaf,) * 5, (b"x" * 99,), (leaf, b"")):
        with pytest.raises(CryptoError):
            ANCHORS.verify(KIND, SignedStatement(PAYLOAD, genuine.signature, chain), time.time())
    large = (leaf, b"\x30" * (MAX_CERTIFICATE_BYTES + 1))
    with pytest.raises(StatementError, match="16 KiB"):
        ANCHORS.verify(KIND, SignedStatement(PAYLOAD, genuine.signature, large), time.time())
    with pytest.raises(StatementError, match="1 to 4"):
        ANCHORS.verify(KIND, SignedStatement(PAYLOAD, genuine.signature, (leaf,) * 5), time.time())


def test_a_signature_over_something_else() -> None:
    genuine, another = named(HERE), named(HERE)
    for payload, signature, kind in (
        (PAYLOAD + b" ", genuine.signature, KIND),
        (PAYLOAD, genuine.signature, KIND + "2"),
        (PAYLOAD, another.signature, KIND),
        (PAYLOAD, b"", KIND),
    ):
        statement = SignedStatement(payload, signature, genuine.chain)
        with pytest.raises(SignatureError):
            ANCHORS.verify(kind, statement, time.time())


def of_another_kind(key: Any) -> SignedStatement:
    """A leaf of a trusted authority of its own for such a key, and the key's own signature."""
    root = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")])
    now = datetime.now(UTC)
    base = x509.CertificateBuilder().issuer_name(name).not_valid_before(now - timedelta(hours=1))
    base = base.not_valid_after(now + timedelta(days=1))
    usage = dict.fromkeys(_USAGES, False)
    authority = _identified(
        base.subject_name(name)
        .public_key(root.public_key())
        .serial_number(1)
        .add_extension(x509.BasicConstraints(True, 0), critical=True)
        .add_extension(x509.KeyUsage(**{**usage, "key_cert_sign": True}), critical=True),
        *(root, root),
    )
    leaf = _identified(
        base.subject_name(name)
        .public_key(key.public_key())
        .serial_number(2)
        .add_extension(x509.BasicConstraints(False, None), critical=True)
        .add_extension(x509.KeyUsage(**{**usage, "digital_signature": True}), critical=True)
        .add_extension(x509.ExtendedKeyUsage([Usage.CLIENT.value]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(HERE)]), critical=False
        ),
        *(key, root),
    )
    told = pae(KIND, PAYLOAD)
    is_curve = isinstance(key, ec.EllipticCurvePrivateKey)
    signature = key.sign(told, ec.ECDSA(hashes.SHA256())) if is_curve else key.sign(told)
    anchors = Anchors(authority.public_bytes(Encoding.PEM), TRUST_DOMAIN)
    statement = SignedStatement(PAYLOAD, signature, (leaf.public_bytes(Encoding.DER),))
    anchors.verify(KIND, statement, time.time())
    return statement


def _identified(
    builder: x509.CertificateBuilder, key: Any, signer: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    identified = builder.add_extension(own, critical=False).add_extension(issuer, critical=False)
    return identified.sign(signer, hashes.SHA256())


def test_a_key_of_another_kind_signs_nothing() -> None:
    """One kind of key and one algorithm: what else a certificate may hold is not looked into."""
    assert of_another_kind(ec.generate_private_key(ec.SECP256R1()))
    for key in (ec.generate_private_key(ec.SECP384R1()), Ed25519PrivateKey.generate()):
        with pytest.raises(StatementError):
            of_another_kind(key)


def test_a_key_that_is_not_the_certificate_s_is_not_signed_with() -> None:
    issued, other = (AUTHORITY.issue(LeafRequest.institution("lender-a")) for _ in range(2))
    key = load_pem_private_key(other.private_key, None)
    with pytest.raises(StatementError, match="belong"):
        statement_key(key, issued.certificate)
    with pytest.raises(StatementError, match="long"):
        statement_key(key, other.certificate * 5)
    with pytest.raises(StatementError, match="P-256"):
        statement_key(Ed25519PrivateKey.generate(), other.certificate)
