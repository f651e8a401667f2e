"""From a result about one subject to its figures, once (protocol E, step 8).

Owns the order: everything is checked, then the round is marked as opened on the disk, and only then
the key is used. Refuses a result without all contributors or without its one consent, a second
opening, and numbers that no sum over the contributors gives. A contributor that could not look the
subject up sent random numbers: then nothing decodes, and nobody is named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from clients.keyholder.calls import Received
from clients.keyholder.errors import ResultRefused, Wrong
from clients.keyholder.exposure.errors import ExposureRefused, ExposureWrong
from clients.keyholder.exposure.question import OpenExposure
from clients.keyholder.identity import Trusted
from clients.keyholder.keys.held_key import HeldKey
from clients.keyholder.round_checks import VerifiedRound, verified_round
from clients.keyholder.rounds import RoundStore
from gateway.crypto.elgamal import CIPHERTEXT_SIZE, Ciphertext, ElGamalError, SecretKey


@dataclass(frozen=True, slots=True)
class VerifiedExposure:
    """A checked result of an own question about a subject, still encrypted."""

    opened: OpenExposure
    round: VerifiedRound
    ciphertexts: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ExposureSums:
    """Sums over all contributors: who holds, what is owed in units, who is worst in each bucket."""

    lenders: int
    units: int
    buckets: tuple[int, ...]


def verified_exposure(
    opened: OpenExposure, received: Received, trusted: Trusted, now: int
) -> VerifiedExposure:
    """Check what came for an own question.

    Raises:
        ResultRefused: with the reason.
    """
    verified = verified_round(
        opened.question, opened.digest, opened.contract, received, trusted, now
    )
    if verified.members != opened.contract.contributors:
        raise ResultRefused(Wrong.TOO_FEW, "not all of the contract's contributors answered")
    result, content = verified.result, received.ciphertexts
    values = len(opened.bounds)
    if (result.ciphertexts, result.consents) != (values, 1):
        raise ResultRefused(Wrong.CIPHERTEXTS, "the result has another shape than the question")
    if len(content) != values * CIPHERTEXT_SIZE:
        raise ResultRefused(Wrong.CIPHERTEXTS, "the ciphertexts have another length")
    if sha256(content).hexdigest() != result.digest:
        raise ResultRefused(Wrong.CIPHERTEXTS, "the ciphertexts are not the result's")
    return VerifiedExposure(opened, verified, content)


def open_sums(verified: VerifiedExposure, key: HeldKey, rounds: RoundStore) -> ExposureSums:
    """Open a checked result, once.

    Raises:
        ResultRefused: OTHER_KEY, CIPHERTEXTS or ALREADY_OPENED; the key was not used.
        ExposureRefused: NOT_DECODED: then the round is spent without an answer.
    """
    opened = verified.opened
    if key.public != opened.question.key:
        raise ResultRefused(Wrong.OTHER_KEY, "the key is not the question's")
    points = _points(verified.ciphertexts)
    secret = SecretKey.from_bytes(key.stored())
    rounds.claim(opened.id)
    try:
        values = [
            secret.decrypt(one, 0, bound) for one, bound in zip(points, opened.bounds, strict=True)
        ]
    except ElGamalError:
        # Which of the values it was, and where it lay, is said to nobody.
        raise ExposureRefused(ExposureWrong.NOT_DECODED) from None
    sums = ExposureSums(values[0], values[1], tuple(values[2:]))
    _require_possible(sums, opened)
    return sums


def _points(content: bytes) -> list[Ciphertext]:
    try:
        return [
            Ciphertext.from_bytes(content[at : at + CIPHERTEXT_SIZE])
            for at in range(0, len(content), CIPHERTEXT_SIZE)
        ]
    except ElGamalError:
        raise ResultRefused(Wrong.CIPHERTEXTS, "a ciphertext is malformed") from None


def _require_possible(sums: ExposureSums, opened: OpenExposure) -> None:
    """Check that so many lenders can have sent this: one bucket each at most, and its bound."""
    most, all_units = opened.bounds[:2]
    a_lender = all_units // most
    if sum(sums.buckets) > sums.lenders or sums.units > sums.lenders * a_lender:
        raise ExposureRefused(ExposureWrong.NOT_DECODED)
