"""The configuration of providers: a type for each kind, read whole or refused by name."""

from pathlib import Path

import msgspec
import pytest

from gateway.config import ConfigError, load_config
from gateway.provider_config import (
    BreakerConfig,
    DuckdbProviderConfig,
    ProviderConfig,
    SqliteProviderConfig,
    SqlProviderConfig,
)

TLS = '[tls]\nkey = "key.pem"\ncertificate = "chain.pem"\nclient_authorities = "ca.pem"\n'
START = '[[providers]]\nid = "bureau"\ndataset = "credit.applicant"\n'
SQLITE = 'database = "data/p.db"\ntable = "t"\n'
DUCKDB = 'kind = "duckdb"\npath = "data/p.parquet"\n'
SQL = 'kind = "sql"\ntable = "t"\nurl_file = "keys/p.url"\n'
KINDS = (SQLITE, DUCKDB, SQL)


def provider(folder: Path, text: str) -> ProviderConfig:
    path = folder / "gateway.toml"
    path.write_text(TLS + START + text, "utf-8")
    (found,) = load_config(path, {}).providers
    return found


def error_of(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        provider(folder, text)
    return str(caught.value)


def test_a_provider_without_a_kind_is_of_the_first_kind_there_was(tmp_path: Path) -> None:
    for text in (SQLITE, 'kind = "sqlite"\n' + SQLITE):
        found = provider(tmp_path, text)
        assert isinstance(found, SqliteProviderConfig)
        assert (found.kind, found.database) == ("sqlite", str(tmp_path / "data" / "p.db"))


def test_each_kind_has_its_own_settings_and_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    duckdb, sql = provider(tmp_path, DUCKDB), provider(tmp_path, SQL)
    assert isinstance(duckdb, DuckdbProviderConfig)
    assert (duckdb.kind, duckdb.path) == ("duckdb", str(tmp_path / "data" / "p.parquet"))
    assert isinstance(sql, SqlProviderConfig)
    assert (sql.kind, sql.url_file) == ("sql", str(tmp_path / "keys" / "p.url"))
    named = provider(tmp_path, SQL.replace('url_file = "keys/p.url"', 'url_env = "BUREAU_URL"'))
    assert isinstance(named, SqlProviderConfig)
    assert (named.url_file, named.url_env) == (None, "BUREAU_URL")


@pytest.mark.parametrize("text", KINDS)
def test_the_guard_is_common_to_all(text: str, tmp_path: Path) -> None:
    found = provider(tmp_path, text)
    assert (found.addressed_by, found.timeout_ms, found.breaker) == (
        "identifier",
        None,
        BreakerConfig(),
    )
    changed = provider(
        tmp_path,
        text + 'addressed_by = "reference"\ntimeout_ms = 700\nmax_concurrent = 3\nmax_waiting = 0\n'
        "breaker = { failures_in_a_row = 2, failure_share = 0.25, open_ms = 50 }\n",
    )
    assert (changed.addressed_by, changed.timeout_ms) == ("reference", 700)
    assert (changed.max_concurrent, changed.max_waiting) == (3, 0)
    expected = BreakerConfig(failures_in_a_row=2, failure_share=0.25, open_ms=50)
    assert changed.breaker == expected
    assert type(changed) is type(found)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('kind = "mongodb"\n' + SQLITE, "mongodb"),
        ("kind = 7\n" + SQLITE, "kind"),
        (DUCKDB.replace(".parquet", ".xlsx"), "path"),
        (DUCKDB.replace('"data/p.parquet"', '"https://host/p"'), "path"),
        (DUCKDB + "memory_mb = 1\n", "memory_mb"),
        (DUCKDB + 'table = "t"\n', "table"),
        (SQLITE + 'path = "p.csv"\n', "path"),
        (SQL + 'url = "postgresql://user:word@host/db"\n', "url"),
        (SQL + 'url_env = "BUREAU_URL"\n', "exactly one of url_file and url_env"),
        ('kind = "sql"\ntable = "t"\n', "exactly one of url_file and url_env"),
        (SQLITE + 'addressed_by = "name"\n', "addressed_by"),
        (SQLITE + "timeout_ms = 0\n", "timeout_ms"),
        (SQLITE + "max_concurrent = 0\n", "max_concurrent"),
        (SQLITE + "max_waiting = -1\n", "max_waiting"),
        (SQLITE + "breaker = { failure_share = 0.0 }\n", "failure_share"),
        (SQLITE + "breaker = { failure_share = 1.5 }\n", "failure_share"),
        (SQLITE + "breaker = { open_s = 1 }\n", "open_s"),
        (SQLITE + "columns = { name = 7 }\n", "columns"),
    ],
)
def test_what_is_wrong_is_named(text: str, named: str, tmp_path: Path) -> None:
    error = error_of(tmp_path, text)
    assert named in error
    assert "providers[0]" in error
    assert "word" not in error


@pytest.mark.parametrize("text", KINDS)
def test_a_provider_is_frozen(text: str, tmp_path: Path) -> None:
    found = provider(tmp_path, text)
    with pytest.raises(AttributeError):
        found.id = "another"  # type: ignore[misc]  # what the test is about
    assert msgspec.structs.replace(found, id="another").id == "another"
