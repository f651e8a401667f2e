"""What exponential ElGamal costs beside Paillier (phe) and Okamoto-Uchiyama (sf-heu) at 3072 bits.

One core. Ours and the peers' take turns within each round; a figure is the median of the rounds,
its ratio the median of the rounds' ratios. "encrypt" is of zeros and ones with tables built
beforehand, "few" without tables, "masked" of numbers as long as the curve's order, "stock" what is
left to do when randomisers have been made ahead. "add" is a sum over 20,000 ciphertexts in memory;
the peers add one after the other. "decrypt" reads a count below a million. sf-heu is an optional
extra, pinned aside: without it its two figures are left out, and how to install it is printed.
"""

import importlib
import importlib.util
import random
import time
from collections.abc import Callable
from statistics import median

import phe
from phe.util import HAVE_GMP

from bench.figures import Figure
from gateway.crypto.elgamal import PublicKey, SecretKey, sum_many
from gateway.crypto.elgamal.or_proof import BitStatement
from gateway.crypto.elgamal.stock import RandomiserStock

ROUNDS = 9
KEY_BITS = 3072
LABELS = [place & 1 for place in range(2_000)]
ADDED = 20_000
_NO_GOAL = "printed"
_INSTALL = (
    "without sf-heu: .venv/bin/python -m pip install --require-hashes -r tests/bench/peers.lock"
)

Timed = tuple[Callable[[], object], int]
"""What to call, and how many operations a call is."""


def measure() -> list[Figure]:
    """Measure all; some 30 s.

    Raises:
        RuntimeError: phe would run without gmpy2.
    """
    if not HAVE_GMP:
        raise RuntimeError("phe runs without gmpy2: the ratios would mean nothing")
    secret = SecretKey.generate()
    key = secret.public_key()
    key.prepare()
    theirs, private = phe.generate_paillier_keypair(n_length=KEY_BITS)
    return [
        *_encryptions(secret, theirs),
        *_additions(key, theirs),
        _decryption(secret, theirs, private),
        *_bit_proofs(key),
        *_beside_heu(key),
    ]


def _encryptions(secret: SecretKey, theirs: phe.PaillierPublicKey) -> list[Figure]:
    tabled, few = secret.public_key(), secret.public_key()
    tabled.prepare()
    stock = RandomiserStock(tabled)
    stocked: Timed = (lambda: stock.encrypt_many(LABELS), len(LABELS))
    stock.prepare(ROUNDS * len(LABELS))
    masked = [random.randrange(2**255) for _ in range(1_000)]
    peer: Timed = (lambda: theirs.encrypt(1), 1)
    return [
        _compared("encrypt_vs_phe", _many(tabled, LABELS), peer, ">= 500"),
        _compared("encrypt_few_vs_phe", _many(few, LABELS[:200]), peer, _NO_GOAL),
        _compared("encrypt_masked_vs_phe", _many(tabled, masked), peer, _NO_GOAL),
        _compared("encrypt_stock_vs_phe", stocked, peer, _NO_GOAL),
    ]


def _additions(key: PublicKey, theirs: phe.PaillierPublicKey) -> list[Figure]:
    ciphertexts = key.encrypt_many(LABELS) * (ADDED // len(LABELS))
    numbers = [theirs.encrypt(1)] * 2_000
    peer: Timed = (lambda: sum(numbers[1:], numbers[0]), len(numbers))
    return [_compared("add_vs_phe", (lambda: sum_many(ciphertexts), ADDED), peer, ">= 20")]


def _decryption(
    secret: SecretKey, theirs: phe.PaillierPublicKey, private: phe.PaillierPrivateKey
) -> Figure:
    ours, number = secret.public_key().encrypt(123_456), theirs.encrypt(123_456)
    secret.decrypt(ours, 0, 1_000_000)
    peer: Timed = (lambda: private.decrypt(number), 1)
    mine: Timed = (lambda: [secret.decrypt(ours, 0, 1_000_000) for _ in range(100)], 100)
    return _compared("decrypt_vs_phe", mine, peer, _NO_GOAL)


def _bit_proofs(key: PublicKey) -> list[Figure]:
    """Proofs beside plain encryption: what it costs to show that a label is 0 or 1."""
    statement = BitStatement(key, b"bench")
    labels = LABELS[:200]
    rows = statement.encrypt_bits(labels)
    plain = _many(key, labels)
    proved: Timed = (lambda: statement.encrypt_bits(labels), len(labels))
    verified: Timed = (lambda: statement.verify_all(rows), len(labels))
    return [
        _compared("prove_bit_vs_encrypt", proved, plain, _NO_GOAL),
        _compared("verify_bit_vs_encrypt", verified, plain, _NO_GOAL),
    ]


def _beside_heu(key: PublicKey) -> list[Figure]:
    if importlib.util.find_spec("heu") is None:
        print(_INSTALL)
        return []
    heu = importlib.import_module("heu.phe")
    kit = heu.setup(heu.SchemaType.OU, KEY_BITS)
    encryptor, evaluator = kit.encryptor(), kit.evaluator()
    ones = [encryptor.encrypt_raw(1) for _ in range(2_000)]
    ciphertexts = key.encrypt_many(LABELS) * (ADDED // len(LABELS))

    def encrypt() -> object:
        return [encryptor.encrypt_raw(1) for _ in range(500)]

    def add() -> object:
        total = encryptor.encrypt_raw(0)
        for one in ones:
            evaluator.add_inplace(total, one)
        return total

    mine: Timed = (lambda: sum_many(ciphertexts), ADDED)
    return [
        _compared("encrypt_vs_heu_ou", _many(key, LABELS), (encrypt, 500), "> 1"),
        _compared("add_vs_heu_ou", mine, (add, len(ones)), ">= 5"),
    ]


def _many(key: PublicKey, numbers: list[int]) -> Timed:
    return lambda: key.encrypt_many(numbers), len(numbers)


def _compared(name: str, ours: Timed, peer: Timed, goal: str) -> Figure:
    """Operations a second, ours and the peer's in turns."""
    rounds = [(_rate(*ours), _rate(*peer)) for _ in range(ROUNDS)]
    own, other = (median(rates) for rates in zip(*rounds, strict=True))
    ratio = median(mine / theirs for mine, theirs in rounds)
    return Figure(f"elgamal.{name}", own, other, ratio, "a second", goal)


def _rate(call: Callable[[], object], operations: int) -> float:
    begun = time.perf_counter()
    call()
    return operations / (time.perf_counter() - begun)


if __name__ == "__main__":
    for figure in measure():
        print(figure.line())
