"""What a binning costs, stage by stage, and what that comes to at the size of SecretFlow's report.

Rows x features a second of the encrypted sums: on one core beside summing each feature by itself,
as `CiphertextColumn` does (`binning.joint_sums`), and on 4 cores (`binning.sums`); encrypting and
checking labels, in both modes; alignment. Extrapolated to 800,000 rows x 1,500 features: the sums
by their rate over 800,000 rows, labels by theirs, randomising anew and reading by the number of
bins. Alignment stands apart: SecretFlow's 434 s begin with aligned rows. That figure is of 32 vCPU
of another machine: it is printed, not reproduced.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from bench.figures import Figure
from clients.agent.binning.setup import Codes
from clients.agent.binning.sums import BinSum, Offset, all_sums
from gateway.crypto.alignment import AlignmentKey
from gateway.crypto.alignment_work import blinded, checked, raised
from gateway.crypto.elgamal import Ciphertext, SecretKey
from gateway.crypto.elgamal.column import CiphertextColumn
from gateway.crypto.elgamal.curve import Point
from gateway.crypto.elgamal.row_work import labels_of, points_of
from gateway.crypto.workers import Workers

Done = TypeVar("Done")
CORES = 4
ROWS, FEATURES, BINS = 100_000, 120, 6
COPIES = 8
"""The rows' points are repeated in memory: the sums are measured over 800,000 rows."""
TOGETHER = 5
"""Features that are summed at a time with so many rows and bins."""
PROVEN_ROWS = 8_000
PEOPLE = 20_000
GOAL_ROWS, GOAL_FEATURES, PUBLISHED_S = 800_000, 1_500, 434.0


def measure() -> list[Figure]:
    """Measure all; some two minutes."""
    secret = SecretKey.generate()
    key, job = secret.public_key().to_bytes(), bytes(32)
    labels = bytes(random.randrange(2) for _ in range(ROWS))
    with Workers(CORES) as workers:
        _warm(workers, key, job)
        rows, encrypting = _timed(
            lambda: labels_of(key, job, labels, proven=False, workers=workers)
        )
        points, reading = _timed(lambda: points_of(key, job, rows, proven=False, workers=workers))
        few = labels[:PROVEN_ROWS]
        proven, proving = _timed(lambda: labels_of(key, job, few, proven=True, workers=workers))
        _, verifying = _timed(lambda: points_of(key, job, proven, proven=True, workers=workers))
        aligning = _alignment(workers)
    rng = np.random.default_rng(1)
    codes = rng.integers(0, BINS, size=(FEATURES, ROWS * COPIES), dtype=np.uint8)
    offset = Offset()
    many = (points[0] * COPIES, points[1] * COPIES)
    _, summing = _timed(
        lambda: all_sums(many, lambda at: codes[at], [BINS] * FEATURES, offset.point, CORES)
    )
    summing /= COPIES
    alone, widths = codes[: 2 * TOGETHER], [BINS] * (2 * TOGETHER)
    _, joint = _timed(lambda: all_sums(many, lambda at: alone[at], widths, offset.point, 1))
    joint /= COPIES * 2 * TOGETHER
    plain = _one_by_one(points, codes[0, :ROWS])
    ends = _ends(secret, offset)
    total = (
        GOAL_ROWS * GOAL_FEATURES / (ROWS * FEATURES / summing)
        + GOAL_ROWS * (encrypting + reading) / ROWS
        + GOAL_FEATURES * BINS * ends / CORES
    )
    return [
        _rate("binning.joint_sums", ROWS / joint, ROWS / plain, "rows x features/s"),
        _alone("binning.sums", ROWS * FEATURES / summing, "rows x features/s, 4 cores"),
        _alone("binning.labels_exact", ROWS / encrypting, "rows/s"),
        _alone("binning.labels_checked", ROWS / reading, "rows/s"),
        _alone("binning.labels_proven", PROVEN_ROWS / proving, "rows/s"),
        _alone("binning.proofs_checked", PROVEN_ROWS / verifying, "rows/s"),
        _alone("binning.aligned", PEOPLE / aligning, "rows/s, both parties"),
        Figure(
            "binning.vs_secretflow_published",
            total,
            PUBLISHED_S,
            PUBLISHED_S / total,
            "s for 800k x 1,500",
            "> 1 on 4 cores",
        ),
    ]


def _warm(workers: Workers, key: bytes, job: bytes) -> None:
    """Have every process import what it needs, and build its tables."""
    labels_of(key, job, bytes(CORES * 3 * 2048), proven=False, workers=workers)


def _alignment(workers: Workers) -> float:
    """Seconds for both parties' work, one after the other, as many people as rows."""
    names = [b"%018d" % number for number in range(PEOPLE)]
    lender, bureau = AlignmentKey.generate(), AlignmentKey.generate()

    def both() -> None:
        for first, second in ((lender, bureau), (bureau, lender)):
            once = blinded(first, "bench", names, workers)
            checked(once, PEOPLE, workers)
            raised(second, once, workers)

    return _timed(both)[1]


def _one_by_one(points: tuple[bytes, bytes], codes: Codes) -> float:
    """Seconds for one feature on one core, bin by bin."""
    first, second = points
    column = CiphertextColumn(
        [
            Ciphertext(Point(first[at : at + 64]), Point(second[at : at + 64]))
            for at in range(0, len(first), 64)
        ]
    )
    bins = [np.flatnonzero(codes == code).tolist() for code in range(BINS)]
    return _timed(lambda: [column.sum_rows(rows) for rows in bins])[1]


def _ends(secret: SecretKey, offset: Offset) -> float:
    """Seconds to randomise one bin anew and to read it."""
    key = secret.public_key()
    key.prepare()
    fresh = key.encrypt_many([random.randrange(GOAL_ROWS) for _ in range(300)])
    secret.decrypt(fresh[0], 0, GOAL_ROWS)

    def both() -> None:
        for one in key.rerandomise_many(fresh):
            offset.finish([BinSum(one.c1, one.c2, 1)], one)
            secret.decrypt(one, 0, GOAL_ROWS)

    return _timed(both)[1] / len(fresh)


def _timed(work: Callable[[], Done]) -> tuple[Done, float]:
    start = time.perf_counter()
    done = work()
    return done, time.perf_counter() - start


def _rate(name: str, ours: float, peer: float, unit: str) -> Figure:
    return Figure(name, ours, peer, ours / peer, unit, "> 2")


def _alone(name: str, ours: float, unit: str) -> Figure:
    return Figure(name, ours, 0.0, 0.0, unit, "printed")


if __name__ == "__main__":
    for figure in measure():
        print(figure.line())
