"""Keys at rest: sealed, private, bound to their public half, never written over."""

import json
import stat
from pathlib import Path
from typing import Literal

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from clients.keyholder.errors import KeyholderError
from clients.keyholder.files import NameTaken, read_private, write_new
from clients.keyholder.keys.held_key import HeldKey, make_key, read_key
from clients.keyholder.keys.key_store import KeyStore, Registration
from clients.keyholder.keys.sealing import Sealed, Secret, seal, unseal
from gateway.crypto.elgamal import PublicKey
from gateway.crypto.elgamal.possession import verify_possession
from gateway.crypto.paillier import KeyProof, verify_key
from gateway.domain.aggregate.question import AskerKey, Scheme, key_context
from support.keyholders import ASKER

FILE = Secret("file", b"\x07" * 32)
NOW = 1_790_000_000


@pytest.fixture(scope="module")
def paillier() -> HeldKey:
    return make_key("paillier", ASKER)


@pytest.fixture(scope="module")
def elgamal() -> HeldKey:
    return make_key("elgamal", ASKER)


def ask_file(by: Literal["password", "file"]) -> Secret:
    assert by == "file"
    return FILE


@pytest.mark.parametrize("scheme", ["elgamal", "paillier"])
def test_a_stored_key_is_the_same_key_again(
    tmp_path: Path, scheme: Scheme, request: pytest.FixtureRequest
) -> None:
    key: HeldKey = request.getfixturevalue(scheme)
    store = KeyStore(tmp_path / "keys")
    head = store.add(key, ASKER, NOW, FILE)
    again = KeyStore(tmp_path / "keys").open(head.id, ask_file)
    assert again.public == key.public
    assert again.stored() == key.stored()


def test_nothing_of_the_private_key_stands_in_its_file(tmp_path: Path, elgamal: HeldKey) -> None:
    store = KeyStore(tmp_path)
    store.add(elgamal, ASKER, NOW, FILE)
    (path,) = tmp_path.iterdir()
    assert elgamal.stored().hex() not in path.read_text()
    assert elgamal.stored() not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert str(int.from_bytes(elgamal.stored(), "big")) not in repr(elgamal)


def test_a_key_is_never_written_over(tmp_path: Path, elgamal: HeldKey) -> None:
    store = KeyStore(tmp_path)
    store.add(elgamal, ASKER, NOW, FILE)
    (path,) = tmp_path.iterdir()
    before = path.read_bytes()
    with pytest.raises(NameTaken):
        store.add(elgamal, ASKER, NOW + 1, FILE)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path], "no part of a file is left"


def test_another_secret_does_not_open(tmp_path: Path, elgamal: HeldKey) -> None:
    head = KeyStore(tmp_path).add(elgamal, ASKER, NOW, FILE)
    with pytest.raises(KeyholderError, match="does not open"):
        KeyStore(tmp_path).open(head.id, lambda by: Secret("file", b"\x08" * 32))
    with pytest.raises(KeyholderError, match="sealed by a file"):
        KeyStore(tmp_path).open(head.id, lambda by: Secret.password("x"))


def test_a_password_seals_too() -> None:
    box = seal(b"key", b"beside", Secret.password("correct horse"))
    assert unseal(box, b"beside", Secret.password("correct horse")) == b"key"
    with pytest.raises(KeyholderError):
        unseal(box, b"beside", Secret.password("correct horsf"))
    with pytest.raises(KeyholderError):
        unseal(box, b"other", Secret.password("correct horse"))


def test_two_sealings_of_the_same_share_nothing() -> None:
    one, other = (seal(b"key" * 20, b"", FILE) for _ in range(2))
    assert one.salt != other.salt
    assert one.box != other.box


@pytest.mark.parametrize("name", ["head.institution", "head.created_at", "head.public"])
def test_a_changed_clear_half_does_not_open(tmp_path: Path, elgamal: HeldKey, name: str) -> None:
    """Else a key could be made to look like another's, and be used under that one's name."""
    head = KeyStore(tmp_path).add(elgamal, ASKER, NOW, FILE)
    (path,) = tmp_path.iterdir()
    document = json.loads(path.read_text())
    other = make_key("elgamal", ASKER).public
    changes = {
        "head.institution": {"institution": "lender-x"},
        "head.created_at": {"created_at": NOW + 5},
        "head.public": {"public": {"scheme": other.scheme, "key": other.key, "proof": other.proof}},
    }
    document["head"] |= changes[name]
    path.write_text(json.dumps(document))
    with pytest.raises(KeyholderError):
        KeyStore(tmp_path).open(head.id, ask_file)


