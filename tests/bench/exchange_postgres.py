"""GetRecord over PostgreSQL beside a bare echo: the server of the store has the gateway's cores.

One worker, as over SQLite, and the same calls. The CPU of the store's processes is counted with the
gateway's.
"""

import tempfile
from pathlib import Path
from statistics import median

from bench import exchange, servers
from bench.figures import Figure
from clients.cli.local.demo_data.dataset import applicants
from clients.cli.local.home import make_home

_NAME = "exchange.get_record_postgres"


def measure(seconds: float, rounds: int) -> list[Figure]:
    """Return the figures; ``seconds`` a measurement, ``rounds`` of alternation."""
    with tempfile.TemporaryDirectory(prefix="veilgate-bench-") as folder:
        home = make_home(Path(folder) / "home", "localhost:0", development=True)
        exchange.bench_policy(home)
        with servers.postgres() as store, servers.gateway(home, store) as ours:
            exchange.grant(home, ours)
            some = applicants()[: exchange.SUBJECTS]
            bodies = [exchange.body(one, tuple(exchange.RELEASE)) for one in some]
            with servers.echo(home, exchange.answer_bytes(home, ours, bodies[0])) as peer:
                pairs = exchange.alternate(home, ours, peer, bodies, seconds, rounds)
    rate, echo_rate = (median(pair[side].rate for pair in pairs) for side in (0, 1))
    cpu, echo_cpu = (median(pair[side].cpu_us for pair in pairs) for side in (0, 1))
    ratio = median(a.rate / b.rate for a, b in pairs)
    return [
        Figure(f"{_NAME}_vs_echo", rate, echo_rate, ratio, "calls a second", "at least 0.3"),
        Figure(f"{_NAME}_cpu", cpu, echo_cpu, cpu / echo_cpu, "us CPU a call", "printed"),
    ]
