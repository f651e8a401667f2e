"""The store by itself refuses what must never be: whoever calls it, in whatever order."""

from __future__ import annotations

from pathlib import Path

import pytest

from clients.agent.errors import AgentError, Word
from clients.agent.store import Kept, RoundStore, Secrets, State
from gateway.crypto.errors import CryptoError
from gateway.crypto.statement import SignedStatement

ONE, OTHER = "11" * 16, "22" * 16
SIGNED = SignedStatement(b"{}", b"signature", (b"chain",))
SECRETS = Secrets(bytes(range(32)), (1, -2, 3))


def kept(round_id: str) -> Kept:
    return Kept(
        id=round_id, state=State.READY, question_hash=b"q" * 32, expires_at=2_000, ready=SIGNED
    )


@pytest.fixture
def store(tmp_path: Path) -> RoundStore:
    opened = RoundStore.open(tmp_path)
    for one in (ONE, OTHER):
        assert opened.accept(kept(one), SECRETS)
    return opened


def state(store: RoundStore, round_id: str) -> State:
    found = store.find(round_id)
    assert found is not None
    return found.state


def test_one_question_one_roster_one_contribution(store: RoundStore) -> None:
    assert not store.accept(kept(ONE), Secrets(bytes(32), ()))
    assert store.secrets(ONE) == SECRETS
    assert not store.contribute(ONE, SIGNED, b"too early")
    assert store.fix_roster(ONE, b"first", b"roster")
    assert not store.fix_roster(ONE, b"second", b"roster")
    assert store.contribute(ONE, SIGNED, b"first")
    assert not store.contribute(ONE, SIGNED, b"second")
    found = store.find(ONE)
    assert found is not None
    assert (found.roster_hash, found.ciphertexts, found.ready) == (b"first", b"first", SIGNED)
    assert state(store, OTHER) is State.READY
    assert store.secrets(OTHER) == SECRETS


def test_what_is_declined_or_void_does_not_come_back(store: RoundStore) -> None:
    store.decline(ONE, b"q" * 32, 2_000, Word.PEERS)
    store.void(OTHER)
    for one in (ONE, OTHER):
        assert not store.accept(kept(one), SECRETS)
        assert not store.fix_roster(one, b"first", b"roster")
        assert not store.contribute(one, SIGNED, b"bytes")
        assert not store.finish(one, b"result")
        with pytest.raises(LookupError):
            store.secrets(one)
    assert (state(store, ONE), state(store, OTHER)) == (State.DECLINED, State.VOID)


def test_a_contribution_that_may_have_left_is_not_declined_after(store: RoundStore) -> None:
    store.fix_roster(ONE, b"first", b"roster")
    store.contribute(ONE, SIGNED, b"bytes")
    store.decline(ONE, b"q" * 32, 2_000, Word.DATA)
    assert state(store, ONE) is State.CONTRIBUTED


def test_what_ran_out_is_let_go_of(store: RoundStore) -> None:
    store.fix_roster(ONE, b"first", b"roster")
    assert store.unfinished(1_999.0) == [ONE]
    store.sweep(1_999.0)
    assert state(store, ONE) is State.ROSTER
    store.sweep(2_000.0)
    assert (state(store, ONE), state(store, OTHER)) == (State.VOID, State.VOID)
    assert store.unfinished(1_999.0) == []


def test_another_folders_key_opens_nothing(store: RoundStore, tmp_path: Path) -> None:
    store.close()
    (tmp_path / "state.key").write_bytes(bytes(32))
    with pytest.raises(CryptoError):
        RoundStore.open(tmp_path).secrets(ONE)


def test_files_are_the_owners_alone(store: RoundStore, tmp_path: Path) -> None:
    assert all(one.stat().st_mode & 0o077 == 0 for one in tmp_path.iterdir())


def test_a_key_of_a_wrong_length_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "state.key").write_bytes(b"short")
    with pytest.raises(AgentError):
        RoundStore.open(tmp_path)


def test_secrets_do_not_show(store: RoundStore) -> None:
    assert "1" not in repr(store.secrets(ONE))
