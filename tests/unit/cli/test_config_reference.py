"""The reference of settings is the configuration, whole: names, defaults, bounds, environment."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from clients.cli.local.config_reference import (
    BEGIN,
    END,
    Setting,
    as_markdown,
    settings,
    with_settings,
)
from clients.cli.main import app
from gateway.config import Config, ConfigError, TlsConfig, load_config
from gateway.provider_config import PROVIDER_KINDS, BreakerConfig

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "operations.md"
SMALLEST = """[tls]
key = "k"
certificate = "c"
client_authorities = "a"
[[providers]]
id = "demo-bureau"
dataset = "credit.applicant"
database = "bureau.db"
table = "applicant"
"""
BOUNDED = [
    one for one in settings() if not one.table and re.match(r"[\d,]+ to [\d,]+$", one.values)
]


def _names(kind: type[msgspec.Struct]) -> set[str]:
    return {one.encode_name for one in msgspec.structs.fields(kind)}


def _listed(*tables: str) -> set[str]:
    return {one.name for one in settings() if one.table in tables}


def test_every_setting_is_there_with_words() -> None:
    assert _listed("") == _names(Config)
    assert _listed("[tls]") == _names(TlsConfig)
    assert _listed("[providers.breaker]") == _names(BreakerConfig)
    for kind in PROVIDER_KINDS:
        own = f'[[providers]], kind = "{kind.__struct_config__.tag}"'
        assert _listed("[[providers]]", own) == _names(kind)
        assert not _listed("[[providers]]") & _listed(own)
    assert all(one.what.endswith(".") for one in settings())
    keys = [(one.table, one.name) for one in settings()]
    assert len(set(keys)) == len(keys)


def test_defaults_are_those_of_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text(SMALLEST, encoding="utf-8")
    config = load_config(tmp_path / "gateway.toml", {})
    for one in settings():
        if one.table or one.required:
            continue
        value = getattr(config, one.name)
        assert value in (one.default, str(tmp_path / str(one.default))), one.name


@pytest.mark.parametrize("one", BOUNDED, ids=lambda one: one.name)
def test_bounds_and_variables_are_those_that_are_kept(tmp_path: Path, one: Setting) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(SMALLEST, encoding="utf-8")
    low, high = (int(bound.replace(",", "")) for bound in one.values.split(" to "))
    for good in (low, high):
        assert getattr(load_config(file, {str(one.environment): str(good)}), one.name) == good
    for bad in (low - 1, high + 1):
        with pytest.raises(ConfigError):
            load_config(file, {str(one.environment): str(bad)})


def test_the_environment_overrides_what_is_said_to_be_overridden(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(SMALLEST, encoding="utf-8")
    named = {str(one.environment): one for one in settings() if one.environment}
    assert len(BOUNDED) > 5
    assert {one.name for one in named.values()} == _names(Config) - {"tls", "providers"}
    texts = {name: "DEBUG" for name, one in named.items() if one.values == "text"}
    changed = load_config(file, texts | {"VEILGATE_LOG_ORIGIN": "elsewhere"})
    plain = load_config(file, {})
    for name in texts:
        attribute = named[name].name
        assert getattr(changed, attribute) != getattr(plain, attribute), name


def test_the_guide_has_the_settings_as_they_are() -> None:
    page = GUIDE.read_text(encoding="utf-8")
    assert with_settings(page) == page, "make docs"
    assert with_settings(page.replace("`1500`", "`1600`")) == page
    assert as_markdown().count("\n| `") == len(settings())


@pytest.mark.parametrize(
    "page", ["", f"{BEGIN}\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n{END}\n{BEGIN}\n{END}\n"]
)
def test_a_page_without_one_place_for_it_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="no single place"):
        with_settings(page)


def test_no_cell_breaks_its_row() -> None:
    for line in as_markdown().splitlines():
        if line.startswith("|"):
            assert re.search(r"(?<!\\)<", re.sub(r"`[^`]*`", "", line)) is None, line


def test_the_command_prints_it_in_each_form() -> None:
    run = CliRunner().invoke
    document = json.loads(run(app, ["config", "reference", "--json"]).stdout)
    assert {one["name"]: one["default"] for one in document}["store_timeout_ms"] == 1_500
    assert len(document) == len(settings())
    assert run(app, ["config", "reference", "--markdown"]).stdout == as_markdown()
    table = run(app, ["config", "reference"], env={**os.environ, "COLUMNS": "240"}).stdout
    assert all(one.name in table for one in settings())
