"""How the gateway opens its PostgreSQL store.

Owns the address of the store, the settings of every session, and the check of the server's settings
that safety rests on: fsync, full_page_writes and synchronous_commit, without which a crash undoes
acknowledged commits. Refuses a server that only reads, and a password in an address, which would
stand in the list of processes.
"""

import stat
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from gateway.adapters.store.sqlite_store import UnsafeStore

CONNECT_S: Final = 2
"""Seconds until an attempt to connect counts as failed; libpq takes no less."""
CUT_OFF_MS: Final = 1_000
"""How long a transaction may say nothing: then the server ends it and others go on."""
_IDLE_MS: Final = 15_000
"""The committer asks something every few seconds; who says nothing for so long is cut off."""
_PLANS: Final = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}
"""Each statement on the record path finds its rows by an index. A server that has not yet looked at
young tables would think them small, and scan them."""
_OPEN_TO_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
Connection = psycopg.Connection[tuple[Any, ...]]


class StoreUnreachable(Exception):
    """No session with the server; the text is libpq's, which names no password."""


class PostgresAddress(msgspec.Struct, frozen=True):
    """Where the store is: a URL without a password, and the file that holds the password.

    Without a file the password comes as libpq finds it: PGPASSWORD or ~/.pgpass. ``timeout_ms`` is
    until an answer counts as lost.
    """

    url: str
    password_file: str = ""
    timeout_ms: int = 1_500

    def __post_init__(self) -> None:
        """Refuse a password in the URL."""
        if has_password(self.url):
            raise UnsafeStore("the store's URL holds a password: write it to store_password_file")

    @property
    def conninfo(self) -> str:
        """Return what libpq needs; it holds the password, so it is shown nowhere."""
        given = conninfo_to_dict(self.url)
        fixed: dict[str, Any] = {
            "connect_timeout": CONNECT_S,
            "keepalives_idle": 1,
            "keepalives_interval": 1,
            "keepalives_count": 2,
            "tcp_user_timeout": 3_000,
            "target_session_attrs": given.get("target_session_attrs", "read-write"),
        }
        if self.password_file:
            fixed["password"] = _password(Path(self.password_file))
        return make_conninfo(self.url, **fixed)


def has_password(url: str) -> bool:
    """Return whether a URL holds a password, in either of the two places."""
    return bool(urlsplit(url).password or conninfo_to_dict(url).get("password"))


def open_writer(address: PostgresAddress, name: str = "veilgate committer") -> Connection:
    """Open a connection for a committer, in driver autocommit; raises ``UnsafeStore``.

    Raises ``StoreUnreachable`` where there is no session to be had.
    """
    connection = _connect(address, name, read_only=False)
    require_safe(connection)
    return connection


def open_reader(address: PostgresAddress) -> Connection:
    """Open a connection that cannot write; each statement sees what is committed."""
    return _connect(address, "veilgate reader", read_only=True)


def require_safe(connection: Connection) -> None:
    """Raise ``UnsafeStore`` unless a commit is on disk when the server says so."""
    names = ("fsync", "full_page_writes", "synchronous_commit")
    row = connection.execute(
        "SELECT " + ",".join(f"current_setting('{name}')" for name in names)
    ).fetchone()
    for name, value in zip(names, row or ("unknown",) * 3, strict=True):
        if value in ("off", "unknown"):
            raise UnsafeStore(f"PostgreSQL's {name} is {value}: the store is not safe here")


def _connect(address: PostgresAddress, name: str, read_only: bool) -> Connection:
    try:
        connection: Connection = psycopg.connect(
            address.conninfo, autocommit=True, application_name=name
        )
    except psycopg.OperationalError as error:
        raise StoreUnreachable(str(error).partition("\n")[0]) from None
    settings: dict[str, str | int] = {
        "default_transaction_isolation": "read committed",
        "default_transaction_read_only": "on" if read_only else "off",
        **_PLANS,
        "statement_timeout": address.timeout_ms,
        # Less than the caller waits: who does not get the log's head knows that nothing was done.
        "lock_timeout": address.timeout_ms * 2 // 3,
        "idle_in_transaction_session_timeout": CUT_OFF_MS,
        "idle_session_timeout": 0 if read_only else _IDLE_MS,
        "tcp_user_timeout": 3_000,
        "tcp_keepalives_idle": 1,
        "tcp_keepalives_interval": 1,
        "tcp_keepalives_count": 2,
    }
    calls = ",".join("set_config(%s, %s, false)" for _ in settings)
    values = [text for pair in settings.items() for text in map(str, pair)]
    connection.execute(f"SELECT {calls}", values)
    return connection


def _password(path: Path) -> str:
    try:
        if path.stat().st_mode & _OPEN_TO_OTHERS:
            raise UnsafeStore(f"{path} can be read by others: chmod 600")
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UnsafeStore(f"{path} cannot be read: {type(error).__name__}") from None
