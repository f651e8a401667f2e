"""What a round's members can fetch of it, and whether the released ciphertexts are its product.

Owns the products of contributions under both schemes, and the check of the gateway's proof that
what was released is these products, randomised anew. Refuses more bytes than a round has,
ciphertexts that are none, and a proof of anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import gmpy2

from clients.agent.errors import Refused, Word
from clients.agent.messages import read_statement
from gateway.crypto import elgamal, paillier
from gateway.crypto.elgamal import zero_proof as elgamal_zeros
from gateway.crypto.errors import CryptoError
from gateway.crypto.paillier import zero_proof as paillier_zeros
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.question import AskerKey
from veilgate.v1 import aggregate_pb2 as pb


@dataclass(frozen=True, slots=True)
class Combination:
    """A round as its gateway shows it: contributions with their bytes, and what was released."""

    contributions: tuple[tuple[SignedStatement, bytes], ...]
    released: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """That ``released`` is the product of ``contributions``: so many ciphertexts under a key."""

    key: AskerKey
    count: int
    context: bytes
    """`combination_context`: round, question, roster, contributions."""
    contributions: Sequence[bytes]
    released: bytes


def gathered(parts: Iterable[pb.ContributionPart], most: int) -> Combination:
    """Put the parts of a stream together, which are ``most`` bytes at most.

    Raises:
        Refused: MALFORMED: there is more, or ciphertexts of no contribution.
    """
    found = list[tuple[SignedStatement, list[bytes]]]()
    released, size = list[bytes](), 0
    for part in parts:
        size += part.ByteSize()
        if size > most:
            raise Refused(Word.MALFORMED)
        if part.HasField("contribution"):
            found.append((read_statement(part.contribution), []))
        if part.ciphertexts:
            if not found:
                raise Refused(Word.MALFORMED)
            found[-1][1].append(part.ciphertexts)
        released.append(part.released)
    whole = tuple((statement, b"".join(pieces)) for statement, pieces in found)
    return Combination(whole, b"".join(released))


def ciphertext_size(key: AskerKey) -> int:
    """Return the bytes of one ciphertext under a key."""
    if key.scheme == "elgamal":
        return elgamal.CIPHERTEXT_SIZE
    return 2 * (-(-int(key.key, 16).bit_length() // 8))


def combined(key: AskerKey, contributions: Sequence[bytes], count: int) -> bytes:
    """Return the product of contributions, ciphertext by ciphertext.

    Raises:
        Refused: RESULT: one is no contribution of so many ciphertexts under this key.
    """
    size = ciphertext_size(key)
    columns = zip(*(_cut(one, count, size) for one in contributions), strict=True)
    try:
        if key.scheme == "elgamal":
            return b"".join(_sum(column).to_bytes() for column in columns)
        public = paillier.PublicKey(int(key.key, 16))
        return b"".join(_product(public, column).to_bytes(size, "big") for column in columns)
    except CryptoError:
        raise Refused(Word.RESULT) from None


def require_combination(claim: Claim, proof: bytes) -> None:
    """Check that what was released is the product of the contributions, whatever they hold.

    Raises:
        Refused: RESULT, where a contribution is none; COMBINATION, where the proof does not hold.
    """
    key, count = claim.key, claim.count
    products = combined(key, claim.contributions, count)
    try:
        if key.scheme == "elgamal":
            point = elgamal.PublicKey.from_bytes(bytes.fromhex(key.key))
            sums, shown = (_points(one, count) for one in (products, claim.released))
            elgamal_zeros.verify_zeros(point, claim.context, sums, shown, proof)
            return
        modulus = paillier.PublicKey(int(key.key, 16))
        size = ciphertext_size(key)
        residues, opened = (_residues(one, count, size) for one in (products, claim.released))
        paillier_zeros.verify_zeros(modulus, claim.context, residues, opened, proof)
    except (CryptoError, Refused):
        raise Refused(Word.COMBINATION) from None


def _cut(encoded: bytes, count: int, size: int) -> list[bytes]:
    if len(encoded) != count * size:
        raise Refused(Word.RESULT)
    return [encoded[at : at + size] for at in range(0, len(encoded), size)]


def _points(encoded: bytes, count: int) -> list[elgamal.Ciphertext]:
    pieces = _cut(encoded, count, elgamal.CIPHERTEXT_SIZE)
    return [elgamal.Ciphertext.from_bytes(one) for one in pieces]


def _residues(encoded: bytes, count: int, size: int) -> list[int]:
    return [int.from_bytes(one, "big") for one in _cut(encoded, count, size)]


def _sum(column: Sequence[bytes]) -> elgamal.Ciphertext:
    return elgamal.sum_many([elgamal.Ciphertext.from_bytes(one) for one in column])


def _product(public: paillier.PublicKey, column: Sequence[bytes]) -> int:
    product = gmpy2.mpz(1)
    for one in column:
        product = product * public.require(int.from_bytes(one, "big")) % public.square
    return int(product)
