"""From what the gateway sent to sums, once (protocol H, step 10).

Owns the order: everything is checked, then the round is marked as opened on the disk, and only then
the key is used. Refuses a result that is not whole, a second opening, another key than the
question's, and numbers that no sum over the members gives; after such a number nothing is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from clients.keyholder.calls import Received
from clients.keyholder.errors import ResultRefused, Wrong
from clients.keyholder.identity import Trusted
from clients.keyholder.keys.held_key import HeldKey, out_of_bounds
from clients.keyholder.round_checks import VerifiedRound, verified_round
from clients.keyholder.rounds import OpenQuestion, RoundStore
from gateway.domain.aggregate.packing_plan import Layout, layout_of


@dataclass(frozen=True, slots=True)
class VerifiedResult:
    """A checked result of an own cohort question, still encrypted."""

    opened: OpenQuestion
    round: VerifiedRound
    layout: Layout
    ciphertexts: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedSums:
    """The noisy sums of a result, in the vector's order and in steps; ``members`` answered."""

    opened: OpenQuestion
    members: tuple[str, ...]
    log_index: int
    event_id: str
    sums: tuple[int, ...] = field(repr=False)


def verify_result(
    opened: OpenQuestion, received: Received, trusted: Trusted, now: int
) -> VerifiedResult:
    """Check what came for an own question.

    Raises:
        ResultRefused: with the reason.
    """
    verified = verified_round(
        opened.question, opened.digest, opened.contract, received, trusted, now
    )
    layout = layout_of(opened.plan, opened.question.key, len(verified.members))
    result, content = verified.result, received.ciphertexts
    if result.ciphertexts != layout.ciphertexts or result.consents:
        raise ResultRefused(Wrong.CIPHERTEXTS, "the result has another shape than the question")
    if len(content) != layout.ciphertexts * layout.ciphertext_size:
        raise ResultRefused(Wrong.CIPHERTEXTS, "the ciphertexts have another length")
    if sha256(content).hexdigest() != result.digest:
        raise ResultRefused(Wrong.CIPHERTEXTS, "the ciphertexts are not the result's")
    return VerifiedResult(opened, verified, layout, content)


def open_result(verified: VerifiedResult, key: HeldKey, rounds: RoundStore) -> OpenedSums:
    """Open a checked result, once.

    Raises:
        ResultRefused: OTHER_KEY and ALREADY_OPENED before anything is decrypted; CIPHERTEXTS and
            OUT_OF_BOUNDS after that: then the round is spent without an answer.
    """
    opened = verified.opened
    if key.public != opened.question.key:
        raise ResultRefused(Wrong.OTHER_KEY, "the key is not the question's")
    rounds.claim(opened.id)
    sums = key.sums(verified.layout, verified.ciphertexts)
    require_sums(sums, verified.layout, opened.plan.shape.values_a_cell)
    result, event = verified.round.result, verified.round.event
    return OpenedSums(
        opened,
        verified.round.members,
        result.log_index,
        str(event.says.get("id", "")),
        tuple(sums),
    )


def require_sums(sums: list[int], layout: Layout, values_a_cell: int) -> None:
    """Check numbers against what the members can have sent.

    Raises:
        ResultRefused: OUT_OF_BOUNDS.
    """
    if len(sums) != layout.length or any(abs(one) > layout.total_bound for one in sums):
        raise out_of_bounds()
    counters = sums[::values_a_cell]
    if not all(0 <= one <= layout.contributors for one in counters):
        raise out_of_bounds()
