"""``make bench``: every figure in one run, printed and written to ``build/bench.json``."""

import argparse

from bench import blinded, decision, detection, exchange, exchange_postgres, providers
from bench.figures import write


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="of one measurement")
    parser.add_argument("--rounds", type=int, default=5, help="of ours and the peer's in turn")
    options = parser.parse_args()
    print("decisions ...", flush=True)
    figures = decision.measure()
    print("blinded look-ups, witness ...", flush=True)
    figures += blinded.measure()
    print("providers ...", flush=True)
    figures += providers.measure()
    print("detection ...", flush=True)
    figures += detection.measure()
    print("exchange ...", flush=True)
    figures += exchange.measure(options.seconds, options.rounds)
    print("exchange over PostgreSQL ...", flush=True)
    figures += exchange_postgres.measure(options.seconds, options.rounds)
    for figure in figures:
        print(figure.line())
    print(f"written to {write(figures)}")


if __name__ == "__main__":
    main()
