"""Proofs of keys: honest ones verify, and no other: not for another key, context or number.

The forger knows the factors and does the best that there is: it takes the roots that exist.
"""

from collections.abc import Callable
from math import prod

import gmpy2
import pytest

from gateway.crypto.paillier import (
    KeyProof,
    PaillierKeyError,
    ProofError,
    Randomness,
    Reason,
    prove_key,
    verify_key,
)
from gateway.crypto.paillier.blum_proof import (
    prove_blum,
    verify_blum,
)
from gateway.crypto.paillier.hashing import hashed_residue
from gateway.crypto.paillier.modulus import require_modulus
from gateway.crypto.paillier.root_proof import ROOTS, _residue, prove_roots, verify_roots
from support.paillier_forger import best_roots
from support.paillier_keys import bad_primes, key

KEY, N = key(), key().public_key.n
CONTEXT = b"lender-1|aggregates|7f3a"
PROOF = prove_key(KEY, CONTEXT)
assert PROOF.blum is not None
BLUM: tuple[int, ...] = PROOF.blum


def refused(call: Callable[[], object]) -> Reason:
    with pytest.raises(ProofError) as caught:
        call()
    return caught.value.reason


def test_an_honest_proof_gives_the_key_and_its_table() -> None:
    public = verify_key(N, CONTEXT, PROOF, 2048)
    assert public == KEY.public_key
    assert public.randomness is Randomness.HALF
    assert KEY.decrypt(public.encrypt(-3)) == -3


def test_without_the_shape_of_the_primes_there_is_no_table() -> None:
    other = key("pheutil_2048")
    proof = prove_key(other, CONTEXT)
    assert proof.blum is None
    assert verify_key(other.public_key.n, CONTEXT, proof, 2048).randomness is Randomness.FULL
    assert refused(lambda: prove_blum(other, CONTEXT)) is Reason.PROOF_WRONG
    bare = KeyProof(PROOF.roots, None)
    assert verify_key(N, CONTEXT, bare, 2048).randomness is Randomness.FULL


@pytest.mark.parametrize("context", [b"", CONTEXT + b"\0", b"lender-2|aggregates|7f3a"])
def test_a_proof_is_for_one_context(context: bytes) -> None:
    assert refused(lambda: verify_roots(N, context, PROOF.roots)) is Reason.PROOF_WRONG
    assert refused(lambda: verify_blum(N, context, BLUM)) is Reason.PROOF_WRONG
    assert refused(lambda: verify_key(N, context, PROOF, 2048)) is Reason.PROOF_WRONG


def test_a_proof_is_for_one_key() -> None:
    other = key("pheutil_2048").public_key.n
    with pytest.raises(ProofError):
        verify_key(other, CONTEXT, PROOF, 2048)


def test_a_short_modulus_is_refused_whatever_the_proof() -> None:
    with pytest.raises(PaillierKeyError) as caught:
        verify_key(N, CONTEXT, PROOF)
    assert caught.value.reason is Reason.MODULUS_LENGTH


def test_hashed_residues_tell_their_parts_apart() -> None:
    lists: tuple[list[bytes], ...] = (
        [],
        [b""],
        [b"", b""],
        [b"ab"],
        [b"a", b"b"],
        [b"b", b"a"],
        [b"ab", b""],
    )
    assert len({hashed_residue(N, *parts) for parts in lists}) == len(lists)
    assert hashed_residue(N, b"ab") != hashed_residue(N + 2, b"ab")


@pytest.mark.parametrize("place", range(ROOTS))
def test_every_root_counts(place: int) -> None:
    for wrong in (PROOF.roots[place] ^ 1, N - PROOF.roots[place], PROOF.roots[place - 1]):
        roots = (*PROOF.roots[:place], wrong, *PROOF.roots[place + 1 :])
        assert refused(lambda: verify_roots(N, CONTEXT, roots)) is Reason.PROOF_WRONG  # noqa: B023


@pytest.mark.parametrize(
    "change",
    [
        lambda roots: roots[:-1],
        lambda roots: (*roots, roots[0]),
        lambda roots: (),
        lambda roots: (roots[0] + N, *roots[1:]),
        lambda roots: (-roots[0], *roots[1:]),
        lambda roots: (0, *roots[1:]),
        lambda roots: (float(1), *roots[1:]),
        lambda roots: (gmpy2.mpz(roots[0]), *roots[1:]),
    ],
)
def test_roots_of_another_shape_are_refused(
    change: Callable[[tuple[int, ...]], tuple[int, ...]],
) -> None:
    assert refused(lambda: verify_roots(N, CONTEXT, change(PROOF.roots))) is Reason.PROOF_SHAPE


@pytest.mark.parametrize("proof", [PROOF, KeyProof(PROOF.roots, None)])
def test_a_proof_travels_as_bytes(proof: KeyProof) -> None:
    encoded = proof.encode(N)
    assert KeyProof.decode(N, encoded) == proof
    for wrong in (encoded[:-1], encoded + b"\0", b"", encoded * 2):
        assert refused(lambda: KeyProof.decode(N, wrong)) is Reason.PROOF_SHAPE  # noqa: B023


def test_the_forger_is_an_honest_prover_where_the_modulus_is_good() -> None:
    roots, true = best_roots((KEY.p, KEY.q), CONTEXT)
    assert true == ROOTS
    assert roots == prove_roots(KEY, CONTEXT)
    verify_roots(N, CONTEXT, roots)


def test_a_proof_does_not_help_a_modulus_that_is_easily_factored() -> None:
    primes = bad_primes("smooth_less_one")
    roots, true = best_roots(primes, CONTEXT)
    assert true == ROOTS
    with pytest.raises(PaillierKeyError) as caught:
        verify_key(prod(primes), CONTEXT, KeyProof(roots, None), 2048)
    assert caught.value.reason is Reason.MODULUS_SMOOTH


def test_no_roots_where_a_prime_divides_the_other_less_one() -> None:
    primes = bad_primes("one_divides_the_other_less_one")
    require_modulus(prod(primes), 2048)
    for context in (b"one", b"another"):
        roots, true = best_roots(primes, context)
        assert true < ROOTS
        assert refused(lambda: verify_roots(prod(primes), context, roots)) is Reason.PROOF_WRONG  # noqa: B023


_ODD_PRIME = 65_539
"""Above the bound of `require_modulus`, and small enough to meet a multiple of it."""


def test_a_hashed_residue_that_shares_a_factor_with_the_modulus_is_refused() -> None:
    """It has a root, but so it would if the modulus were not of the kind that is proven."""
    primes = (_ODD_PRIME, KEY.p)
    n = prod(primes)
    contexts = (b"%d" % attempt for attempt in range(10**6))
    context = next(c for c in contexts if _residue(n, c, 0) % _ODD_PRIME == 0)
    roots, true = best_roots(primes, context)
    assert true == ROOTS
    assert refused(lambda: verify_roots(n, context, roots)) is Reason.PROOF_WRONG
