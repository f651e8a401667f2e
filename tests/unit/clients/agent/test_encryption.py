"""A contribution's bytes: what a roster's sum opens to under either scheme, what is refused."""

from __future__ import annotations

import secrets

import pytest

from clients.agent.encryption import encrypted
from clients.agent.errors import Refused, Unwilling, Word
from clients.agent.key_proof import EncryptionKey, require_key
from clients.agent.outcome.combination import combined
from clients.agent.roster import CheckedRoster
from gateway.crypto import elgamal, paillier
from gateway.crypto.masks import MaskingKey, MaskRoster
from gateway.domain.aggregate.packing_plan import Layout
from gateway.domain.aggregate.question import AskerKey, Scheme, key_context
from support.agents_world import ASKER, World
from support.paillier_keys import key as phe_key

BOUND = 20_000
LABEL = "cohort"


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


def test_a_paillier_key_is_taken_with_its_proof_for_its_asker_only(
    owner: paillier.PrivateKey,
) -> None:
    n = owner.public_key.n
    proof = paillier.prove_key(owner, key_context(ASKER)).encode(n)
    key = AskerKey(scheme="paillier", key=f"{n:x}", proof=proof.hex())
    found = require_key(key, ASKER)
    assert isinstance(found, paillier.PublicKey)
    assert require_key(key, ASKER) is found
    with pytest.raises(Unwilling):
        require_key(key, "lender-b")


@pytest.mark.parametrize("key", ["02" + "ff" * 32, "04" + "11" * 64, "00", "03" * 33])
def test_points_that_are_none_are_no_keys(key: str) -> None:
    proof = World().asker_key().proof
    with pytest.raises(Unwilling) as refused:
        require_key(AskerKey(scheme="elgamal", key=key, proof=proof), ASKER)
    assert refused.value.word is Word.KEY


@pytest.mark.parametrize("key", ["00", "ff" * 128, "ff" * 384, "fe" * 384])
def test_moduli_of_another_shape_are_no_keys(key: str) -> None:
    with pytest.raises(Unwilling):
        require_key(AskerKey(scheme="paillier", key=key, proof="00" * 3072), ASKER)
