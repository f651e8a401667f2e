"""Proofs that a ciphertext holds 0 or 1: what they bind, and every way to forge one."""

from dataclasses import replace

import pytest

from gateway.crypto.elgamal import Ciphertext, ElGamalError, Refusal, SecretKey, curve
from gateway.crypto.elgamal.curve import ORDER
from gateway.crypto.elgamal.or_proof import PROOF_SIZE, BitStatement

SECRET = SecretKey(2**250 + 11)
KEY = SECRET.public_key()
STATEMENT = BitStatement(KEY, b"job 1")
ROWS = STATEMENT.encrypt_bits([0, 1])


def refused(statement: BitStatement, ciphertext: Ciphertext, row: int, proof: bytes) -> Refusal:
    with pytest.raises(ElGamalError) as caught:
        statement.verify(ciphertext, row, proof)
    return caught.value.reason


def test_bits_are_proved_and_read_back() -> None:
    bits = [1, 0, 0, 1, 1]
    rows = STATEMENT.encrypt_bits(bits)
    STATEMENT.verify_all(rows)
    assert SECRET.decrypt_many([one for one, _ in rows], 0, 1) == bits
    assert {len(proof) for _, proof in rows} == {PROOF_SIZE}


def test_tables_change_no_verdict() -> None:
    key = SECRET.public_key()
    key.prepare()
    tabled = BitStatement(key, b"job 1")
    tabled.verify_all(ROWS)
    STATEMENT.verify_all(tabled.encrypt_bits([1, 0]))


@pytest.mark.parametrize("row", [0, 1])
def test_a_proof_fits_its_row_job_key_and_ciphertext_only(row: int) -> None:
    ciphertext, proof = ROWS[row]
    STATEMENT.verify(ciphertext, row, proof)
    other_key = BitStatement(SecretKey(3).public_key(), b"job 1")
    assert refused(STATEMENT, ciphertext, 1 - row, proof) == Refusal.PROOF_FAILED
    assert refused(replace(STATEMENT, job=b"job 2"), ciphertext, row, proof) == Refusal.PROOF_FAILED
    assert refused(other_key, ciphertext, row, proof) == Refusal.PROOF_FAILED
    assert refused(STATEMENT, KEY.rerandomise(ciphertext), row, proof) == Refusal.PROOF_FAILED
    assert refused(STATEMENT, ROWS[1 - row][0], row, proof) == Refusal.PROOF_FAILED


@pytest.mark.parametrize("row", [0, 1])
def test_every_bit_of_a_proof_counts(row: int) -> None:
    ciphertext, proof = ROWS[row]
    for bit in range(8 * PROOF_SIZE):
        forged = bytearray(proof)
        forged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ElGamalError):
            STATEMENT.verify(ciphertext, row, bytes(forged))


@pytest.mark.parametrize("m", [2, -1, 1 << 40, ORDER - 2])
def test_the_honest_prover_cannot_prove_another_number(m: int) -> None:
    """Played through: a label of 2 or -1, proved by the code itself as if it were a bit."""
    with pytest.raises(ElGamalError) as caught:
        STATEMENT.encrypt_bits([m])
    assert caught.value.reason == Refusal.NOT_A_BIT
    for claimed in (0, 1):
        ciphertext = KEY.encrypt_with(m, 77)
        forged = STATEMENT.prove(ciphertext, claimed, 77, 0)
        assert refused(STATEMENT, ciphertext, 0, forged) == Refusal.PROOF_FAILED


