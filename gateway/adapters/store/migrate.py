"""Brings a store's schema up to date (Alembic), on either engine.

Owns the revision that this release works with. Two gateways that start together on PostgreSQL do
not migrate twice: the second waits and finds it done. Refuses a store of a later release: its rows
may mean what this code does not know.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gateway.adapters.store.postgres_store import PostgresAddress

HEAD: Final = "0007"
_LOCK: Final = 0x7665696C67617465
"""The advisory lock of whoever migrates: 'veilgate' in ASCII."""
_PATIENCE: Final = (
    "SELECT set_config('lock_timeout', '60s', false), set_config('statement_timeout', '0', false),"
    " set_config('idle_in_transaction_session_timeout', '60s', false)"
)
"""A migration takes as long as it takes; who waits for another's waits a minute."""


class StoreVersionError(Exception):
    """The store belongs to a later release; the text says what to do."""


def migrate(path: Path) -> bool:
    """Create or upgrade the SQLite store at ``path``; return whether anything changed."""
    if not _is_behind(stored_revision(path), str(path)):
        return False
    # Imported where it is needed: 0.4 s that a start on an up-to-date store need not pay.
    import sqlalchemy

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    # From its parts: in a text, a ? or % of the path would mean something else.
    engine = sqlalchemy.create_engine(sqlalchemy.URL.create("sqlite", database=str(path)))
    with engine.begin() as connection:
        _upgrade(connection)
    engine.dispose()
    return True


def stored_revision(path: Path) -> str | None:
    """Return the store's revision, or None for an absent or empty one."""
    if not path.exists():
        return None
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        tables = "SELECT count(*) FROM sqlite_master WHERE name='alembic_version'"
        if connection.execute(tables).fetchone() == (0,):
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def migrate_postgres(address: "PostgresAddress") -> bool:
    """Create or upgrade the PostgreSQL store; return whether anything changed.

    Raises ``StoreUnreachable`` and ``UnsafeStore``.
    """
    from gateway.adapters.store.postgres_store import open_writer

    with closing(open_writer(address, "veilgate migration")) as connection:
        connection.execute(_PATIENCE)
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        if not _is_behind(_postgres_revision(connection), "the store"):
            return False
        connection.autocommit = False
        import sqlalchemy

        engine = sqlalchemy.create_engine(
            "postgresql+psycopg://", creator=lambda: connection, poolclass=sqlalchemy.StaticPool
        )
        with engine.begin() as wrapped:
            _upgrade(wrapped)
    return True


def _postgres_revision(connection: Any) -> str | None:
    (table,) = connection.execute("SELECT to_regclass('alembic_version')::text").fetchone()
    if table is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def _is_behind(revision: str | None, what: str) -> bool:
    if revision is not None and revision > HEAD:
        raise StoreVersionError(
            f"{what} is of revision {revision}, this release knows {HEAD}: run a later release"
        )
    return revision != HEAD


def _upgrade(connection: Any) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "gateway.adapters.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
