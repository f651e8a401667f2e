"""The configuration: one file and the environment, read whole or refused with what to do."""

import os
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.config import Config, ConfigError, load_config
from gateway.provider_config import SqliteProviderConfig

TLS = '[tls]\nkey = "tls/key.pem"\ncertificate = "tls/chain.pem"\nclient_authorities = "{ca}"\n'
PROVIDER = (
    '[[providers]]\nid = "demo-bureau"\ndataset = "credit.applicant"\n'
    'database = "bureau.db"\ntable = "applicant"\n'
)
FULL = TLS.format(ca="tls/ca.pem") + PROVIDER
NUMBERS = [
    one.encode_name
    for one in msgspec.structs.fields(Config)
    if isinstance(one.default, int) and not isinstance(one.default, bool)
]


def written(folder: Path, top: str = "", rest: str = FULL) -> Path:
    path = folder / "gateway.toml"
    path.write_text(top + "\n" + rest, "utf-8")
    return path


def error_of(path: Path, **environment: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(path, environment)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_the_smallest_file_gets_every_default(tmp_path: Path) -> None:
    config = load_config(written(tmp_path), {})
    for one in msgspec.structs.fields(Config):
        if one.required or one.encode_name in ("store", "keys", "policies", "partners"):
            continue
        assert getattr(config, one.encode_name) == one.default
    (provider,) = config.providers
    assert isinstance(provider, SqliteProviderConfig)
    assert (provider.kind, provider.type_column) == ("sqlite", "identity_type")
    assert provider.identifier_column == "identity_key"


def test_paths_are_relative_to_the_file_and_absolute_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    absolute = str(tmp_path / "elsewhere" / "ca.pem")
    written(tmp_path / "home", 'store = "db/a.db"', TLS.format(ca=absolute) + PROVIDER)
    monkeypatch.chdir(tmp_path)
    config = load_config(Path("home/gateway.toml"), {})
    home = tmp_path / "home"
    assert config.store == str(home / "db" / "a.db")
    assert config.keys == str(home / "keys")
    assert config.policies == str(home / "policies")
    assert config.partners == str(home / "partners.toml")
    assert config.tls.key == str(home / "tls" / "key.pem")
    assert config.tls.certificate == str(home / "tls" / "chain.pem")
    assert config.tls.client_authorities == absolute
    (provider,) = config.providers
    assert isinstance(provider, SqliteProviderConfig)
    assert provider.database == str(home / "bureau.db")


@pytest.mark.parametrize(
    ("top", "rest"),
    [
        ("listn = 'localhost:1'", FULL),
        ("", FULL.replace('key = "tls', 'secret = "x"\nkey = "tls')),
        ("", FULL + 'password = "x"\n'),
        ("", FULL + "[cache]\nsize = 1\n"),
    ],
    ids=["top", "tls", "providers", "table"],
)
def test_an_unknown_setting_is_refused_by_name(tmp_path: Path, top: str, rest: str) -> None:
    assert re.search(
        r"unknown field `(listn|secret|password|cache)`", error_of(written(tmp_path, top, rest))
    )


@pytest.mark.parametrize(
    ("rest", "named"),
    [
        (PROVIDER, "tls"),
        (FULL.replace('key = "tls/key.pem"\n', ""), "key"),
        (TLS.format(ca="ca"), "providers"),
        ("providers = []\n" + TLS.format(ca="ca"), "providers"),
        (FULL.replace('table = "applicant"\n', ""), "table"),
        (FULL + 'kind = "postgres"\n', "providers"),
        ("log_level = 'LOUD'\n" + FULL, "log_level"),
        ("log_origin = 'Capital.example'\n" + FULL, "log_origin"),
        ("log_origin = 'two words'\n" + FULL, "log_origin"),
        ("listen = 7\n" + FULL, "listen"),
    ],
)
def test_what_is_missing_or_wrong_is_named(tmp_path: Path, rest: str, named: str) -> None:
    assert named in error_of(written(tmp_path, "", rest))


def _bounds(name: str) -> tuple[int, int]:
    schema: Any = msgspec.json.schema(Config)["$defs"]["Config"]["properties"][name]
    return schema["minimum"], schema["maximum"]


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_has_bounds_in_the_file_and_in_the_environment(tmp_path: Path, name: str) -> None:
    low, high = _bounds(name)
    for inside in (low, high):
        assert getattr(load_config(written(tmp_path, f"{name} = {inside}"), {}), name) == inside
        found = load_config(written(tmp_path), {f"VEILGATE_{name.upper()}": str(inside)})
        assert getattr(found, name) == inside
    for outside in (low - 1, high + 1):
        assert name in error_of(written(tmp_path, f"{name} = {outside}"))
        error = error_of(written(tmp_path), **{f"VEILGATE_{name.upper()}": str(outside)})
        assert name in error


@pytest.mark.parametrize("text", ["", "many", "1.5", "0x10", "1 0", "true", "null", "1_0_"])
def test_a_number_that_is_none_is_refused_by_the_settings_name(tmp_path: Path, text: str) -> None:
    assert "commit_timeout_ms" in error_of(written(tmp_path), VEILGATE_COMMIT_TIMEOUT_MS=text)


def test_the_environment_overrides_texts_and_numbers_only(tmp_path: Path) -> None:
    environment = {
        "VEILGATE_LISTEN": "localhost:0",
        "VEILGATE_STORE": "other.db",
        "VEILGATE_LOG_LEVEL": "DEBUG",
        "VEILGATE_DETECTION_PROCESSES": "3",
        "VEILGATE_TLS": "x",
        "VEILGATE_PROVIDERS": "x",
        "VEILGATE_UNKNOWN": "x",
        "veilgate_listen": "x",
        "LISTEN": "x",
    }
    config = load_config(written(tmp_path, 'listen = "127.0.0.1:1"'), environment)
    assert (config.listen, config.log_level) == ("localhost:0", "DEBUG")
    assert config.store == str(tmp_path / "other.db")
    assert config.detection_processes == 3
    assert config.tls.key == str(tmp_path / "tls" / "key.pem")


def test_the_process_environment_counts_where_none_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("VEILGATE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("VEILGATE_TRUST_DOMAIN", "other.example")
    assert load_config(written(tmp_path)).trust_domain == "other.example"
    assert load_config(written(tmp_path), {}).trust_domain == "veilgate.example"


def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.toml", tmp_path):
        assert "cannot be read" in (error := error_of(path))
        assert "veilgate init" in error


@pytest.mark.parametrize("content", [b"listen: 7443\n", b"\xff\xfe", b"a = 1\na = 2\n", b"{}"])
def test_a_file_that_is_not_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gateway.toml"
    path.write_bytes(content)
    assert "is not TOML" in error_of(path)


def test_a_store_that_is_an_address_stays_as_it_is(tmp_path: Path) -> None:
    url = "postgresql://veilgate@db.example/veilgate?sslmode=verify-full"
    config = load_config(written(tmp_path, f'store = "{url}"\nstore_password_file = "pw"'), {})
    assert (config.store, config.store_password_file) == (url, str(tmp_path / "pw"))
    assert load_config(written(tmp_path), {}).store_password_file == ""


@pytest.mark.parametrize(
    "url", ["postgresql://a:sesame@host/db", "postgres://a@host/db?password=sesame"]
)
def test_a_password_in_the_address_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="store_password_file") as caught:
        load_config(written(tmp_path), {"VEILGATE_STORE": url})
    assert "sesame" not in str(caught.value)
