"""``veilgate pii mask --profile``: what a masking profile does to a text outside the gateway."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clients.cli.local.policy import default_folder
from clients.cli.main import app
from gateway.adapters.keys.keyring import create_keyring

MOBILE = "13800138000"
MAIL = "a.b@example.com"
TEXT = f"电话{MOBILE}，邮箱{MAIL}"
PROFILE = """
version: 1
profile: own.v1
masks:
  phone: {source: Three and four are in common use., keep_first: 3, keep_last: 4}
text:
  operators:
    CN_MOBILE_NUMBER: {operator: mask, using: phone}
    EMAIL_ADDRESS: {operator: pseudonymise}
  threshold: 50
...
"""


def mask(*words: str) -> Result:
    return CliRunner().invoke(app, ["pii", "mask", "--text", TEXT, "--quiet", *words])


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(default_folder(), tmp_path / "policies"))
    (folder / "masking" / "own.v1.yaml").write_text(PROFILE, encoding="utf-8")
    return folder


def test_a_profile_masks_by_its_formats(policies: Path) -> None:
    masked = mask("--profile", "own.v1", "--policies", str(policies)).stdout
    assert re.fullmatch(r"电话138\*+8000，邮箱<EMAIL_ADDRESS>", masked)


def test_a_keyed_operator_works_with_keys_for_one_recipient(policies: Path, tmp_path: Path) -> None:
    create_keyring(tmp_path / "keys")
    words = ["--profile", "own.v1", "--policies", str(policies), "--keys", str(tmp_path / "keys")]
    ours = mask(*words, "--recipient", "lender-a", "--purpose", "credit.underwriting")
    again = mask(*words, "--recipient", "lender-a", "--purpose", "credit.underwriting")
    other = mask(*words, "--recipient", "lender-b", "--purpose", "credit.underwriting")
    assert ours.exit_code == 0
    assert ours.stdout == again.stdout != other.stdout
    assert MAIL not in ours.stdout
    assert "<EMAIL_ADDRESS>" not in ours.stdout
    assert mask(*words).exit_code == 2


def test_a_profile_s_threshold_gives_way_to_the_option(policies: Path) -> None:
    file = policies / "masking" / "own.v1.yaml"
    content = file.read_text(encoding="utf-8")
    file.write_text(content.replace("threshold: 50", "threshold: 100"), encoding="utf-8")
    words = ("--profile", "own.v1", "--policies", str(policies))
    assert MOBILE in mask(*words).stdout
    assert MOBILE not in mask(*words, "--threshold", "0.5").stdout


def test_policies_with_a_fault_are_not_used(policies: Path) -> None:
    (policies / "masking" / "own.v1.yaml").write_text("version: 2\n", encoding="utf-8")
    result = mask("--profile", "own.v1", "--policies", str(policies))
    assert result.exit_code == 2
    assert "not sound" in result.stderr
    assert MOBILE not in result.output
