"""A gateway that registers another key than the one it was sent: none is noted as registered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clients.cli.main import app
from support import keyholders_gateway
from support.keyholders_gateway import serving


def run(profile: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["aggregate", *words, "--profile", str(profile), "--json"])


def test_a_key_that_was_exchanged_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the next question would be encrypted under a key that is not what the log says."""
    monkeypatch.setattr(keyholders_gateway, "key_id", lambda _: "ab" * 32)
    with serving(tmp_path) as (gateway, profile):
        sealed = ("--scheme", "elgamal", "--key-file", str(tmp_path / "secret"))
        made = run(profile, "keygen", *sealed)
        assert made.exit_code != 0
        assert len(gateway.registered) == 1
        (listed,) = json.loads(run(profile, "keys").stdout)
        assert listed["registered"] is None
