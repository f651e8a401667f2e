"""``veilgate witness``, and the audit commands that count witnesses, against a gateway."""

from __future__ import annotations

import json
import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from clients.cli.local.home import AUDITOR
from clients.cli.main import app
from gateway.crypto.note_key import SignatureType, VerifierKey
from support.command_line import assert_refused
from support.faults_serving import wait_until
from support.live_gateway import LiveGateway
from support.process import kill_group, run_veilgate, wait_for_line
from support.witness_world import (
    NAMES,
    Trio,
    grow,
    grown,
    make_witnessed_home,
    serving,
    size_of,
    write_policy,
)


@pytest.fixture(scope="module")
def trio(tmp_path_factory: pytest.TempPathFactory) -> Trio:
    return Trio(tmp_path_factory.mktemp("trio"))


@pytest.fixture(scope="module")
def gateway(trio: Trio, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    home = make_witnessed_home(tmp_path_factory.mktemp("commands") / "home", trio)
    with serving(home) as running:
        for name in (*NAMES, AUDITOR):
            profile = home.profile(name)
            text = profile.read_text("utf-8").replace("localhost:0", running.address)
            profile.write_text(text, "utf-8")
        grow(running)
        yield running


def veilgate(gateway: LiveGateway, institution: str, *words: str) -> Result:
    profile = str(gateway.home.profile(institution))
    return CliRunner().invoke(app, [*words, "--profile", profile])


def answer(gateway: LiveGateway, institution: str, *words: str) -> Any:
    result = veilgate(gateway, institution, *words, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def look(trio: Trio, number: int) -> tuple[str, ...]:
    files = ("--key", str(trio.key_file(number)), "--state", str(trio.state(number)))
    return ("witness", "run", *files, "--once")


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "witness.key"
    words = ("witness", "keygen", "--name", "witness.example/a", "--out", str(path))
    made = CliRunner().invoke(app, words)
    assert made.exit_code == 0, made.stderr
    key = VerifierKey.parse(made.stdout.strip())
    assert (key.name, key.signature_type) == ("witness.example/a", SignatureType.COSIGNATURE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text("ascii").startswith(f"PRIVATE+KEY+{key.name}+{key.key_id.hex()}+")
    before = path.read_bytes()
    assert_refused(CliRunner().invoke(app, words), 1, "cannot be written", "a new file")
    assert path.read_bytes() == before
    words = ("witness", "keygen", "--name", "two words", "--out", str(tmp_path / "b"))
    assert_refused(CliRunner().invoke(app, words), 1, "key name", "")


def test_two_witnesses_make_a_checkpoint_count(
    gateway: LiveGateway, trio: Trio, tmp_path: Path
) -> None:
    size = size_of(grown(gateway))
    first = answer(gateway, NAMES[0], *look(trio, 0))
    assert (first["size"], first["cosigned"], first["cosignatures"]) == (size, True, 1)
    unwitnessed = veilgate(gateway, AUDITOR, "audit", "checkpoint", "--witnessed")
    assert_refused(unwitnessed, 1, "CHECKPOINT_NOT_WITNESSED", "")
    told = veilgate(gateway, NAMES[1], *look(trio, 1))
    assert f"{size} entries (first seen), cosigned; 2 of 2 witnesses" in told.stdout
    again = veilgate(gateway, NAMES[1], *look(trio, 1))
    assert f"{size} entries (since {size}), cosigned before" in again.stdout
    counted = [word for key in trio.keys for word in ("--witness", key)]
    note = tmp_path / "note"
    words = ("audit", "checkpoint", "--witnessed", *counted, "--require", "2", "--out", str(note))
    shown = answer(gateway, AUDITOR, *words)
    assert (shown["size"], shown["cosignatures"], shown["required"]) == (size, 2, 2)
    assert note.read_text("utf-8") == shown["checkpoint"]
    plain = veilgate(gateway, AUDITOR, *words)
    assert plain.stdout == shown["checkpoint"]
    too_many = veilgate(gateway, AUDITOR, "audit", "checkpoint", "--witnessed", *counted)
    assert_refused(too_many, 1, "2 of 3 witnesses cosigned", "Keep what you were given")


def test_an_export_counts_with_its_witnesses(
    gateway: LiveGateway, trio: Trio, tmp_path: Path
) -> None:
    size = size_of(grown(gateway))
    for number in (0, 2):
        answer(gateway, NAMES[number], *look(trio, number))
    grown(gateway)
    policy = tmp_path / "witnesses.toml"
    policy.write_text(f"required = 2\nwitnesses = {json.dumps(trio.keys)}\n", "utf-8")
    key = ("--key", gateway.home.log_verifier_key)
    for words, ok in ((("--witnessed",), True), ((), False)):
        out = tmp_path / f"log{len(words)}"
        exported = answer(gateway, AUDITOR, "audit", "export", "--out", str(out), *words)
        assert (exported["size"] == size) is ok
        verify = ("audit", "verify", str(out), *key, "--witness-policy", str(policy))
        result = CliRunner().invoke(app, verify)
        if ok:
            assert result.exit_code == 0, result.stderr
        else:
            assert_refused(result, 1, "0 of 3 witnesses cosigned", "Keep the export")
            document = json.loads(CliRunner().invoke(app, [*verify, "--json"]).stdout)
            assert (document["ok"], document["path"]) == (False, "checkpoint")
        # By itself the log is sound, one way or the other.
        assert CliRunner().invoke(app, ["audit", "verify", str(out), *key]).exit_code == 0


@pytest.mark.parametrize(
    ("words", "status", "what"),
    [
        (("--require", "2"), 2, "--require needs witnesses"),
        (("--witness", "nonsense"), 1, "no witness policy"),
        (("--witness", "KEY", "--require", "2"), 1, "2 of 1 witnesses"),
        (("--witness", "KEY", "--witness", "KEY"), 1, "share a name"),
        (("--witness", "LOG"), 1, "type 0x04"),
        (("--witness", "KEY", "--witness-policy", "absent.toml"), 2, "names witnesses by itself"),
        (("--witness-policy", "absent.toml"), 1, "cannot be read as TOML"),
    ],
)
def test_options_that_make_no_policy_are_refused(
    gateway: LiveGateway, trio: Trio, tmp_path: Path, words: tuple[str, ...], status: int, what: str
) -> None:
    known = {"KEY": trio.keys[0], "LOG": gateway.home.log_verifier_key}
    given = [known.get(word, word) for word in words]
    verify = ["audit", "verify", str(tmp_path), "--key", gateway.home.log_verifier_key, *given]
    assert_refused(CliRunner().invoke(app, verify), status, what, "")


def test_a_watching_witness_follows_the_log_and_is_alone(gateway: LiveGateway, trio: Trio) -> None:
    files = ("--key", str(trio.key_file(2)), "--state", str(trio.state(2)))
    profile = ("--profile", str(gateway.home.profile(NAMES[2])))
    words = ("witness", "run", *files, *profile, "--interval", "0.2", "--json")
    watching = run_veilgate(words)
    try:
        wait_for_line(watching, r'"ok": true', 60)
        note = grown(gateway)
        wait_for_line(watching, rf'"size": {size_of(note)},.*"cosigned": true', 60)
        second = veilgate(gateway, NAMES[2], *look(trio, 2))
        assert_refused(second, 1, "another witness runs on", "Stop it")
        watching.send_signal(signal.SIGINT)
        assert watching.wait(timeout=20) == 0
    finally:
        kill_group(watching)
    assert veilgate(gateway, NAMES[2], *look(trio, 2)).exit_code == 0


def test_a_key_that_others_can_read_is_refused(gateway: LiveGateway, tmp_path: Path) -> None:
    trio = Trio(tmp_path)
    trio.key_file(0).chmod(0o640)
    assert_refused(veilgate(gateway, NAMES[0], *look(trio, 0)), 1, "read by others", "chmod 600")
    trio.key_file(0).chmod(0o600)
    text = trio.key_file(0).read_text("ascii")
    for other in ("", "PRIVATE+KEY+", text.replace("witness-1", "witness-9"), text.lower()):
        trio.key_file(0).write_text(other, "ascii")
        wrong = veilgate(gateway, NAMES[0], *look(trio, 0))
        assert_refused(wrong, 1, "holds no witness's key", "keygen")


def test_a_new_policy_holds_from_its_reload(tmp_path: Path) -> None:
    trio, others = Trio(tmp_path / "trio"), Trio(tmp_path / "others")
    home = make_witnessed_home(tmp_path / "home", trio)
    with serving(home) as gateway:
        grown(gateway)
        for number in (0, 1):
            trio.look(gateway, number)
        with gateway.client(AUDITOR) as auditor:
            assert auditor.checkpoint(witnessed=True).cosignatures == 2
            # Half a policy is no policy: the one in force stays.
            write_policy(home, [trio.keys[0], trio.keys[0]])
            gateway.process.send_signal(signal.SIGHUP)
            wait_for_line(gateway.process, r"witnesses\.yaml.*the present ones stay|refused", 20)
            assert auditor.checkpoint(witnessed=True).cosignatures == 2
            write_policy(home, others.keys)
            gateway.process.send_signal(signal.SIGHUP)
            wait_until(lambda: auditor.checkpoint().cosignatures == 0, "the other policy")
            assert auditor.checkpoint().required == 2
            assert others.look(gateway, 0).cosignatures == 1
            assert others.look(gateway, 2).cosignatures == 2
            assert auditor.checkpoint(witnessed=True).cosignatures == 2
