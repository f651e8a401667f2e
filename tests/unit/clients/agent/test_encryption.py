"""A contribution's bytes: what a roster's sum opens to under either scheme, what is refused."""

from __future__ import annotations

import os
import secrets
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from math import prod
from pathlib import Path

import msgspec
import pytest

from clients.agent import key_proof
from clients.agent.encryption import encrypted
from clients.agent.errors import Refused, Unwilling, Word
from clients.agent.key_proof import EncryptionKey, ProofNotes, require_key
from clients.agent.outcome.combination import combined
from clients.agent.roster import CheckedRoster
from gateway.crypto import elgamal, paillier
from gateway.crypto.masks import MaskingKey, MaskRoster
from gateway.crypto.paillier import KeyProof
from gateway.crypto.paillier.root_proof import prove_roots
from gateway.domain.aggregate.packing_plan import Layout
from gateway.domain.aggregate.question import AskerKey, Scheme, key_context, proof_text
from support.agents_world import ASKER, World
from support.hostile_values import MISSHAPEN
from support.paillier_forger import best_blum, best_roots
from support.paillier_keys import key as phe_key

BOUND = 20_000
LABEL = "cohort"
NOTHING = ProofNotes()


def contributions(layout: Layout, key: EncryptionKey, values: list[list[int]]) -> list[bytes]:
    """One for each member."""
    own = [MaskingKey.generate() for _ in values]
    publics = tuple(one.public_key() for one in own)
    masks = MaskRoster(secrets.token_bytes(32), secrets.token_bytes(32), publics)
    names = tuple(f"member-{at}" for at in range(len(values)))
    return [
        encrypted(
            some, layout, key, CheckedRoster(names, at, masks), own[at], lambda *_: None, LABEL
        )
        for at, some in enumerate(values)
    ]


@pytest.fixture(scope="module")
def owner() -> paillier.PrivateKey:
    return phe_key("veilgate_3072")


def layout_for(scheme: Scheme, bits: int, length: int) -> Layout:
    return Layout(scheme=scheme, modulus_bits=bits, contributors=3, bound=BOUND, length=length)


VALUES = [[1, -BOUND, 0, 7] * 30, [0, -BOUND, 0, -7] * 30, [5, -BOUND, 0, 1] * 30]
SUMS = [6, -3 * BOUND, 0, 1] * 30


def test_paillier_sums_open_by_the_layout(owner: paillier.PrivateKey) -> None:
    public = owner.public_key
    layout = layout_for("paillier", public.n.bit_length(), len(SUMS))
    parts = contributions(layout, public, VALUES)
    assert {len(one) for one in parts} == {layout.ciphertexts * layout.ciphertext_size}
    asked = AskerKey(scheme="paillier", key=f"{public.n:x}", proof="00")
    product = combined(asked, parts, layout.ciphertexts)
    size = layout.ciphertext_size
    totals = [
        owner.decrypt_raw(int.from_bytes(product[at : at + size], "big"))
        for at in range(0, len(product), size)
    ]
    packing = paillier.Packing(layout.modulus_bits, 3, layout.lowest, layout.highest)
    assert packing.unpack(totals, len(SUMS)) == SUMS


def test_elgamal_sums_open_within_the_bound() -> None:
    secret = elgamal.SecretKey.generate()
    layout = layout_for("elgamal", 0, 4)
    parts = contributions(layout, secret.public_key(), [some[:4] for some in VALUES])
    asked = AskerKey(scheme="elgamal", key=secret.public_key().to_bytes().hex(), proof="00")
    product = combined(asked, parts, 4)
    opened = [
        secret.decrypt(elgamal.Ciphertext.from_bytes(product[at : at + 66]), -3 * BOUND, 3 * BOUND)
        for at in range(0, len(product), 66)
    ]
    assert opened == SUMS[:4]


@pytest.mark.parametrize("values", [[BOUND + 1, 0], [-BOUND - 1, 0], [0], [0, 0, 0]])
def test_values_beyond_the_plan_never_leave(values: list[int]) -> None:
    key = elgamal.SecretKey.generate().public_key()
    with pytest.raises(ValueError, match="layout"):
        contributions(layout_for("elgamal", 0, 2), key, [values] * 3)


def test_what_is_no_contribution_does_not_combine() -> None:
    key = elgamal.SecretKey.generate().public_key()
    layout = layout_for("elgamal", 0, 2)
    parts = contributions(layout, key, [[1, 2]] * 3)
    asked = AskerKey(scheme="elgamal", key=key.to_bytes().hex(), proof="00")
    for bad in (parts[0][:-1], parts[0] + bytes(66), b"\x02" + b"\xff" * 131):
        with pytest.raises(Refused):
            combined(asked, [bad, *parts[1:]], 2)


@pytest.fixture(scope="module")
def asked(owner: paillier.PrivateKey) -> AskerKey:
    n = owner.public_key.n
    proof = proof_text("paillier", paillier.prove_key(owner, key_context(ASKER)).encode(n))
    return AskerKey(scheme="paillier", key=f"{n:x}", proof=proof)