def root(square: int) -> int | None:
    """A square root modulo the order, by Tonelli and Shanks."""
    if pow(square, (ORDER - 1) // 2, ORDER) != 1:
        return None
    odd, twos = (ORDER - 1) >> 6, 6
    power = pow(next(n for n in range(2, 99) if pow(n, (ORDER - 1) // 2, ORDER) > 1), odd, ORDER)
    found, left = pow(square, (odd + 1) // 2, ORDER), pow(square, odd, ORDER)
    while left != 1:
        order, squared = 0, left
        while squared != 1:
            order, squared = order + 1, squared**2 % ORDER
        factor = pow(power, 1 << (twos - order - 1), ORDER)
        twos, power = order, factor**2 % ORDER
        found, left = found * factor % ORDER, left * power % ORDER
    return found


def test_a_number_chosen_after_the_challenge_cannot_be_proved() -> None:
    """Played through: commitments first, then the ciphertext that fits their challenge.

    With commitments (a0 G, b0 G + a0 P, a1 G, b1 G + a1 P) a ciphertext of m is proved by the
    challenges -b0 / m and -b1 / (m - 1). If the challenge were of the commitments alone, m would be
    a root of c m^2 + (b0 + b1 - c) m - b0: a label of some 250 bits, and a proof that it is a bit.
    """
    placeholder, k, tried = ROWS[0][0], 4711, 0
    for a0 in range(1, 40):
        a1, b0, b1 = 5, 7, 11
        first, second = curve.multiply(KEY.point, a0), curve.multiply(KEY.point, a1)
        held = (curve.base(a0), curve.add(curve.base(b0), first))
        other = (curve.base(a1), curve.add(curve.base(b1), second))
        c = STATEMENT._challenge(placeholder, 0, (*held, *other))
        discriminant = root(((b0 + b1 - c) ** 2 + 4 * c * b0) % ORDER)
        if discriminant is None:
            continue
        tried += 1
        m = (c - b0 - b1 + discriminant) * pow(2 * c, -1, ORDER) % ORDER
        c0, c1 = -b0 * pow(m, -1, ORDER) % ORDER, -b1 * pow(m - 1, -1, ORDER) % ORDER
        assert (c0 + c1 - c) % ORDER == 0
        answers = (c0, c1, (a0 + c0 * k) % ORDER, (a1 + c1 * k) % ORDER)
        forged = b"".join(value.to_bytes(32, "big") for value in answers)
        assert refused(STATEMENT, KEY.encrypt_with(m, k), 0, forged) == Refusal.PROOF_FAILED
    assert tried > 5


def test_adding_to_a_proved_ciphertext_breaks_its_proof() -> None:
    ciphertext, proof = ROWS[1]
    doubled = Ciphertext(ciphertext.c1, curve.add(ciphertext.c2, curve.base(1)))
    assert refused(STATEMENT, doubled, 1, proof) == Refusal.PROOF_FAILED


def test_malformed_proofs_are_refused_by_their_reason() -> None:
    ciphertext, proof = ROWS[0]
    for bad in (b"", proof[:-1], proof + b"\0"):
        assert refused(STATEMENT, ciphertext, 0, bad) == Refusal.WRONG_LENGTH
    for at in range(0, PROOF_SIZE, 32):
        old = int.from_bytes(proof[at : at + 32], "big")
        # The same scalar plus the order would be a second encoding of the same proof.
        for value in (0, ORDER, *([old + ORDER] if old + ORDER < 2**256 else [])):
            bad = proof[:at] + value.to_bytes(32, "big") + proof[at + 32 :]
            assert refused(STATEMENT, ciphertext, 0, bad) == Refusal.SCALAR_OUT_OF_RANGE


def test_ciphertexts_that_lead_to_infinity_are_refused() -> None:
    proof = ROWS[0][1]
    generator = curve.base(1)
    assert refused(STATEMENT, Ciphertext(generator, generator), 0, proof) == Refusal.PROOF_FAILED
    z0 = int.from_bytes(proof[64:96], "big")
    c0 = int.from_bytes(proof[:32], "big")
    # z0 G - c0 C1 = infinity
    vanishing = curve.base(z0 * pow(c0, -1, ORDER) % ORDER)
    assert refused(STATEMENT, Ciphertext(vanishing, generator), 0, proof) == Refusal.PROOF_FAILED


def test_one_bad_row_among_good_ones_is_seen() -> None:
    rows = STATEMENT.encrypt_bits([0, 1, 0, 1])
    for bad in range(4):
        mixed = list(rows)
        mixed[bad] = (rows[bad][0], rows[bad - 1][1])
        with pytest.raises(ElGamalError, match="proof_failed"):
            STATEMENT.verify_all(mixed)


def test_parts_are_made_and_checked_from_their_first_row_on() -> None:
    part = STATEMENT.encrypt_bits([1, 0], first=7)
    STATEMENT.verify_all(part, first=7)
    STATEMENT.verify(*part[1][:1], 8, part[1][1])
    with pytest.raises(ElGamalError, match="proof_failed"):
        STATEMENT.verify_all(part)


def test_rows_have_an_end() -> None:
    for row in (-1, 2**64):
        assert refused(STATEMENT, *ROWS[0][:1], row, ROWS[0][1]) == Refusal.PROOF_FAILED
