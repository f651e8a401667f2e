"""Statements: who signed is the certificate's word, and each kind has its workload."""

from __future__ import annotations

import time
from datetime import timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from clients.cli.local.dev_authority import TRUST_DOMAIN, DevAuthority, LeafRequest
from gateway.adapters.keys.keyring import Keyring
from gateway.adapters.keys.statements import KeyedStatements
from gateway.application.ports.aggregates import Signed, StatementRefused
from gateway.crypto.dsse import pae
from gateway.crypto.ed25519 import PublicKey
from gateway.crypto.errors import SignatureError
from gateway.crypto.statement import StatementError, statement_key
from gateway.domain.aggregate.statements import (
    CONTRIBUTION_TYPE,
    MANIFEST_TYPE,
    QUESTION_TYPE,
    READY_TYPE,
    RESULT_TYPE,
    ROSTER_TYPE,
)

OURS, FOREIGN = DevAuthority.create(), DevAuthority.create()
KEYRING = Keyring.derive(bytes(32), Ed25519PrivateKey.generate())
CHANNEL_TYPE = "application/vnd.veilgate.aggregate.channel.v1+json"
PAYLOAD = b'{"x":1}'


def checker(now: float | None = None) -> KeyedStatements:
    clock = time.time if now is None else lambda: now
    return KeyedStatements(OURS.certificate, TRUST_DOMAIN, KEYRING, clock)


def signed(
    payload_type: str,
    workload: str,
    authority: DevAuthority = OURS,
    lifetime: timedelta = timedelta(days=6),
) -> Signed:
    issued = authority.issue(LeafRequest.institution("lender-a", workload, lifetime))
    key = statement_key(load_pem_private_key(issued.private_key, None), issued.certificate)
    made = key.sign(payload_type, PAYLOAD)
    return Signed(made.payload, made.signature, made.chain)


def word(payload_type: str, one: Signed, now: float | None = None) -> str:
    with pytest.raises(StatementRefused) as caught:
        checker(now).institution(payload_type, one)
    return str(caught.value)


@pytest.mark.parametrize(
    ("payload_type", "workloads"),
    [
        (QUESTION_TYPE, {"keyholder"}),
        (READY_TYPE, {"agent"}),
        (CONTRIBUTION_TYPE, {"agent"}),
        (CHANNEL_TYPE, {"agent", "keyholder"}),
    ],
)
def test_each_kind_is_signed_by_its_workload(payload_type: str, workloads: set[str]) -> None:
    for workload in ("agent", "keyholder", "integrator", "privacy-officer"):
        one = signed(payload_type, workload)
        if workload in workloads:
            assert checker().institution(payload_type, one) == "lender-a"
        else:
            assert word(payload_type, one) == "workload"


def test_what_was_altered_or_is_of_another_type_is_refused() -> None:
    one = signed(READY_TYPE, "agent")
    for changes in ({"payload": b'{"x":2}'}, {"signature": one.signature[:-1] + b"\x00"}):
        assert word(READY_TYPE, msgspec.structs.replace(one, **changes)) == "signature"
    assert word(CONTRIBUTION_TYPE, one) == "signature"


def test_a_chain_that_leads_elsewhere_or_lives_long_or_is_over_is_refused() -> None:
    assert word(READY_TYPE, signed(READY_TYPE, "agent", FOREIGN)) == "chain"
    assert word(READY_TYPE, signed(READY_TYPE, "agent", OURS, timedelta(days=8))) == "chain"
    one = signed(READY_TYPE, "agent")
    assert word(READY_TYPE, one, time.time() + 7 * 86_400) == "chain"
    assert word(READY_TYPE, msgspec.structs.replace(one, chain=())) == "chain"
    assert word(READY_TYPE, msgspec.structs.replace(one, chain=(b"x",))) == "chain"


@pytest.mark.parametrize("payload_type", [ROSTER_TYPE, RESULT_TYPE, MANIFEST_TYPE])
def test_no_institution_makes_what_is_the_gateways(payload_type: str) -> None:
    assert word(payload_type, signed(payload_type, "agent")) == "type"


def test_the_gateway_signs_with_its_round_key_together_with_the_type() -> None:
    one = checker().sign(ROSTER_TYPE, PAYLOAD)
    assert one.chain == ()
    key = PublicKey(checker().public_key)
    key.verify(one.signature, pae(ROSTER_TYPE, PAYLOAD))
    with pytest.raises(SignatureError):
        key.verify(one.signature, pae(RESULT_TYPE, PAYLOAD))
    # A key of its own, for which a receipt or a checkpoint is no roster.
    assert checker().public_key != KEYRING.receipt_key.public_key.raw
    assert checker().public_key == KEYRING.round_key.public_key.raw
    other = Keyring.derive(b"\x01" * 32, Ed25519PrivateKey.generate())
    assert other.round_key.public_key.raw != checker().public_key


def test_authorities_that_are_none_are_refused() -> None:
    with pytest.raises(StatementError):
        KeyedStatements(b"no certificate", TRUST_DOMAIN, KEYRING, time.time)
