"""Verification as one call: a release, an event, the growth of the log."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import grpc
import msgspec
import pytest

from clients.sdk import (
    AsyncVeilgateClient,
    CheckpointStore,
    ClientProfile,
    LogForked,
    RequestError,
    SdkError,
    VeilgateClient,
    VerificationError,
)
from clients.sdk.logs.verification import RECORD_LABEL, VerifiedRelease
from clients.sdk.models.common import Record
from clients.sdk.vocabulary import Operator, WithheldBecause
from gateway.adapters.committer import audit_events
from gateway.crypto.keyed import commitment
from gateway.crypto.note_key import VerifierKey
from support.canned_gateway import event, refusal
from support.canned_log import CannedLog
from support.canned_network import Network
from support.crypto_log import ATTACKER, VKEY

SALT = b"\x03" * 32
AT = 5
FIELDS = (("name", "mask", "王*"), ("age", "keep", 41), ("job", "keep", None))
KEY = VerifierKey.parse(VKEY)


def record(**changes: Any) -> Record:
    whole: dict[str, Any] = {
        "fields": {name: value for name, _, value in FIELDS},
        "operators": {name: Operator(operator) for name, operator, _ in FIELDS},
        "withheld": {"card_cvn": WithheldBecause.C3}, "obligations": (), "rule": "underwriting",
        "consent_id": "c-1", "request_id": "r-1", "event_id": "e-1", "log_index": AT,
        "repeat": False, "policy_digest": "", "record_salt": SALT,
    }  # fmt: skip
    return Record(**whole | changes)


def release(**changes: Any) -> bytes:
    """An event as the gateway writes one."""
    made = audit_events.AuditEvent(
        v=1, kind="RELEASE", id="e-1", institution="lender-a", rule="underwriting",
        released=tuple(f"{name}:{operator}" for name, operator, _ in FIELDS),
        withheld=("card_cvn:C3",),
        record=commitment(audit_events.RECORD_LABEL, SALT, msgspec.json.encode(FIELDS)).hex(),
    )  # fmt: skip
    return msgspec.json.encode(msgspec.structs.replace(made, **changes))


def events(size: int, **changes: Any) -> list[bytes]:
    return [release(**changes) if at == AT else event(at) for at in range(size)]


@pytest.fixture
def log(network: Network) -> CannedLog:
    made = CannedLog(events(11))
    made.attach(network)
    return made


@pytest.fixture
def store(tmp_path: Path) -> CheckpointStore:
    return CheckpointStore(tmp_path / "checkpoints")


def verified(profile: ClientProfile, asked: Record, store: CheckpointStore | None = None) -> Any:
    with VeilgateClient(profile, checkpoints=store) as client:
        return client.verify_record(asked)


def test_a_release_verifies_in_one_call(log: CannedLog, network_profile: ClientProfile) -> None:
    found = verified(network_profile, record())
    assert (found.event.index, found.event.checkpoint.size) == (AT, 11)
    assert found.event.says["institution"] == "lender-a"
    assert found.record == record()
    assert RECORD_LABEL == audit_events.RECORD_LABEL


def test_the_asynchronous_client_verifies_too(
    log: CannedLog, network_profile: ClientProfile
) -> None:
    async def verify() -> VerifiedRelease:
        async with AsyncVeilgateClient(network_profile) as client:
            return await client.verify_record(record())

    assert asyncio.run(verify()).event.index == AT


@pytest.mark.parametrize(
    "changes",
    [
        {"fields": {"name": "李*", "age": 41, "job": None}},
        {"fields": {"name": "王*", "age": 42, "job": None}},
        {"fields": {"name": "王*", "age": 41, "job": ""}},
        {"operators": {name: Operator.KEEP for name, _, _ in FIELDS}},
        {"operators": {"age": Operator.KEEP, "name": Operator.MASK, "job": Operator.KEEP}},
        {"withheld": {}},
        {"withheld": {"card_cvn": WithheldBecause.RULE}},
        {"rule": "marketing"},
        {"event_id": "e-2"},
        {"log_index": AT + 1},
        {"record_salt": b"\x04" * 32},
        {"record_salt": b""},
    ],
)
def test_a_record_that_differs_from_its_release_does_not(
    log: CannedLog, network_profile: ClientProfile, changes: dict[str, Any]
) -> None:
    frozen = {
        name: MappingProxyType(value) if isinstance(value, dict) else value
        for name, value in changes.items()
    }
    with pytest.raises(VerificationError) as caught:
        verified(network_profile, record(**frozen))
    assert "王" not in str(caught.value)
    assert caught.value.next_step


@pytest.mark.parametrize("changes", [{"kind": "DENIAL"}, {"record": "00" * 32}, {"rule": "other"}])
def test_another_event_is_not_the_release(
    log: CannedLog, network_profile: ClientProfile, changes: dict[str, Any]
) -> None:
    log.events = events(11, **changes)
    with pytest.raises(VerificationError):
        verified(network_profile, record())


def test_a_log_of_another_key_does_not_verify(
    log: CannedLog, network_profile: ClientProfile
) -> None:
    log.signer = ATTACKER
    with VeilgateClient(network_profile) as client:
        with pytest.raises(VerificationError):
            client.verify_event(AT)
        with pytest.raises(VerificationError):
            client.verify_record(record())
        with pytest.raises(VerificationError):
            client.verify_consistency(log.note)
        other = ATTACKER.verifier_key.encode()
        assert client.verify_event(AT, checkpoint_key=other).checkpoint.size == 11


def test_the_gateway_s_word_for_the_key_is_not_taken(
    log: CannedLog, network: Network, network_profile: ClientProfile
) -> None:
    unpinned = replace(network_profile, log_verifier_key=None)
    for key in ("", "not a key"):
        with VeilgateClient(unpinned) as client, pytest.raises(RequestError):
            client.verify_event(AT, checkpoint_key=key)
    assert network.asked == []


def test_an_entry_that_is_not_an_event_does_not_verify(
    log: CannedLog, network_profile: ClientProfile
) -> None:
    with VeilgateClient(network_profile) as client:
        for wrong in (b"[]", b"\xff", b"{"):
            log.events[3] = wrong
            with pytest.raises(VerificationError):
                client.verify_event(3)
        assert client.verify_event(4).says == json.loads(log.events[4])


def test_growth_verifies_and_a_fork_does_not(
    log: CannedLog, network_profile: ClientProfile
) -> None:
    before = log.note
    log.events = events(40)
    with VeilgateClient(network_profile) as client:
        grown = client.verify_consistency(before)
        assert (grown.old.size, grown.new.size) == (11, 40)
        assert client.verify_consistency(log.note).new.size == 40
        now = log.note
        log.events = events(11)
        with pytest.raises(LogForked) as caught:
            client.verify_consistency(now)
        assert (caught.value.kept, caught.value.offered) == (now, before)
        log.events = [event(99), *events(50)[1:]]
        with pytest.raises(LogForked):
            client.verify_consistency(now)


def test_an_empty_log_grows_too(log: CannedLog, network_profile: ClientProfile) -> None:
    log.events, full = [], log.events
    empty = log.note
    log.events = full
    with VeilgateClient(network_profile) as client:
        assert client.verify_consistency(empty).old.size == 0


def test_the_last_checkpoint_is_kept_and_a_fork_refused(
    log: CannedLog, network_profile: ClientProfile, store: CheckpointStore, tmp_path: Path
) -> None:
    verified(network_profile, record(), store)
    assert store.last(KEY) == log.note
    log.events = events(30)
    # Another process, later: the folder is what remembers.
    again = CheckpointStore(tmp_path / "checkpoints")
    verified(network_profile, record(), again)
    kept = again.last(KEY)
    assert kept == log.note
    log.events = [event(77), *events(60)[1:]]
    with pytest.raises(LogForked) as caught:
        verified(network_profile, record(), again)
    assert caught.value.kept == kept
    assert again.last(KEY) == kept


def test_an_older_checkpoint_of_the_same_log_is_no_fork(
    log: CannedLog, network: Network, network_profile: ClientProfile, store: CheckpointStore
) -> None:
    log.events = events(30)
    larger = log.note
    store.remember(KEY, larger)
    smaller = CannedLog(events(20))
    network.answers["GetInclusionProof"] = smaller._inclusion
    verified(network_profile, record(), store)
    assert store.last(KEY) == larger


def test_a_log_that_lost_entries_is_told(
    log: CannedLog, network: Network, network_profile: ClientProfile, store: CheckpointStore
) -> None:
    store.remember(KEY, CannedLog(events(30)).note)
    network.failures.extend([None, refusal("LOG_ENTRY_NOT_FOUND", grpc.StatusCode.NOT_FOUND)])
    with pytest.raises(LogForked):
        verified(network_profile, record(), store)


def test_a_store_takes_no_false_checkpoint_and_reads_none(
    log: CannedLog, network_profile: ClientProfile, store: CheckpointStore, tmp_path: Path
) -> None:
    with pytest.raises(Exception, match="sign"):
        store.remember(KEY, CannedLog(events(9), ATTACKER).note)
    assert store.last(KEY) is None
    store.remember(KEY, log.note)
    (file,) = (tmp_path / "checkpoints").iterdir()
    file.write_bytes(b"rubbish")
    with pytest.raises(VerificationError):
        verified(network_profile, record(), store)
    with pytest.raises(SdkError, match="not a checkpoint"):
        store.remember(KEY, log.note)
