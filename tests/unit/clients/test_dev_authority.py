"""The development authority: what its certificates say and how its keys lie on disk."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import verification

from clients.cli.local.dev_authority import (
    DevAuthority,
    DevAuthorityError,
    Issued,
    LeafRequest,
    self_signed,
)
from gateway.servicers.peer import TRUST_DOMAIN as GATEWAY_TRUST_DOMAIN

AUTHORITY = DevAuthority.create()
LENDER = LeafRequest.institution("lender-a", "scoring")


def parsed(issued: Issued) -> x509.Certificate:
    return x509.load_pem_x509_certificate(issued.certificate)


def verifier(authority: DevAuthority) -> verification.PolicyBuilder:
    root = x509.load_pem_x509_certificate(authority.certificate)
    return verification.PolicyBuilder().store(verification.Store([root]))


def test_a_second_implementation_of_path_validation_accepts_the_leaves() -> None:
    client = verifier(AUTHORITY).build_client_verifier().verify(parsed(AUTHORITY.issue(LENDER)), [])
    assert client.subjects is not None
    assert [name.value for name in client.subjects] == [
        f"spiffe://{GATEWAY_TRUST_DOMAIN}/institution/lender-a/workload/scoring"
    ]
    gateway = parsed(AUTHORITY.issue(LeafRequest.gateway()))
    server = verifier(AUTHORITY).build_server_verifier(x509.DNSName("localhost"))
    assert server.verify(gateway, [])[0] == gateway


@pytest.mark.parametrize(
    "issued",
    [
        self_signed(LENDER),
        DevAuthority.create().issue(LENDER),
        AUTHORITY.issue(replace(LENDER, starts_in=-timedelta(days=2))),
        AUTHORITY.issue(replace(LENDER, starts_in=timedelta(hours=1))),
        AUTHORITY.issue(LeafRequest.gateway()),
    ],
    ids=["self-signed", "other authority", "expired", "not yet valid", "server usage"],
)
def test_wrong_leaves_are_really_wrong(issued: Issued) -> None:
    with pytest.raises(verification.VerificationError):
        verifier(AUTHORITY).build_client_verifier().verify(parsed(issued), [])


def test_the_root_signs_leaves_only() -> None:
    root = x509.load_pem_x509_certificate(AUTHORITY.certificate)
    constraints = root.extensions.get_extension_for_class(x509.BasicConstraints)
    usage = root.extensions.get_extension_for_class(x509.KeyUsage)
    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (
        True,
        True,
        0,
    )
    assert usage.critical
    assert usage.value.key_cert_sign
    assert not usage.value.digital_signature


def test_keys_are_p256_and_serials_differ() -> None:
    leaves = [parsed(AUTHORITY.issue(LENDER)) for _ in range(3)]
    assert len({leaf.serial_number for leaf in leaves}) == 3
    for leaf in leaves:
        key = leaf.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert isinstance(key.curve, ec.SECP256R1)


def test_a_leaf_lives_a_day_by_default_and_thirty_days_at_most() -> None:
    leaf = parsed(AUTHORITY.issue(LENDER))
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(days=1)
    assert leaf.not_valid_before_utc < datetime.now(UTC)
    AUTHORITY.issue(replace(LENDER, lifetime=timedelta(days=30)))
    for lifetime in (timedelta(0), timedelta(days=30, seconds=1)):
        with pytest.raises(DevAuthorityError, match="30 days"):
            replace(LENDER, lifetime=lifetime)


def test_keys_are_private_on_disk_even_over_an_open_file(tmp_path: Path) -> None:
    (tmp_path / "lender.key").write_text("left open")
    (tmp_path / "lender.key").chmod(0o644)
    issued = AUTHORITY.issue(LENDER)
    certificate, key = issued.write(tmp_path, "lender")
    _, root_key = AUTHORITY.save(tmp_path)
    assert certificate.read_bytes() == issued.certificate
    assert key.read_bytes() == issued.private_key
    assert [stat.S_IMODE(path.stat().st_mode) for path in (key, root_key)] == [0o600, 0o600]
    assert "PRIVATE" not in repr(issued)


def test_a_saved_authority_goes_on_issuing(tmp_path: Path) -> None:
    AUTHORITY.save(tmp_path)
    leaf = parsed(DevAuthority.load(tmp_path).issue(LENDER))
    verifier(AUTHORITY).build_client_verifier().verify(leaf, [])


def test_an_unusable_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DevAuthorityError, match="no usable"):
        DevAuthority.load(tmp_path)
    _, key = AUTHORITY.save(tmp_path)
    DevAuthority.create().save(tmp_path / "other")
    key.write_bytes((tmp_path / "other" / "authority.key").read_bytes())
    with pytest.raises(DevAuthorityError, match="does not belong"):
        DevAuthority.load(tmp_path)
