"""The warning that the profile's own certificate ends soon: for people, on standard error."""

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clients.cli.local.dev_authority import DevAuthority, LeafRequest
from clients.cli.main import app

NOBODY = "localhost:1"
_SOON, _FAR = timedelta(days=13), timedelta(days=15)


def _profile(folder: Path, starts_in: timedelta, lifetime: timedelta) -> Path:
    authority = DevAuthority.create()
    request = LeafRequest.institution("lender-a", lifetime=lifetime)
    object.__setattr__(request, "starts_in", starts_in)
    authority.issue(request).write(folder, "client")
    (folder / "ca.pem").write_bytes(authority.certificate)
    (folder / "profile.toml").write_text(
        f"""gateway = "{NOBODY}"
ca = "ca.pem"
certificate = "client.pem"
key = "client.key"
institution = "lender-a"
"""
    )
    return folder / "profile.toml"


def _show(profile: Path, *words: str) -> Result:
    call = ["partner", "show", "--timeout", "0.05", "--profile", str(profile), *words]
    return CliRunner().invoke(app, call)


@pytest.mark.parametrize(
    ("starts_in", "lifetime", "said"),
    [
        (timedelta(0), _SOON, "certificate ends at"),
        (-timedelta(days=2), timedelta(days=1), "certificate has ended"),
    ],
)
def test_people_are_warned_and_told_what_to_do(
    tmp_path: Path, starts_in: timedelta, lifetime: timedelta, said: str
) -> None:
    result = _show(_profile(tmp_path, starts_in, lifetime))
    assert result.stderr.startswith("warning: the profile's ")
    assert said in result.stderr
    assert "veilgate partner rotate" in result.stderr


def test_nobody_is_warned_early(tmp_path: Path) -> None:
    assert "warning" not in _show(_profile(tmp_path, timedelta(0), _FAR)).stderr


def test_programs_are_left_alone(tmp_path: Path) -> None:
    assert "warning" not in _show(_profile(tmp_path, timedelta(0), _SOON), "--json").stderr


def test_a_file_that_is_no_certificate_is_left_to_the_connection(tmp_path: Path) -> None:
    profile = _profile(tmp_path, timedelta(0), _SOON)
    (tmp_path / "client.pem").write_text("nothing")
    assert "warning" not in _show(profile).stderr
