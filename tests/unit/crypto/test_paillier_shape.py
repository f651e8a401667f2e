"""Proofs of a key's shape: two primes, both 3 modulo 4; for no other modulus, context or number."""

from collections.abc import Callable
from math import prod
from typing import Any

import gmpy2
import pytest

from gateway.crypto.paillier import KeyProof, ProofError, Randomness, Reason, prove_key, verify_key
from gateway.crypto.paillier.blum_proof import (
    RESIDUES,
    _has_root,
    _residues,
    prove_blum,
    verify_blum,
)
from gateway.crypto.paillier.root_proof import ROOTS, _residue
from support.paillier_forger import SHAPES, best_blum, best_roots, shaped
from support.paillier_keys import key

KEY, N = key(), key().public_key.n
CONTEXT = b"lender-1|aggregates|7f3a"
PROOF = prove_key(KEY, CONTEXT)
assert PROOF.blum is not None
BLUM: tuple[int, ...] = PROOF.blum


def refused(call: Callable[[], object]) -> Reason:
    with pytest.raises(ProofError) as caught:
        call()
    return caught.value.reason


def changed(place: int, value: Any) -> tuple[int, ...]:
    return (*BLUM[:place], value, *BLUM[place + 1 :])


@pytest.mark.parametrize("place", [0, 1, 63, 126, 127])
def test_every_square_root_counts(place: int) -> None:
    for wrong in (BLUM[place] ^ 1, BLUM[place - 1], 1):
        proof = changed(place, wrong)
        assert refused(lambda: verify_blum(N, CONTEXT, proof)) is Reason.PROOF_WRONG  # noqa: B023


@pytest.mark.parametrize(
    "proof",
    [
        (),
        BLUM[1:],
        (*BLUM, BLUM[0]),
        changed(0, 0),
        changed(1, -BLUM[1]),
        # The same root, in the length of the modulus.
        changed(2, N - BLUM[2]),
        changed(3, int(gmpy2.isqrt(N)) + 1),
        changed(4, float(1)),
        changed(5, gmpy2.mpz(BLUM[5])),
    ],
)
def test_square_roots_of_another_shape_are_refused(proof: tuple[int, ...]) -> None:
    assert refused(lambda: verify_blum(N, CONTEXT, proof)) is Reason.PROOF_SHAPE


def test_one_root_of_a_residue_is_shown_whenever_it_is_asked_for() -> None:
    """Two that are not each other's negative would be the factors."""
    assert prove_blum(KEY, CONTEXT) == BLUM
    for y, u in zip(_residues(N, CONTEXT), BLUM, strict=True):
        v = gmpy2.isqrt(min(u * u * y % N, u * u * -y % N, key=lambda v: not gmpy2.is_square(v)))
        root = v * gmpy2.invert(u, N) % N
        # That root or its negative is a square modulo both primes.
        assert gmpy2.jacobi(root, KEY.p) == gmpy2.jacobi(root, KEY.q)


def test_a_proof_is_short_enough_to_travel_with_every_question() -> None:
    large = key("veilgate_3072")
    assert len(prove_key(large, CONTEXT).encode(large.public_key.n)) == 8 * 384 + 128 * 192


@pytest.mark.parametrize("name", SHAPES)
def test_the_shape_cannot_be_proven_of_three_primes_or_one_that_is_1_modulo_4(name: str) -> None:
    primes = shaped(name)
    n = prod(primes)
    proof, found = best_blum(primes, CONTEXT)
    # At most a half of them have a root: more than 96 of 128 is one case in 10^8.
    assert found <= 96
    assert refused(lambda: verify_blum(n, CONTEXT, proof)) is Reason.PROOF_WRONG


@pytest.mark.parametrize("name", SHAPES)
def test_a_key_of_another_shape_is_no_key_for_a_table_although_its_roots_hold(name: str) -> None:
    primes = shaped(name)
    n = prod(primes)
    roots, true = best_roots(primes, CONTEXT)
    assert true == ROOTS
    forged, _ = best_blum(primes, CONTEXT)
    for blum in (forged, BLUM):
        assert refused(lambda: verify_key(n, CONTEXT, KeyProof(roots, blum), 2048)) in (  # noqa: B023
            Reason.PROOF_WRONG,
            Reason.PROOF_SHAPE,
        )
    assert verify_key(n, CONTEXT, KeyProof(roots, None), 2048).randomness is Randomness.FULL


def test_the_shape_that_was_proven_for_another_context_is_refused() -> None:
    mixed = KeyProof(PROOF.roots, prove_blum(KEY, b"another"))
    assert refused(lambda: verify_key(N, CONTEXT, mixed, 2048)) is Reason.PROOF_WRONG


def test_the_best_forger_is_an_honest_prover_where_the_shape_is_right() -> None:
    good, all_of_them = best_blum((KEY.p, KEY.q), CONTEXT)
    assert all_of_them == RESIDUES
    verify_blum(N, CONTEXT, good)


def test_a_root_modulo_some_of_the_factors_is_none() -> None:
    """A u that the other factor divides would need no root modulo that one."""
    small, m = 65_539, KEY.p
    n = small * m
    v = 1 << 400
    y = next(y for y in range(v * v % m, n, m) if gmpy2.jacobi(y, small) == -1)
    assert gmpy2.is_square(small * small * y % n)
    assert not _has_root(n, y, small)


def test_the_residues_of_a_proof_depend_on_all_that_it_is_about() -> None:
    drawn = [tuple(_residues(*about)) for about in ((N, b"a"), (N, b"b"), (N + 4, b"a"))]
    assert len({y for residues in drawn for y in residues}) == 3 * RESIDUES
    assert len({_residue(n, c, i) for n in (N, N + 2) for c in (b"a", b"") for i in (0, 1)}) == 8


def test_the_residues_of_a_proof_have_the_symbol_that_half_of_all_have() -> None:
    drawn = list(_residues(N, CONTEXT))
    assert {gmpy2.jacobi(y, N) for y in drawn} == {1}
    # Were they squares all, nothing would be shown.
    assert 16 < sum(gmpy2.jacobi(y, KEY.p) == 1 for y in drawn) < 112
