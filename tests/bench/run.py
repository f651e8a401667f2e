"""``make bench``: every figure in one run, printed and written to ``build/bench.json``."""

import argparse
from collections.abc import Callable
from functools import partial

from bench import (
    aggregates,
    aggregates_data,
    binning,
    binning_wire,
    blinded,
    decision,
    detection,
    elgamal,
    exchange,
    exchange_postgres,
    paillier,
    providers,
)
from bench.figures import Figure, write


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="of one measurement")
    parser.add_argument("--rounds", type=int, default=5, help="of ours and the peer's in turn")
    parser.add_argument("--only", default="", help="the parts whose names begin so")
    options = parser.parse_args()
    load = (options.seconds, options.rounds)
    parts: dict[str, Callable[[], list[Figure]]] = {
        "decisions": decision.measure,
        "blinded look-ups, witness": blinded.measure,
        "providers": providers.measure,
        "detection": detection.measure,
        "paillier": paillier.measure,
        "elgamal": elgamal.measure,
        "aggregates": aggregates.measure,
        "aggregates' data": aggregates_data.measure,
        "binning": binning.measure,
        "binning end to end": binning_wire.measure,
        "exchange": partial(exchange.measure, *load),
        "exchange over PostgreSQL": partial(exchange_postgres.measure, *load),
    }
    figures: list[Figure] = []
    for name, measure in parts.items():
        if name.startswith(options.only):
            print(f"{name} ...", flush=True)
            figures += measure()
    for figure in figures:
        print(figure.line())
    print(f"written to {write(figures)}")


if __name__ == "__main__":
    main()