@pytest.mark.parametrize("cost", [2, 1 << 14, 1 << 20])
def test_a_box_of_another_cost_is_not_opened_even_by_its_password(cost: int) -> None:
    """A cheap one is not ours, and a dear one would cost its reader a gigabyte."""
    salt = b"\x01" * 32
    used = min(cost, 1 << 14)
    key = Scrypt(salt=salt, length=32, n=used, r=8, p=1).derive(b"word")
    box = AESGCM(key).encrypt(bytes(12), b"key", b"")
    sealed = Sealed("password", cost, salt.hex(), box.hex())
    with pytest.raises(KeyholderError, match="sealed by a password"):
        unseal(sealed, b"", Secret.password("word"))


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path, elgamal: HeldKey) -> None:
    head = KeyStore(tmp_path).add(elgamal, ASKER, NOW, FILE)
    (path,) = tmp_path.iterdir()
    path.chmod(0o640)
    with pytest.raises(KeyholderError, match="read by others"):
        KeyStore(tmp_path).open(head.id, ask_file)


@pytest.mark.parametrize(("content", "mode"), [(b"x" * 31, 0o600), (b"x" * 32, 0o644)])
def test_a_weak_key_file_is_refused(tmp_path: Path, content: bytes, mode: int) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(KeyholderError):
        Secret.file(path)


def test_an_empty_password_is_refused() -> None:
    with pytest.raises(KeyholderError):
        Secret.password("")


def test_the_newest_key_of_a_scheme_is_chosen(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    old, new = (store.add(make_key("elgamal", ASKER), ASKER, NOW + at, FILE) for at in (0, 9))
    assert store.choose("elgamal") == new
    assert store.choose("elgamal", old.id[:8]) == old
    with pytest.raises(KeyholderError):
        store.choose("paillier")
    with pytest.raises(KeyholderError):
        store.choose("elgamal", "zz")


def test_a_registration_is_noted_once(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    note = Registration("a" * 64, "e", 7)
    store.note_registration(note)
    store.note_registration(Registration("a" * 64, "other", 8))
    assert store.registration("a" * 64) == note
    assert store.registration("b" * 64) is None


def test_the_proofs_hold_for_the_institution_and_for_no_other(
    elgamal: HeldKey, paillier: HeldKey
) -> None:
    key, proof = (bytes.fromhex(part) for part in (elgamal.public.key, elgamal.public.proof))
    verify_possession(PublicKey.from_bytes(key), proof, key_context(ASKER))
    n = int(paillier.public.key, 16)
    shown = KeyProof.decode(n, paillier.public.proof_bytes())
    verify_key(n, key_context(ASKER), shown)
    with pytest.raises(Exception, match="proof"):
        verify_key(n, key_context("lender-x"), shown)


def test_a_registered_paillier_key_fits_into_a_message(paillier: HeldKey) -> None:
    assert len(paillier.public.proof) + len(paillier.public.key) < 48 * 1024


@pytest.mark.parametrize("scheme", ["elgamal", "paillier"])
def test_a_private_key_of_another_public_key_is_refused(
    scheme: Scheme, request: pytest.FixtureRequest
) -> None:
    key: HeldKey = request.getfixturevalue(scheme)
    other = AskerKey(scheme=scheme, key="02" + "11" * 32, proof="00")
    with pytest.raises(KeyholderError):
        read_key(key.stored(), other)
    with pytest.raises(KeyholderError):
        read_key(b"rubbish", key.public)


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    write_new(path, b"content")
    assert read_private(path, 7) == b"content"
    with pytest.raises(KeyholderError, match="too long"):
        read_private(path, 6)
    with pytest.raises(KeyholderError):
        read_private(tmp_path / "none", 7)
