"""An operator who has every key, and a log that is not what it was: a witness catches it.

The homes and gateways are real ones; what is changed is sound in itself, so that the gateway starts
and its export verifies. What no single look can tell, the witnesses' number tells.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clients.cli.local.home import AUDITOR, Home
from clients.cli.main import app
from clients.cli.witness import STOPPED
from clients.sdk import export_log
from clients.sdk.logs.verification import VerificationError
from clients.sdk.witnesses.evidence import read_evidence
from clients.sdk.witnesses.policy import verify_witnessed
from clients.sdk.witnesses.witness import WitnessStopped
from gateway.crypto.checkpoint import open_checkpoint
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.witness import WitnessRefusal
from support.live_gateway import LiveGateway
from support.rewritten_store import copied, rewrite
from support.witness_world import (
    NAMES,
    Trio,
    grow,
    grown,
    make_witnessed_home,
    published,
    serving,
    size_of,
)

FORKS = (WitnessRefusal.FORKED, WitnessRefusal.BAD_PROOF)
"""A later checkpoint than one of a power of two only fails to join; else a fork is proven."""


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Trio]:
    """A stopped home whose log two witnesses have vouched for, with a backup beside it."""
    folder = tmp_path_factory.mktemp("origin")
    trio = Trio(folder / "trio")
    made = make_witnessed_home(folder / "home", trio)
    with serving(made) as gateway:
        grown(gateway)
    copied(made, folder / "backup")
    with serving(made) as gateway:
        grown(gateway, 4)
        for number in (0, 1):
            trio.look(gateway, number)
        with gateway.client(AUDITOR) as auditor:
            witnessed = auditor.checkpoint(witnessed=True).note
    verify_witnessed(witnessed, made.log_verifier_key, trio.policy)
    (folder / "witnessed").write_bytes(witnessed)
    return made, trio


@pytest.fixture
def home(tmp_path: Path, origin: tuple[Home, Trio]) -> Home:
    """The test's own copy of the home; the backup and what was witnessed are beside it."""
    made, _ = origin
    shutil.copytree(made.folder.parent, tmp_path, dirs_exist_ok=True)
    return replace(made, folder=tmp_path / made.folder.name)


@pytest.fixture
def trio(home: Home, origin: tuple[Home, Trio]) -> Trio:
    return replace(origin[1], folder=home.folder.parent / "trio")


def backup(home: Home) -> Home:
    folder = home.folder.parent / "backup"
    return Home(folder, home.log_verifier_key, home.receipt_key, home.reference_key)


def require_caught(gateway: LiveGateway, trio: Trio, *refusals: WitnessRefusal) -> None:
    """Both witnesses stop, cosign nothing, and hold evidence that the log's key signed twice."""
    with gateway.client(AUDITOR) as auditor:
        before = auditor.checkpoint().cosignatures
    for number in (0, 1):
        with pytest.raises(WitnessStopped) as stopped:
            trio.look(gateway, number)
        assert stopped.value.refusal in refusals
        evidence = read_evidence(stopped.value.evidence)
        key = VerifierKey.parse(gateway.home.log_verifier_key)
        assert evidence.judged(key)[0] is stopped.value.refusal
        assert open_checkpoint(evidence.previous, key) != open_checkpoint(evidence.offered, key)
    with gateway.client(AUDITOR) as auditor:
        assert auditor.checkpoint().cosignatures == before


def audit(gateway: LiveGateway, trio: Trio, folder: Path, *words: str) -> Result:
    """``audit verify`` of an export of the present log, with the witnesses named."""
    with gateway.client(AUDITOR) as auditor:
        export_log(auditor, folder)
    key = gateway.home.log_verifier_key
    return CliRunner().invoke(app, ["audit", "verify", str(folder), "--key", key, *words])


def require_uncounted(gateway: LiveGateway, trio: Trio, folder: Path) -> None:
    """By itself the log is sound; it does not count, and does not extend what counted."""
    assert audit(gateway, trio, folder).exit_code == 0
    named = [word for key in trio.keys for word in ("--witness", key)]
    refused = audit(gateway, trio, folder, *named, "--require", "2")
    assert refused.exit_code == 1
    assert "of 3 witnesses cosigned" in refused.stderr
    since = str(gateway.home.folder.parent / "witnessed")
    assert audit(gateway, trio, folder, "--since", since).exit_code == 1


def changed_entry(events: list[bytes]) -> list[bytes]:
    """One event says something else."""
    at = next(n for n, event in enumerate(events) if b"CONSENT_GRANTED" in event)
    return [*events[:at], events[at].replace(b"lender-a", b"lender-b"), *events[at + 1 :]]


def removed_entry(events: list[bytes]) -> list[bytes]:
    """One event is gone."""
    at = next(n for n, event in enumerate(events) if b"CONSENT_GRANTED" in event)
    return events[:at] + events[at + 1 :]


