"""Keys and inputs that the OPRF refuses, and what it never prints."""

import pytest

from gateway.crypto.errors import KeyMaterialError
from gateway.crypto.oprf import OprfError, OprfSecretKey, derive_key_pair, evaluate
from gateway.crypto.ristretto import ORDER

PAIR = derive_key_pair(b"\x01" * 32, b"subjects v1")


@pytest.mark.parametrize(
    "scalar",
    [b"", bytes(31), bytes(33), bytes(32), ORDER.to_bytes(32, "little"), b"\xff" * 32],
    ids=["empty", "short", "long", "zero", "order", "above order"],
)
def test_bad_scalars_are_refused(scalar: bytes) -> None:
    with pytest.raises(KeyMaterialError):
        OprfSecretKey(scalar)


def test_the_largest_scalar_is_accepted() -> None:
    evaluate(OprfSecretKey((ORDER - 1).to_bytes(32, "little")), b"x")


def test_outputs_depend_on_key_and_input_alone() -> None:
    other = derive_key_pair(b"\x01" * 32, b"subjects v2")
    outputs = [
        evaluate(PAIR.secret_key, b"a"),
        evaluate(PAIR.secret_key, b"b"),
        evaluate(other.secret_key, b"a"),
    ]
    assert len(set(outputs)) == 3
    assert outputs[0] == evaluate(OprfSecretKey(PAIR.secret_key.scalar), b"a")


def test_inputs_have_a_bound() -> None:
    assert len(evaluate(PAIR.secret_key, bytes(65_535))) == 64
    with pytest.raises(OprfError):
        evaluate(PAIR.secret_key, bytes(65_536))


@pytest.mark.parametrize(("seed", "info"), [(bytes(31), b""), (bytes(32), bytes(65_536))])
def test_bad_seeds_are_refused(seed: bytes, info: bytes) -> None:
    with pytest.raises(KeyMaterialError):
        derive_key_pair(seed, info)


def test_a_key_does_not_print_itself() -> None:
    shown = repr(PAIR) + str(PAIR.secret_key)
    assert PAIR.secret_key.scalar.hex() not in shown
    assert repr(PAIR.secret_key.scalar) not in shown
