"""Randomisers hide, are n-th residues, and are used once."""

import copy
import os
import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import gmpy2
import pytest

from gateway.crypto.paillier import (
    CiphertextError,
    PublicKey,
    Randomiser,
    RandomiserError,
    RandomiserStock,
    Randomness,
    Reason,
)
from gateway.crypto.paillier.comb import Comb
from gateway.crypto.paillier.fixed_base import FixedBase, hashed_base
from gateway.crypto.paillier.prime_part import PrimePart
from gateway.crypto.paillier.randomness import FullPower, Source
from support.paillier_keys import bad_modulus, key

KEY = key()
PUBLIC = KEY.public_key
N, SQUARE = PUBLIC.n, PUBLIC.n**2
TABLE = FixedBase(N, 256)
COMB = Comb(N, 256)


def symbols(values: list[int]) -> set[int]:
    return {gmpy2.jacobi(value % N, N) for value in values}


@pytest.mark.parametrize("digits", [bytes(32), b"\1" + bytes(31), b"\xff" * 32, bytes(range(32))])
@pytest.mark.parametrize("message", [0, 1, N - 1])
def test_the_table_gives_the_power_that_its_digits_spell(digits: bytes, message: int) -> None:
    base = gmpy2.powmod(hashed_base(N), N, SQUARE)
    power = gmpy2.powmod(base, int.from_bytes(digits, "little"), SQUARE)
    assert TABLE._power(digits, message) == (1 + message * N) * power % SQUARE


@pytest.mark.parametrize(
    ("randomness", "rows"), [(Randomness.HALF, 128), (Randomness.SHORT_EXPONENT_ASSUMPTION, 32)]
)
def test_exponents_have_half_the_length_of_n_or_256_bits(randomness: Randomness, rows: int) -> None:
    source = PublicKey(N, randomness, least_bits=2048)._source
    assert isinstance(source, FixedBase)
    assert len(source._rows) == rows


@pytest.mark.parametrize("digits", [bytes(32), bytes(31) + b"\1", b"\xff" * 32, bytes(range(32))])
def test_the_comb_gives_the_power_that_its_digits_spell(digits: bytes) -> None:
    bits = [
        (digit >> tooth & 1) << place + 32 * tooth
        for place, digit in enumerate(reversed(digits))
        for tooth in range(8)
    ]
    base = gmpy2.powmod(hashed_base(N), N, SQUARE)
    assert COMB._power(digits) == gmpy2.powmod(base, sum(bits), SQUARE)


@pytest.mark.parametrize(
    ("randomness", "bits"), [(Randomness.HALF, 1024), (Randomness.SHORT_EXPONENT_ASSUMPTION, 256)]
)
def test_a_few_encryptions_are_made_with_a_comb_of_the_same_length(
    randomness: Randomness, bits: int
) -> None:
    public = PublicKey(N, randomness, least_bits=2048)
    public.prepare(256)
    few = public._source
    assert isinstance(few, Comb)
    assert few._columns * 8 == bits
    assert KEY.decrypt(public.encrypt(-3)) == -3
    public.prepare(16)
    assert public._source is few


