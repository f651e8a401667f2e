"""A bureau's answer: bins summed, merged, made noisy, randomised anew.

Owns what is done with matched rows. In the mode ``dp`` every bin's row count and every answered
bin's event sum get a discrete Gaussian of the plan's variance; merging and the least number of rows
go by the noisy counts alone, which are paid for, so that neither says more. Every ciphertext that
leaves is the sum of the rows', and of a fresh one under a uniform scalar. Refuses too few rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from clients.agent.binning.errors import BinDeclined, BinWord
from clients.agent.binning.setup import BureauSetup, Noise, Ordinals
from clients.agent.binning.sums import BinSum, FeatureSums, Offset, all_sums
from gateway.crypto.elgamal import PublicKey
from gateway.crypto.elgamal.grouped import RAW_SIZE
from gateway.domain.aggregate.binning import BinningPlan, MergedBin, merged
from gateway.domain.aggregate.binning_talk import BinCounts


@dataclass(frozen=True)
class BinAnswer:
    """Ciphertexts for the gateway, 66 bytes each, and the counts for the lender alone."""

    ciphertexts: bytes
    counts: BinCounts


def answer(
    setup: BureauSetup, points: tuple[bytes, bytes], places: Ordinals, ordinals: Ordinals
) -> BinAnswer:
    """Return the answer of matched rows.

    Args:
        setup: the job.
        points: of all rows' labels, 64 bytes each.
        places: the matched rows.
        ordinals: of their people.

    Raises:
        BinDeclined: ROWS, HISTORY, REPEATED or DATA.
    """
    plan = setup.plan
    if not plan.variance and len(places) < plan.terms.minimum_rows:
        raise BinDeclined(BinWord.ROWS)
    offset = Offset()
    sums = all_sums(
        (_chosen(points[0], places), _chosen(points[1], places)),
        lambda at: setup.data.codes(plan.features[at])[ordinals],
        plan.bins,
        offset.point,
        setup.processes,
    )
    # As late as can be: from here to the moment the answer is kept a crash ends the job.
    setup.history.admit(ordinals, setup.data.people)
    draw = _clamped(plan, setup.noise)
    counts = [tuple(rows + draw() for rows in one.rows) for one in sums]
    _require_rows(plan, counts)
    bins = tuple(merged(one, plan.terms.minimum_bin) for one in counts)
    ciphertexts = _ciphertexts(setup, sums, bins, offset, draw)
    digest = sha256(ciphertexts).hexdigest()
    return BinAnswer(ciphertexts, BinCounts(ciphertexts=digest, features=bins))


def _ciphertexts(
    setup: BureauSetup,
    sums: Sequence[FeatureSums],
    bins: Sequence[Sequence[MergedBin]],
    offset: Offset,
    draw: Callable[[], int],
) -> bytes:
    key = PublicKey.from_bytes(bytes.fromhex(setup.job.key.key))
    answered = [(one, part) for one, parts in zip(sums, bins, strict=True) for part in parts]
    fresh = key.encrypt_many([draw() for _ in answered])
    return b"".join(
        offset.finish(_within(one, part), zero).to_bytes()
        for (one, part), zero in zip(answered, fresh, strict=True)
    )


def _within(one: FeatureSums, part: MergedBin) -> list[BinSum]:
    """The sums of the bins in a merged one, as far as they have rows."""
    return [one.sums[at] for at in range(part.first, part.last + 1) if at in one.sums]


def _require_rows(plan: BinningPlan, counts: Sequence[tuple[int, ...]]) -> None:
    """Check the number of rows by the counts: in ``dp`` that is noisy, and no oracle of members."""
    if sum(map(sum, counts)) < plan.terms.minimum_rows * len(counts):
        raise BinDeclined(BinWord.ROWS)


def _clamped(plan: BinningPlan, noise: Noise) -> Callable[[], int]:
    if not plan.variance:
        return lambda: 0
    variance, tail = plan.variance, plan.tail
    return lambda: max(-tail, min(tail, noise(variance)))


def _chosen(points: bytes, places: Ordinals) -> bytes:
    table = np.frombuffer(points, dtype=np.uint8).reshape(-1, RAW_SIZE)
    return table[places].tobytes()
