from pathlib import Path

import pytest

from clients.sdk import ClientProfile, ProfileError, load_signing_key
from support.canned_gateway import KEY_ID, SIGNING_KEY, write_profile
from support.certificates import make_pki


@pytest.fixture
def path(tmp_path: Path) -> Path:
    make_pki(tmp_path)
    return write_profile(tmp_path, 7443)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_paths_are_relative_to_the_profile(path: Path) -> None:
    profile = ClientProfile.load(path)
    assert profile.gateway == "localhost:7443"
    assert profile.institution == "lender-a"
    assert profile.key == path.parent / "lender-a.key"


def test_the_signing_key_is_the_file_s(path: Path) -> None:
    key, key_id = load_signing_key(ClientProfile.load(path))
    assert key_id == KEY_ID
    assert key.public_key == SIGNING_KEY.public_key


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('institution = "lender-a"\n', "", "lacks `institution`"),
        ('gateway = "localhost:7443"', "gateway = 7443", "`gateway`"),
        ("localhost:7443", "localhost", "`gateway` is not an address"),
        ('institution = "lender-a"', 'institution = "Lender A"', "`institution`"),
        ('gateway = "', 'gatewy = "', "unknown key `gatewy`"),
        ("lender-a.key", "absent.key", "which is not a file"),
        (f'signing_key_id = "{KEY_ID}"\n', "", "go together"),
        ('gateway = "', "gateway = ", "not TOML"),
    ],
)
def test_a_flaw_is_named_with_what_to_do(path: Path, old: str, new: str, what: str) -> None:
    edit(path, old, new)
    with pytest.raises(ProfileError) as caught:
        ClientProfile.load(path)
    assert what in str(caught.value)
    assert caught.value.next_step.endswith(".")


def test_a_missing_profile_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="cannot be read"):
        ClientProfile.load(tmp_path / "absent.toml")


def test_a_key_of_another_kind_does_not_sign(path: Path) -> None:
    edit(path, "lender-a.signing.pem", "lender-a.key")
    with pytest.raises(ProfileError, match="not an unencrypted Ed25519"):
        load_signing_key(ClientProfile.load(path))


def test_without_a_signing_key_nothing_is_signed(path: Path) -> None:
    profile = ClientProfile.load(write_profile(path.parent, 7443, signing=False))
    with pytest.raises(ProfileError, match="names no signing key"):
        load_signing_key(profile)