def test_every_digit_of_a_combs_exponent_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def zeros(count: int) -> bytes:
        drawn.append(count)
        return bytes(count)

    monkeypatch.setattr(secrets, "token_bytes", zeros)
    assert COMB.draw() == 1
    assert drawn == [256 // 8]


def test_many_encryptions_are_worth_a_table_which_stays() -> None:
    public = PublicKey(N, Randomness.SHORT_EXPONENT_ASSUMPTION, least_bits=2048)
    public.prepare(1)
    public.prepare(257)
    table = public._source
    assert isinstance(table, FixedBase)
    public.prepare(1)
    assert public._source is table


def test_an_unknown_key_is_randomised_in_full() -> None:
    public = PublicKey(N, least_bits=2048)
    public.prepare(1000)
    assert isinstance(public._source, FullPower)


@pytest.mark.parametrize("source", [TABLE, COMB, FullPower(N)])
def test_what_a_source_draws_hides_its_message_and_nothing_else(source: Source) -> None:
    drawn = [int(source.draw()) for _ in range(20)]
    assert len(set(drawn)) == len(drawn)
    assert {KEY.decrypt(value) for value in drawn} == {0}
    assert KEY.decrypt(int(source.draw(77))) == 77


def test_the_base_is_no_trivial_one() -> None:
    """A base of small order, such as 1, would switch the randomness off."""
    for n in (N, bad_modulus("three_primes"), key("veilgate_3072").public_key.n):
        h = hashed_base(n)
        assert gmpy2.gcd(h, n) == 1
        assert all(pow(h, order, n) != 1 for order in range(1, 50))


def test_a_table_keeps_the_symbol_and_rerandomising_does_not() -> None:
    """48 draws have one symbol by chance with a probability of 2^-47."""
    table = [int(TABLE.draw()) for _ in range(48)]
    assert symbols(table) == {1}
    c = table[0]
    assert symbols([PUBLIC.rerandomise(c) for _ in range(48)]) == {1, -1}
    assert symbols([KEY.rerandomise(c) for _ in range(48)]) == {1, -1}
    assert symbols([KEY.encrypt(5) for _ in range(48)]) == {1, -1}


def test_rerandomising_keeps_the_plaintext_only() -> None:
    c = PUBLIC.encrypt(-9)
    others = [PUBLIC.rerandomise(c), PUBLIC.rerandomise(c), KEY.rerandomise(c)]
    assert len({c, *others}) == 4
    assert {KEY.decrypt(other) for other in others} == {-9}


def test_a_holders_randomisers_are_all_n_th_residues() -> None:
    """Over small primes, to the last one and evenly."""
    p, q = 23, 31
    drawn = Counter(int(PrimePart(p, q).uniform_residue()) for _ in range(4400))
    residues = {pow(r, p * q, p * p) for r in range(1, p * p) if r % p}
    assert set(drawn) == residues
    # 200 are expected of each: 5 standard deviations are 71.
    assert all(120 < count < 280 for count in drawn.values())


def test_a_randomiser_is_used_once_and_by_its_key() -> None:
    first = next(PUBLIC.randomisers(1))
    other = PublicKey(key("pheutil_2048").public_key.n, least_bits=2048)
    with pytest.raises(RandomiserError) as refused:
        other.encrypt_with(first, 1)
    assert refused.value.reason is Reason.OTHER_KEY
    c = PUBLIC.encrypt_with(first, -1)
    assert KEY.decrypt(c) == -1
    for again in (PUBLIC.encrypt_with, PUBLIC.encrypt_raw_with):
        with pytest.raises(RandomiserError) as refused:
            again(first, 1)
        assert refused.value.reason is Reason.RANDOMISER_SPENT


def test_randomisers_and_stocks_are_not_copied() -> None:
    for thing in (next(PUBLIC.randomisers(1)), RandomiserStock(N)):
        for copier in (copy.copy, copy.deepcopy):
            with pytest.raises(TypeError):
                copier(thing)


def test_a_stock_gives_each_randomiser_once() -> None:
    stock = RandomiserStock(N, capacity=3)
    assert (len(stock), stock.wanted) == (0, 3)
    stock.fill(KEY.randomisers(3))
    assert (len(stock), stock.wanted) == (3, 0)
    ciphertexts = {PUBLIC.encrypt_with(stock.take(), 4) for _ in range(3)}
    assert len(ciphertexts) == 3
    assert {KEY.decrypt(c) for c in ciphertexts} == {4}
    with pytest.raises(RandomiserError) as refused:
        stock.take()
    assert refused.value.reason is Reason.STOCK_EMPTY


def test_a_stock_remembers_what_it_gave_out() -> None:
    stock = RandomiserStock(N)
    value = int(TABLE.draw())
    stock.fill([value])
    stock.take()
    for again in (value, Randomiser(N, gmpy2.mpz(value))):
        with pytest.raises(RandomiserError) as refused:
            stock.fill([again])
        assert refused.value.reason is Reason.RANDOMISER_SPENT
    assert len(stock) == 0


def test_a_stock_refuses_spent_and_foreign_randomisers_and_rubbish() -> None:
    stock = RandomiserStock(N)
    spent = next(PUBLIC.randomisers(1))
    spent.spend(N)
    with pytest.raises(RandomiserError) as refused:
        stock.fill([spent])
    assert refused.value.reason is Reason.RANDOMISER_SPENT
    with pytest.raises(RandomiserError) as refused:
        stock.fill([Randomiser(N + 2, gmpy2.mpz(5))])
    assert refused.value.reason is Reason.OTHER_KEY
    for rubbish in (0, N, SQUARE, -1, KEY.p):
        with pytest.raises(CiphertextError):
            stock.fill([rubbish])
    assert len(stock) == 0


def test_a_stock_has_a_capacity_and_a_life() -> None:
    stock = RandomiserStock(N, capacity=2, life=3)
    with pytest.raises(RandomiserError) as refused:
        stock.fill(TABLE.draw() for _ in range(3))
    assert refused.value.reason is Reason.STOCK_FULL
    stock.take()
    assert stock.wanted == 1
    stock.fill([TABLE.draw()])
    stock.take()
    assert stock.wanted == 0
    with pytest.raises(RandomiserError) as refused:
        stock.fill([TABLE.draw()])
    assert refused.value.reason is Reason.STOCK_WORN


def test_a_forked_randomiser_is_for_the_process_that_made_it() -> None:
    stock = RandomiserStock(N)
    stock.fill(TABLE.draw() for _ in range(2))
    child = os.fork()
    if child == 0:
        try:
            stock.take().spend(N)
        except RandomiserError as error:
            os._exit(7 if error.reason is Reason.OTHER_PROCESS else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert stock.take().spend(N)


def test_threads_never_get_the_same_one() -> None:
    stock = RandomiserStock(N)
    values = [int(TABLE.draw()) for _ in range(400)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda value: stock.fill([value]), values))
        taken = list(pool.map(lambda _: int(stock.take().spend(N)), range(400)))
    assert sorted(taken) == sorted(values)
    single = [Randomiser(N, gmpy2.mpz(value)) for value in values[:100]]

    def spend(randomiser: Randomiser) -> int:
        try:
            return int(randomiser.spend(N) > 0)
        except RandomiserError:
            return 0

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(spend, single * 8)) == 100
