"""What Paillier at 3072 bits costs beside python-paillier with gmpy2, on one core.

Ours and phe's take turns within each round on one and the same key; a figure is the median of the
rounds. "encrypt" is a ciphertext by the table for half-length exponents, built beforehand; "packed"
counts the values in it (|value| <= 2^31, noise of sigma 1,000, 10 contributors); "background" is
what is left to do when a randomiser has been made ahead; "decrypt" opens 64-bit values under their
bound, "decrypt_full" any residue. Our private powers are constant in time, phe's are not. "few" is
by the table that is built at once, which agents use for a question.
"""

import time
from collections.abc import Callable
from statistics import median

import gmpy2
import phe
from phe.util import HAVE_GMP

from bench.figures import Figure
from gateway.crypto.paillier import Packing, PrivateKey, PublicKey, Randomness, generate_key

ROUNDS = 9
PEER_OPERATIONS = 4
VALUE = 1_234_567_890_123_456_789
BOUND = 1 << 64
_NO_GOAL = "printed"


def measure() -> list[Figure]:
    """Measure all; some 25 s."""
    if not HAVE_GMP:
        raise RuntimeError("phe runs without gmpy2: the ratios would mean nothing")
    key = generate_key()
    theirs = phe.PaillierPublicKey(key.public_key.n)
    private = phe.PaillierPrivateKey(theirs, key.p, key.q)
    return [*_encryptions(key, theirs), *_decryptions(key, theirs, private), _sums(key, theirs)]


def _encryptions(key: PrivateKey, theirs: phe.PaillierPublicKey) -> list[Figure]:
    public = key.public_key
    short = PublicKey(public.n, Randomness.SHORT_EXPONENT_ASSUMPTION)
    few = PublicKey(public.n, Randomness.HALF)
    few.prepare(1)
    packing = Packing.with_noise(public.n.bit_length(), 10, (-(2**31), 2**31), 1000.0)
    values = [2**31 - place for place in range(packing.slots)]
    waiting = list(public.randomisers(ROUNDS * 200))

    def peer() -> object:
        return theirs.encrypt(VALUE)

    def packed() -> object:
        return public.encrypt_raw(packing.pack(values)[0])

    def background() -> object:
        return public.encrypt_with(waiting.pop(), VALUE)

    return [
        _compared("encrypt_vs_phe", (lambda: public.encrypt(VALUE), 40), peer, ">= 15"),
        _compared("packed_value_vs_phe", (packed, 40), peer, ">= 500", packing.slots),
        _compared("background_vs_phe", (background, 200), peer, ">= 1000"),
        _compared("encrypt_256_bits_vs_phe", (lambda: short.encrypt(VALUE), 200), peer, _NO_GOAL),
        _compared("encrypt_few_vs_phe", (lambda: few.encrypt(VALUE), 8), peer, _NO_GOAL),
        _compared("encrypt_by_holder_vs_phe", (lambda: key.encrypt(VALUE), 8), peer, _NO_GOAL),
    ]


def _decryptions(
    key: PrivateKey, theirs: phe.PaillierPublicKey, private: phe.PaillierPrivateKey
) -> list[Figure]:
    c = key.public_key.encrypt(VALUE)
    number = phe.EncryptedNumber(theirs, c, 0)

    def peer() -> object:
        return private.decrypt(number)

    return [
        _compared("decrypt_vs_phe", (lambda: key.decrypt(c, BOUND), 8), peer, ">= 1"),
        _compared("decrypt_full_vs_phe", (lambda: key.decrypt(c), 8), peer, ">= 1"),
    ]


def _sums(key: PrivateKey, theirs: phe.PaillierPublicKey) -> Figure:
    ours = [key.public_key.encrypt(VALUE) for _ in range(100)]
    numbers = [phe.EncryptedNumber(theirs, c, 0) for c in ours]

    def total() -> object:
        return key.public_key.total(ours, BOUND)

    def peer() -> object:
        return sum(numbers[1:], numbers[0])

    return _compared("add_vs_phe", (total, 10), peer, _NO_GOAL, len(ours), len(ours))


def _compared(
    name: str,
    ours: tuple[Callable[[], object], int],
    peer: Callable[[], object],
    goal: str,
    ours_counts: int = 1,
    peer_counts: int = 1,
) -> Figure:
    """Operations a second: ours (what to call, how often a round) and the peer's, in turns."""
    call, operations = ours
    rounds = [
        (_rate(call, operations) * ours_counts, _rate(peer, PEER_OPERATIONS) * peer_counts)
        for _ in range(ROUNDS)
    ]
    own, other = (median(rates) for rates in zip(*rounds, strict=True))
    ratio = median(own / other for own, other in rounds)
    return Figure(f"paillier.{name}", own, other, ratio, "a second", goal)


def _rate(call: Callable[[], object], operations: int) -> float:
    begun = time.perf_counter()
    for _ in range(operations):
        call()
    return operations / (time.perf_counter() - begun)


if __name__ == "__main__":
    print(f"gmpy2 {gmpy2.version()}, {gmpy2.mp_version()}, phe {phe.__about__.__version__}")
    for figure in measure():
        print(figure.line())
