"""The way to a database: its URL, and a connection that can only read and gives up in time.

Owns what each dialect needs for that. Refuses a file with a URL that others can read. The URL holds
a password: it is in no log line and no error text.
"""

import os
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from gateway.adapters.providers.sources import SourceError, SqlSource

_LOCK_WAIT_S: Final = 0.2
_CONNECT_S: Final = 2
_SESSION: Final[dict[str, tuple[str, ...]]] = {
    "postgresql": (
        "SET default_transaction_read_only = on",
        "SET statement_timeout = {timeout_ms}",
        "SET lock_timeout = {timeout_ms}",
    ),
    "sqlite": ("PRAGMA query_only = ON",),
}
_ARGUMENTS: Final[dict[str, dict[str, Any]]] = {
    "postgresql": {"connect_timeout": _CONNECT_S},
    "sqlite": {"timeout": _LOCK_WAIT_S},
}


def open_engine(source: SqlSource) -> Engine:
    """Return an engine that is not connected yet; raises ``SourceError``.

    On PostgreSQL and SQLite a session only reads and a statement ends in time; on another dialect
    rights and bounds are the database's and the time limit on the process.
    """
    url = _url(source)
    dialect = url.get_backend_name()
    try:
        engine = create_engine(
            url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            connect_args=_ARGUMENTS.get(dialect, {}),
        )
    except (ImportError, NoSuchModuleError, TypeError):
        raise SourceError(f"there is no driver for {dialect}") from None
    _prepare_sessions(engine, dialect, source.statement_timeout_ms)
    return engine


def _prepare_sessions(engine: Engine, dialect: str, timeout_ms: int) -> None:
    def prepare(connection: Any, _: object) -> None:
        if dialect == "sqlite":
            # The driver's own decoding reports bad UTF-8 as a failing engine, which it is not.
            connection.text_factory = _text
        cursor = connection.cursor()
        for statement in _SESSION.get(dialect, ()):
            cursor.execute(statement.format(timeout_ms=timeout_ms))
        cursor.close()

    event.listen(engine, "connect", prepare)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8")


def _url(source: SqlSource) -> URL:
    where = source.url_file or f"the variable {source.url_env}"
    try:
        return make_url(_secret(source).strip())
    except (ArgumentError, ValueError):
        raise SourceError(f"{where} does not hold a database URL") from None


def _secret(source: SqlSource) -> str:
    if source.url_env is not None:
        found = os.environ.get(source.url_env)
        if found is None:
            raise SourceError(f"the variable {source.url_env} is not set")
        return found
    path = Path(source.url_file or "")
    try:
        if path.stat().st_mode & 0o077:
            raise SourceError(f"{path} can be read by others: chmod 600 {path}")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise SourceError(f"{path} cannot be read") from None