@pytest.fixture
def forgotten(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Forgets what the process remembers, as a new one would."""

    def forget() -> None:
        monkeypatch.setattr(key_proof, "_known", OrderedDict())

    forget()
    return forget


def test_a_paillier_key_is_taken_with_its_proof_for_its_asker_only(asked: AskerKey) -> None:
    found = require_key(asked, ASKER, NOTHING)
    assert isinstance(found, paillier.PublicKey)
    assert found.randomness is paillier.Randomness.HALF
    assert require_key(asked, ASKER, NOTHING) is found
    with pytest.raises(Unwilling):
        require_key(asked, "lender-b", NOTHING)


def test_without_the_shape_of_the_primes_there_is_no_table(
    owner: paillier.PrivateKey, asked: AskerKey
) -> None:
    n = owner.public_key.n
    roots = KeyProof(prove_roots(owner, key_context(ASKER)), None).encode(n)
    bare = msgspec.structs.replace(asked, proof=proof_text("paillier", roots))
    found = require_key(bare, ASKER, NOTHING)
    assert isinstance(found, paillier.PublicKey)
    assert found.randomness is paillier.Randomness.FULL


def test_a_checked_proof_is_remembered_by_the_next_process(
    asked: AskerKey,
    tmp_path: Path,
    forgotten: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notes = ProofNotes(tmp_path / "proofs")
    require_key(asked, ASKER, notes)
    forgotten()

    def again(*_: object) -> paillier.PublicKey:
        raise AssertionError("the proof is checked again")

    monkeypatch.setattr(key_proof, "verify_key", again)
    found = require_key(asked, ASKER, notes)
    assert isinstance(found, paillier.PublicKey)
    assert found.randomness is paillier.Randomness.HALF
    # Nothing is remembered of another asker, of another proof, or in another folder.
    shorter = msgspec.structs.replace(asked, proof=asked.proof[:4096])
    for key, asker, where in (
        (asked, "lender-b", notes),
        (shorter, ASKER, notes),
        (asked, ASKER, NOTHING),
        (asked, ASKER, ProofNotes(tmp_path / "others")),
    ):
        forgotten()
        with pytest.raises((AssertionError, Unwilling)):
            require_key(key, asker, where)


def test_a_refused_proof_is_not_remembered(
    asked: AskerKey, tmp_path: Path, forgotten: Callable[[], None]
) -> None:
    notes = ProofNotes(tmp_path / "proofs")
    with pytest.raises(Unwilling):
        require_key(asked, "lender-b", notes)
    assert list(tmp_path.iterdir()) == []


def test_old_notes_make_room(tmp_path: Path) -> None:
    notes = ProofNotes(tmp_path)
    digests = [sha256(b"%d" % number).digest() for number in range(260)]
    for at, digest in enumerate(digests):
        notes.note(digest)
        os.utime(tmp_path / digest.hex(), ns=(at, at))
    assert [notes.has(one) for one in digests] == [False] * 4 + [True] * 256


def test_a_folder_that_takes_no_notes_is_no_reason_to_refuse(
    asked: AskerKey,
    tmp_path: Path,
    forgotten: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").write_bytes(b"")
    require_key(asked, ASKER, ProofNotes(tmp_path / "file" / "proofs"))
    assert "cannot be noted" in caplog.text


@pytest.mark.parametrize("primes", MISSHAPEN.values(), ids=list(MISSHAPEN))
def test_a_key_of_another_shape_is_refused_although_its_other_proof_holds(
    primes: tuple[int, ...], forgotten: Callable[[], None]
) -> None:
    """Without it, contributors encrypt under such a key as under one of unknown making."""
    n, context = prod(primes), key_context(ASKER)
    roots, _ = best_roots(primes, context)
    forged, _ = best_blum(primes, context)
    for shape, refused in ((None, False), (forged, True)):
        proof = proof_text("paillier", KeyProof(roots, shape).encode(n))
        key = AskerKey(scheme="paillier", key=f"{n:x}", proof=proof)
        if refused:
            with pytest.raises(Unwilling):
                require_key(key, ASKER, NOTHING)
        else:
            found = require_key(key, ASKER, NOTHING)
            assert isinstance(found, paillier.PublicKey)
            assert found.randomness is paillier.Randomness.FULL


@pytest.mark.parametrize("spelling", ["{}=", "{}A", "+{}", " {}"])
def test_a_proof_has_one_spelling(asked: AskerKey, spelling: str) -> None:
    other = msgspec.structs.replace(asked, proof=spelling.format(asked.proof))
    with pytest.raises(Unwilling):
        require_key(other, ASKER, NOTHING)
    with pytest.raises(ValueError, match="spelling"):
        AskerKey(scheme="paillier", key="00", proof="AB").proof_bytes()
    assert AskerKey(scheme="paillier", key="00", proof="AA").proof_bytes() == b"\0"


@pytest.mark.parametrize("key", ["02" + "ff" * 32, "04" + "11" * 64, "00", "03" * 33])
def test_points_that_are_none_are_no_keys(key: str) -> None:
    proof = World().asker_key().proof
    with pytest.raises(Unwilling) as refused:
        require_key(AskerKey(scheme="elgamal", key=key, proof=proof), ASKER, NOTHING)
    assert refused.value.word is Word.KEY


@pytest.mark.parametrize("key", ["00", "ff" * 128, "ff" * 384, "fe" * 384])
def test_moduli_of_another_shape_are_no_keys(key: str) -> None:
    with pytest.raises(Unwilling):
        require_key(AskerKey(scheme="paillier", key=key, proof="A" * 4096), ASKER, NOTHING)