@pytest.mark.parametrize("change", [changed_entry, removed_entry], ids=lambda one: one.__name__)
def test_a_log_that_was_rewritten_and_signed_anew_is_caught(
    home: Home, trio: Trio, tmp_path: Path, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    rewrite(home, change)
    with serving(home) as gateway:
        grown(gateway, 5)
        require_caught(gateway, trio, *FORKS)
        require_uncounted(gateway, trio, tmp_path / "log")


def test_a_log_that_was_truncated_is_caught_at_once_and_when_it_has_grown_again(
    home: Home, trio: Trio, tmp_path: Path
) -> None:
    size = size_of((tmp_path / "witnessed").read_bytes())
    rewrite(home, lambda events: events[: size - 4])
    with serving(home) as gateway:
        # A start adds two events.
        assert size_of(published(gateway)) < size
        require_caught(gateway, trio, WitnessRefusal.STALE)
        require_uncounted(gateway, trio, tmp_path / "short")
        for number in (0, 1):
            (trio.state(number) / "STOPPED").unlink()
        grown(gateway, 8)
        require_caught(gateway, trio, *FORKS)
        require_uncounted(gateway, trio, tmp_path / "long")


def test_a_backup_that_was_restored_is_caught(home: Home, trio: Trio, tmp_path: Path) -> None:
    with serving(backup(home)) as gateway:
        assert size_of(published(gateway)) < size_of((tmp_path / "witnessed").read_bytes())
        require_caught(gateway, trio, WitnessRefusal.STALE)
        for number in (0, 1):
            (trio.state(number) / "STOPPED").unlink()
        grown(gateway, 8)
        require_caught(gateway, trio, *FORKS)
        require_uncounted(gateway, trio, tmp_path / "log")


def test_two_histories_at_a_time_never_both_count(home: Home, trio: Trio, tmp_path: Path) -> None:
    """A split view: within one interval each witness is shown another history."""
    other = copied(home, tmp_path / "other")
    key = home.log_verifier_key
    with serving(home) as one, serving(other) as two:
        views = [(one, grown(one, 2), 0), (two, grown(two, 3), 1)]
        for gateway, _, number in views:
            assert trio.look(gateway, number).cosignatures == 1
        for gateway, note, _ in views:
            with gateway.client(AUDITOR) as auditor:
                with pytest.raises(VerificationError, match="1 of 3 witnesses"):
                    verify_witnessed(auditor.checkpoint().note, key, trio.policy)
                # What counts is from before the split.
                assert size_of(auditor.checkpoint(witnessed=True).note) < size_of(note)
        # The third makes one of them count. Then the other one never can: two have refused it.
        assert trio.look(one, 2).cosignatures == 2
        grow(two)
        for gateway, number in ((two, 0), (one, 1), (two, 2)):
            with pytest.raises(WitnessStopped):
                trio.look(gateway, number)


def test_the_command_says_what_happened_and_stays_stopped(
    home: Home, trio: Trio, tmp_path: Path
) -> None:
    other = copied(home, tmp_path / "other")
    key = home.log_verifier_key
    with serving(home) as gateway:
        grown(gateway, 3)
        assert run(gateway, trio).exit_code == 0
    with serving(other) as gateway:
        grown(gateway, 9)
        caught = run(gateway, trio, "--json")
        assert caught.exit_code == STOPPED
        document = json.loads(caught.stdout)
        assert document["refusal"] in {one.name for one in FORKS}
        assert "Show that folder to the other witnesses" in caught.stderr
        again = run(gateway, trio)
        assert again.exit_code == STOPPED
        assert "the witness has stopped" in again.stderr
    words = ["witness", "evidence", document["evidence"], "--log-key", key]
    shown = CliRunner().invoke(app, [*words, "--json"])
    assert json.loads(shown.stdout)["refusal"] == document["refusal"]
    assert document["refusal"] in CliRunner().invoke(app, words).stdout
    stranger = ["witness", "evidence", document["evidence"], "--log-key", trio.keys[0]]
    assert CliRunner().invoke(app, stranger).exit_code == 1
    # A person has looked into it: the first history goes on, the other never.
    (trio.state(0) / "STOPPED").unlink()
    with serving(home) as gateway:
        assert run(gateway, trio).exit_code == 0
    with serving(other) as gateway:
        assert run(gateway, trio).exit_code == STOPPED


def run(gateway: LiveGateway, trio: Trio, *words: str) -> Result:
    """``witness run --once`` of the first witness."""
    profile = gateway.home.profile(NAMES[0])
    lines = profile.read_text("utf-8").splitlines()
    text = "\n".join([f'gateway = "{gateway.address}"', *lines[1:], ""])
    profile.write_text(text, "utf-8")
    files = ("--key", str(trio.key_file(0)), "--state", str(trio.state(0)))
    command = ["witness", "run", *files, "--profile", str(profile), "--once", *words]
    return CliRunner().invoke(app, command)
