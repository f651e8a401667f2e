"""RFC 9497, appendix A.1.2: keys, blinding, evaluation, proofs and outputs of VOPRF."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.crypto.oprf import (
    OprfKeyPair,
    OprfSecretKey,
    blind_evaluate_batch,
    derive_key_pair,
    evaluate,
)
from gateway.crypto.oprf_client import blind, finalize_batch
from gateway.crypto.oprf_proof import generate_proof, verify_proof

VECTORS = json.loads(
    (Path(__file__).parent / "rfc9497_voprf_ristretto255_sha512.json").read_text(encoding="utf-8")
)
SECRET, PUBLIC = (bytes.fromhex(VECTORS[name]) for name in ("secret_key", "public_key"))
batches = pytest.mark.parametrize("case", VECTORS["batches"])


def values(texts: list[str]) -> tuple[bytes, ...]:
    return tuple(map(bytes.fromhex, texts))


def test_the_batches_are_of_one_and_of_two() -> None:
    assert [len(case["inputs"]) for case in VECTORS["batches"]] == [1, 1, 2]


def test_key_derivation() -> None:
    pair = derive_key_pair(bytes.fromhex(VECTORS["seed"]), bytes.fromhex(VECTORS["key_info"]))
    assert pair.secret_key.scalar == SECRET
    assert pair.public_key == PUBLIC


@pytest.mark.parametrize("case", VECTORS["evaluations"])
def test_direct_output(case: dict[str, str]) -> None:
    key = OprfSecretKey(SECRET)
    assert evaluate(key, bytes.fromhex(case["input"])).hex() == case["output"]


@batches
def test_blinded_elements(case: dict[str, Any]) -> None:
    pairs = zip(values(case["inputs"]), values(case["blinds"]), strict=True)
    assert tuple(blind(*pair).element for pair in pairs) == values(case["blinded_elements"])


@batches
def test_evaluated_elements(case: dict[str, Any]) -> None:
    pair = OprfKeyPair(OprfSecretKey(SECRET), PUBLIC)
    blinded = values(case["blinded_elements"])
    evaluated, proof = blind_evaluate_batch(pair, blinded)
    assert evaluated == values(case["evaluation_elements"])
    verify_proof(PUBLIC, blinded, evaluated, proof)


@batches
def test_proof(case: dict[str, Any]) -> None:
    blinded, evaluated = values(case["blinded_elements"]), values(case["evaluation_elements"])
    nonce = bytes.fromhex(case["proof_random_scalar"])
    assert generate_proof(SECRET, PUBLIC, blinded, evaluated, nonce).hex() == case["proof"]
    verify_proof(PUBLIC, blinded, evaluated, bytes.fromhex(case["proof"]))


@batches
def test_outputs(case: dict[str, Any]) -> None:
    pairs = zip(values(case["inputs"]), values(case["blinds"]), strict=True)
    outputs = finalize_batch(
        [blind(*pair) for pair in pairs],
        values(case["evaluation_elements"]),
        bytes.fromhex(case["proof"]),
        PUBLIC,
    )
    assert outputs == values(case["outputs"])
