"""Brings a store's schema up to date (Alembic).

Owns the revision that this release works with. Refuses a store of a later release: its rows may
mean what this code does not know.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

HEAD: Final = "0001"


class StoreVersionError(Exception):
    """The store belongs to a later release; the text says what to do."""


def migrate(path: Path) -> bool:
    """Create or upgrade the SQLite store at ``path``; return whether anything changed."""
    revision = stored_revision(path)
    if revision == HEAD:
        return False
    if revision is not None and revision > HEAD:
        raise StoreVersionError(
            f"{path} is of revision {revision}, this release knows {HEAD}: run a later release"
        )
    _upgrade(path)
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


def _upgrade(path: Path) -> None:
    # Imported here: 0.4 s that a start on an up-to-date store need not pay.
    import sqlalchemy
    from alembic import command
    from alembic.config import Config

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    config = Config()
    config.set_main_option("script_location", "gateway.adapters:migrations")
    # From its parts: in a text, a ? or % of the path would mean something else.
    engine = sqlalchemy.create_engine(sqlalchemy.URL.create("sqlite", database=str(path)))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)
    engine.dispose()
