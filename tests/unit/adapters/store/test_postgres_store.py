"""How the PostgreSQL store is opened: settings checked and bounded, no password in sight."""

from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from gateway.adapters.store.postgres_store import (
    PostgresAddress,
    StoreUnreachable,
    open_reader,
    open_writer,
    require_safe,
)
from gateway.adapters.store.sqlite_store import UnsafeStore
from support.postgres_server import PostgresServer, shared_server


@pytest.fixture(scope="module")
def server() -> PostgresServer:
    return shared_server()


@pytest.fixture(scope="module")
def address(server: PostgresServer) -> PostgresAddress:
    return PostgresAddress(server.create(), timeout_ms=1_200)


def _setting(connection: psycopg.Connection[tuple[object, ...]], name: str) -> object:
    (value,) = connection.execute(f"SHOW {name}".encode()).fetchone() or (None,)
    return value


def test_a_writer_is_bounded_so_that_it_never_holds_up_the_others(address: PostgresAddress) -> None:
    with closing(open_writer(address)) as writer:
        assert _setting(writer, "application_name") == "veilgate committer"
        assert _setting(writer, "statement_timeout") == "1200ms"
        assert _setting(writer, "lock_timeout") == "800ms"
        assert _setting(writer, "idle_in_transaction_session_timeout") == "1s"
        assert _setting(writer, "idle_session_timeout") == "15s"
        assert _setting(writer, "transaction_isolation") == "read committed"


def test_a_reader_cannot_write(address: PostgresAddress) -> None:
    with closing(open_reader(address)) as reader:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            reader.execute("CREATE TABLE other(id integer)")
        assert _setting(reader, "statement_timeout") == "1200ms"


@pytest.mark.parametrize("name", ["fsync", "full_page_writes"])
def test_a_server_that_does_not_wait_for_the_disk_is_refused(name: str) -> None:
    server = shared_server()
    address = PostgresAddress(server.create())
    with psycopg.connect(address.url, autocommit=True) as operator:
        operator.execute(f"ALTER SYSTEM SET {name}=off".encode())
        operator.execute("SELECT pg_reload_conf()")
        try:
            with pytest.raises(UnsafeStore, match=name):
                _open_until_refused(address)
        finally:
            operator.execute(f"ALTER SYSTEM RESET {name}".encode())
            operator.execute("SELECT pg_reload_conf()")
    _open_until_safe(address)


def _open_until_refused(address: PostgresAddress) -> None:
    """A reload takes a moment to reach the server's processes."""
    for _ in range(1_000):
        with closing(open_writer(address)):
            pass


def _open_until_safe(address: PostgresAddress) -> None:
    for _ in range(1_000):
        try:
            open_writer(address).close()
        except UnsafeStore:
            continue
        return
    pytest.fail("the server stayed unsafe")


def test_a_database_that_acknowledges_early_is_refused(server: PostgresServer) -> None:
    address = PostgresAddress(server.create())
    with psycopg.connect(address.url, autocommit=True) as operator:
        (name,) = operator.execute("SELECT current_database()").fetchone() or ("",)
        operator.execute(f"ALTER DATABASE {name} SET synchronous_commit=off".encode())
    with pytest.raises(UnsafeStore, match="synchronous_commit"):
        open_writer(address)


def test_a_setting_that_is_turned_off_later_is_seen(address: PostgresAddress) -> None:
    with closing(open_writer(address)) as writer:
        require_safe(writer)
        writer.execute("SET synchronous_commit=off")
        with pytest.raises(UnsafeStore):
            require_safe(writer)


def test_a_server_that_is_not_there_is_named_and_no_password_with_it(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("open sesame\n")
    password.chmod(0o600)
    address = PostgresAddress(f"postgresql://someone@/db?host={tmp_path}", str(password))
    assert "password=" in address.conninfo
    assert "sesame" in address.conninfo
    with pytest.raises(StoreUnreachable) as caught:
        open_writer(address)
    assert str(tmp_path) in str(caught.value)
    assert "sesame" not in str(caught.value)
    assert "sesame" not in repr(address)


@pytest.mark.parametrize(
    "url",
    ["postgresql://a:secret@host/db", "postgresql://a@host/db?password=secret"],
)
def test_a_password_in_the_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UnsafeStore) as caught:
        PostgresAddress(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_password_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    password = tmp_path / "password"
    password.write_text("open sesame")
    password.chmod(mode)
    with pytest.raises(UnsafeStore, match="chmod 600"):
        open_writer(PostgresAddress("postgresql://a@host/db", str(password)))


def test_a_password_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnsafeStore, match="nothing"):
        open_writer(PostgresAddress("postgresql://a@host/db", str(tmp_path / "nothing")))
