"""Proofs of keys: honest ones verify, and no other: not for another key, context or number.

The forger knows the factors and does the best that there is: it takes the roots that exist.
"""

from collections.abc import Callable
from dataclasses import replace
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
    RESIDUES,
    BlumProof,
    _residues,
    _twisted,
    prove_blum,
    verify_blum,
)
from gateway.crypto.paillier.hashing import hashed_residue
from gateway.crypto.paillier.modulus import require_modulus
from gateway.crypto.paillier.root_proof import ROOTS, _residue, prove_roots, verify_roots
from support.paillier_keys import bad_modulus, bad_primes, key

KEY, N = key(), key().public_key.n
CONTEXT = b"lender-1|aggregates|7f3a"
PROOF = prove_key(KEY, CONTEXT)
assert PROOF.blum is not None
BLUM: BlumProof = PROOF.blum


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


@pytest.mark.parametrize("place", [0, 1, 63, 126, 127])
def test_every_fourth_root_counts(place: int) -> None:
    def changed(values: tuple[int, ...], value: int) -> tuple[int, ...]:
        return (*values[:place], value, *values[place + 1 :])

    for proof in (
        replace(BLUM, roots=changed(BLUM.roots, BLUM.roots[place] ^ 1)),
        replace(BLUM, twists=changed(BLUM.twists, BLUM.twists[place] ^ 1)),
        replace(BLUM, twists=changed(BLUM.twists, BLUM.twists[place] ^ 2)),
    ):
        assert refused(lambda: verify_blum(N, CONTEXT, proof)) is Reason.PROOF_WRONG  # noqa: B023


def test_fourth_roots_of_another_shape_are_refused() -> None:
    for proof in (
        replace(BLUM, roots=BLUM.roots[1:]),
        replace(BLUM, twists=BLUM.twists[1:]),
        replace(BLUM, roots=(BLUM.roots[0] + N, *BLUM.roots[1:])),
        replace(BLUM, roots=(0, *BLUM.roots[1:])),
        replace(BLUM, w=BLUM.w + N),
        replace(BLUM, w=0),
        replace(BLUM, twists=(4, *BLUM.twists[1:])),
        replace(BLUM, twists=(-1, *BLUM.twists[1:])),
    ):
        assert refused(lambda: verify_blum(N, CONTEXT, proof)) is Reason.PROOF_SHAPE  # noqa: B023
    assert refused(lambda: verify_blum(N, CONTEXT, replace(BLUM, w=4))) is Reason.PROOF_WRONG


@pytest.mark.parametrize("proof", [PROOF, KeyProof(PROOF.roots, None)])
def test_a_proof_travels_as_bytes(proof: KeyProof) -> None:
    encoded = proof.encode(N)
    assert KeyProof.decode(N, encoded) == proof
    for wrong in (encoded[:-1], encoded + b"\0", b"", encoded * 2):
        assert refused(lambda: KeyProof.decode(N, wrong)) is Reason.PROOF_SHAPE  # noqa: B023


