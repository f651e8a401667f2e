"""One step of a witness: what it remembers before it speaks, and what it does not go on from."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from clients.sdk.failure import SdkError
from clients.sdk.logs.durable_file import write_durably
from clients.sdk.logs.verification import VerificationError
from clients.sdk.models.common import ConsistencyProof, Cosigned
from clients.sdk.witnesses.evidence import OFFERED, PREVIOUS, PROOF, REPORT, read_evidence
from clients.sdk.witnesses.key import read_witness_key, write_witness_key
from clients.sdk.witnesses.policy import load_witness_policy, witness_policy
from clients.sdk.witnesses.state import CHECKPOINT, EVIDENCE, STOPPED, WitnessState
from clients.sdk.witnesses.witness import Witness, WitnessStopped
from gateway.crypto.checkpoint import open_checkpoint
from gateway.crypto.cosignature import Cosigner, verify_cosignature
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.signed_note import SignedNote
from gateway.crypto.witness import WitnessRefusal
from gateway.crypto.witness_policy import WitnessPolicyError
from support.crypto_log import ATTACKER, SIGNER, VKEY
from support.crypto_witness import COSIGNERS, WITNESSES
from support.process import PROJECT
from support.witness_logs import History

LOG_KEY = VerifierKey.parse(VKEY)
ENTRIES = [b"entry %d" % number for number in range(40)]


def step(log: History, folder: Path, at: float = 1_000_000) -> object:
    with WitnessState(folder) as state:
        return Witness(log, LOG_KEY, COSIGNERS[0], state, lambda: at).check_and_cosign()


def remembered(folder: Path) -> int:
    return open_checkpoint((folder / CHECKPOINT).read_bytes(), LOG_KEY).size


@dataclass
class Away(History):
    """A log whose gateway goes away before it takes a cosignature."""

    def add_cosignature(self, tree_size: int, signature_line: str) -> Cosigned:
        raise SdkError("the gateway is away", "wait")


def test_what_is_vouched_for_is_remembered_before_it_leaves(tmp_path: Path) -> None:
    with pytest.raises(SdkError, match="away"):
        step(Away(ENTRIES[:7]), tmp_path)
    assert remembered(tmp_path) == 7
    # The cosignature that was lost is made again.
    log = History(ENTRIES[:7])
    step(log, tmp_path)
    assert len(log.taken) == 1


def test_a_state_that_cannot_be_written_lets_no_cosignature_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = History(ENTRIES[:7])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(SdkError, match="No space left"):
        step(log, tmp_path)
    assert log.taken == []


def test_a_file_is_on_the_disk_before_it_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[tuple[bool, bool]] = []
    target = tmp_path / "file"

    def fsync(descriptor: int) -> None:
        flushed.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), target.exists()))

    monkeypatch.setattr("os.fsync", fsync)
    write_durably(target, b"content")
    assert flushed == [(False, False), (True, True)]
    assert target.read_bytes() == b"content"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_cosignature_is_repeated_only_when_it_is_old(tmp_path: Path) -> None:
    log = History(ENTRIES[:7])
    for at, count in ((1_000_000, 1), (1_000_899, 1), (1_000_900, 2), (1_001_000, 2)):
        step(log, tmp_path, at)
        assert len(log.taken) == count
    assert verify_cosignature(log.cosigned(), WITNESSES[0]) == 1_000_900


@dataclass
class Forgetful(History):
    """A log whose first proofs are wrong."""

    wrong: int = 0

    def consistency_proof(self, old_size: int, new_size: int) -> ConsistencyProof:
        proof = super().consistency_proof(old_size, new_size)
        self.wrong -= 1
        return proof if self.wrong < 0 else ConsistencyProof(old_size, new_size, (bytes(32),))


def test_a_wrong_proof_may_be_put_right(tmp_path: Path) -> None:
    step(History(ENTRIES[:7]), tmp_path)
    log = Forgetful(ENTRIES, wrong=2)
    step(log, tmp_path)
    assert len(log.taken) == 1


def test_a_log_without_a_right_proof_is_refused(tmp_path: Path) -> None:
    step(History(ENTRIES[:7]), tmp_path)
    log = Forgetful(ENTRIES, wrong=3)
    with pytest.raises(WitnessStopped) as stopped:
        step(log, tmp_path)
    assert stopped.value.refusal is WitnessRefusal.BAD_PROOF
    assert log.taken == []
    assert remembered(tmp_path) == 7


def test_a_stop_says_what_happened_and_whom_to_show_it(tmp_path: Path) -> None:
    step(History(ENTRIES[:20]), tmp_path)
    fork = [*ENTRIES[:5], b"other", *ENTRIES[6:29]]
    with pytest.raises(WitnessStopped) as stopped:
        step(History(fork), tmp_path)
    folder = stopped.value.evidence
    assert folder.parent == tmp_path / EVIDENCE
    assert folder.name == "19700112T134640Z-forked"
    assert {one.name for one in folder.iterdir()} == {PREVIOUS, OFFERED, PROOF, REPORT}
    report = json.loads((folder / REPORT).read_text())
    assert report["refusal"] == "FORKED"
    assert (report["previous"]["size"], report["offered"]["size"]) == (20, 29)
    assert (report["log_key"], report["witness"]) == (VKEY, WITNESSES[0].encode())
    assert (tmp_path / STOPPED).read_text().strip() == str(folder)
    for word in (str(folder), "two histories"):
        assert word in str(stopped.value)
    for word in ("operator", "auditors", "witnesses", str(tmp_path / STOPPED)):
        assert word in stopped.value.next_step
    with pytest.raises(WitnessStopped) as again:
        step(History(ENTRIES), tmp_path)
    assert (again.value.refusal, again.value.evidence) == (None, folder)


def test_evidence_is_not_believed_but_judged(tmp_path: Path) -> None:
    step(History(ENTRIES[:20]), tmp_path)
    with pytest.raises(WitnessStopped) as stopped:
        step(History([b"other", *ENTRIES[1:30]]), tmp_path)
    folder = stopped.value.evidence
    assert read_evidence(folder).judged(LOG_KEY)[0] is WitnessRefusal.FORKED
    with pytest.raises(SdkError, match="no evidence"):
        read_evidence(folder).judged(ATTACKER.verifier_key)
    kept = (folder / OFFERED).read_bytes()
    (folder / OFFERED).write_bytes(History(ENTRIES[:30], ATTACKER).note().encode())
    with pytest.raises(SdkError, match="no evidence"):
        read_evidence(folder).judged(LOG_KEY)
    (folder / OFFERED).write_bytes((folder / PREVIOUS).read_bytes())
    (folder / PROOF).write_bytes(b"")
    with pytest.raises(SdkError, match="continues the first"):
        read_evidence(folder).judged(LOG_KEY)
    (folder / OFFERED).write_bytes(kept)
    (folder / PROOF).write_text("not base64\n")
    with pytest.raises(SdkError, match="malformed"):
        read_evidence(folder)
    (folder / PROOF).unlink()
    with pytest.raises(SdkError, match="cannot be read"):
        read_evidence(folder)


def test_what_another_key_signed_is_no_checkpoint(tmp_path: Path) -> None:
    log = History(ENTRIES, ATTACKER)
    with pytest.raises(VerificationError):
        step(log, tmp_path)
    assert log.taken == []
    assert not (tmp_path / CHECKPOINT).exists()


def test_a_log_is_not_its_own_witness(tmp_path: Path) -> None:
    own = Cosigner("witness.example/log", SIGNER.signing_key)
    with WitnessState(tmp_path) as state, pytest.raises(WitnessPolicyError):
        Witness(History(ENTRIES), LOG_KEY, own, state)


def test_a_state_of_another_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT).write_bytes(History(ENTRIES, ATTACKER).note().encode())
    log = History(ENTRIES)
    with pytest.raises(SdkError, match="not a checkpoint of this log"):
        step(log, tmp_path)
    (tmp_path / CHECKPOINT).write_bytes(b"torn")
    with pytest.raises(SdkError, match="not a checkpoint of this log"):
        step(log, tmp_path)
    assert log.taken == []


def test_a_state_has_one_witness_and_its_lock_ends_with_the_process(tmp_path: Path) -> None:
    with WitnessState(tmp_path), pytest.raises(SdkError, match="another witness"):
        WitnessState(tmp_path).__enter__()
    program = (
        "import os, sys; from pathlib import Path\n"
        "from clients.sdk.witnesses.state import WitnessState\n"
        "WitnessState(Path(sys.argv[1])).__enter__(); os.kill(os.getpid(), 9)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    assert subprocess.run(command, cwd=PROJECT, check=False).returncode == -9
    with WitnessState(tmp_path):
        pass


def test_a_key_file_holds_one_key(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_witness_key(path, COSIGNERS[0])
    again = read_witness_key(path)
    assert again.verifier_key == WITNESSES[0]
    signed = SignedNote.parse(History(ENTRIES).note().encode())
    assert again.signing_key.sign(b"x") == COSIGNERS[0].signing_key.sign(b"x")
    assert signed.signatures_of(WITNESSES[0]) == ()
    with pytest.raises(SdkError, match="cannot be written"):
        write_witness_key(path, COSIGNERS[1])
    with pytest.raises(SdkError, match="cannot be read"):
        read_witness_key(tmp_path / "absent")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "required = 1",
        'required = 1\nwitnesses = ["nonsense"]',
        "required = 0\nwitnesses = []",
        'required = true\nwitnesses = ["KEY"]',
        'required = 2\nwitnesses = ["KEY"]',
        'required = 1\nwitnesses = ["KEY", "KEY"]',
        'required = 1\nwitnesses = ["KEY"]\nmore = 1',
        'required = 1\nwitnesses = ["LOG"]',
        "required = ",
    ],
)
def test_a_file_that_holds_no_policy_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "witnesses.toml"
    path.write_text(text.replace("KEY", WITNESSES[0].encode()).replace("LOG", VKEY))
    with pytest.raises(SdkError):
        load_witness_policy(path)


def test_a_policy_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "witnesses.toml"
    keys = [one.encode() for one in WITNESSES[:3]]
    path.write_text(f"required = 2\nwitnesses = {json.dumps(keys)}\n")
    assert load_witness_policy(path) == witness_policy(keys, 2)
    assert load_witness_policy(path).witnesses == WITNESSES[:3]