def best_roots(primes: tuple[int, ...], context: bytes) -> tuple[tuple[int, ...], int]:
    """The roots that exist, modulo each prime, and how many of them are true n-th roots."""
    n = prod(primes)
    roots = []
    for place in range(ROOTS):
        root, modulus = 0, 1
        for p in primes:
            exponent = gmpy2.invert(n // gmpy2.gcd(n, p - 1), p - 1)
            part = int(gmpy2.powmod(_residue(n, context, place), exponent, p))
            root += modulus * (part - root) * int(gmpy2.invert(modulus, p)) % (modulus * p)
            modulus *= p
        roots.append(root % n or 1)
    true = sum(gmpy2.powmod(root, n, n) == _residue(n, context, i) for i, root in enumerate(roots))
    return tuple(roots), true


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


def _fourth_root(value: int, p: int) -> int | None:
    """A fourth root modulo p, where p is 3 modulo 4 or 5 modulo 8, and if there is one."""
    if value % p == 0:
        return 0
    if gmpy2.jacobi(value, p) != 1:
        return None
    exponent = gmpy2.invert(4, (p - 1) // 4) if p % 8 == 5 else ((p + 1) // 4) ** 2
    root = gmpy2.powmod(value, exponent % (p - 1), p)
    return int(root) if gmpy2.powmod(root, 4, p) == value % p else None


def _root_of(value: int, primes: tuple[int, ...]) -> int | None:
    root, modulus = 0, 1
    for p in primes:
        part = _fourth_root(value, p)
        if part is None:
            return None
        root += modulus * ((part - root) * int(gmpy2.invert(modulus, p)) % p)
        modulus *= p
    return root


def best_blum(
    primes: tuple[int, ...], w: int = 0, context: bytes = CONTEXT
) -> tuple[BlumProof, int]:
    """Fourth roots where they exist, and how many there are of the 128."""
    n = prod(primes)
    w = w or next(w for w in range(2, 1000) if gmpy2.jacobi(w, n) == -1)
    found = []
    for y in _residues(n, w, context):
        rooted = ((_root_of(_twisted(n, w, y, twist), primes), twist) for twist in range(4))
        found.append(next(((root, twist) for root, twist in rooted if root), (1, 0)))
    proof = BlumProof(w, tuple(root for root, _ in found), tuple(twist for _, twist in found))
    return proof, sum(root != 1 for root, _ in found)


def test_the_shape_cannot_be_proven_of_three_primes_or_one_that_is_1_modulo_4() -> None:
    good, all_of_them = best_blum((KEY.p, KEY.q))
    assert all_of_them == RESIDUES
    verify_blum(N, CONTEXT, good)
    for name in ("three_primes", "a_prime_1_modulo_4"):
        proof, found = best_blum(bad_primes(name))
        # At most a half of them have a root: more than 96 of 128 is one case in 10^8.
        assert found <= 96
        assert refused(lambda: verify_blum(bad_modulus(name), CONTEXT, proof)) is Reason.PROOF_WRONG  # noqa: B023


def test_a_w_that_shares_factors_with_the_modulus_is_refused() -> None:
    """With w = p1 p2 one of w y and -w y has a fourth root modulo three primes, always."""
    *others, p = bad_primes("three_primes")
    n, w = bad_modulus("three_primes"), prod(others)
    roots, twists = [], []
    for y in _residues(n, w, CONTEXT):
        twist = 2 if gmpy2.jacobi(w * y, p) == 1 else 3
        part = _fourth_root(_twisted(n, w, y, twist), p)
        assert part is not None
        roots.append(w * (part * int(gmpy2.invert(w, p)) % p))
        twists.append(twist)
        assert pow(roots[-1], 4, n) == _twisted(n, w, y, twist)
    forged = BlumProof(w, tuple(roots), tuple(twists))
    assert refused(lambda: verify_blum(n, CONTEXT, forged)) is Reason.PROOF_WRONG


def test_the_residues_of_a_proof_depend_on_all_that_it_is_about() -> None:
    drawn = [tuple(_residues(*about)) for about in ((N, 2, b"a"), (N, 3, b"a"), (N, 2, b"b"))]
    drawn.append(tuple(_residues(N + 2, 2, b"a")))
    assert len({y for residues in drawn for y in residues}) == 4 * RESIDUES
    assert len({_residue(n, c, i) for n in (N, N + 2) for c in (b"a", b"") for i in (0, 1)}) == 8


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


def test_neither_has_the_proof_of_the_shape_such_residues() -> None:
    primes = (_ODD_PRIME, KEY.p)
    n = prod(primes)
    w = next(w for w in range(2, 1000) if gmpy2.jacobi(w, n) == -1)
    contexts = (b"%d" % attempt for attempt in range(10**5))
    context = next(c for c in contexts if any(y % _ODD_PRIME == 0 for y in _residues(n, w, c)))
    proof, found = best_blum(primes, w, context)
    assert found == RESIDUES
    assert refused(lambda: verify_blum(n, context, proof)) is Reason.PROOF_WRONG
