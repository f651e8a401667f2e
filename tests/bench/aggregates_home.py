"""A home for measuring aggregates: one contract, as many providers as asked for, invented rows.

Owns the contract (60 cells of two dimensions, two measures), the providers' certificates and
profiles, and their Parquet files, which DuckDB invents. The asker is the development home's
`lender-a`, which contributes nothing. A provider serves as `veilgate agent serve` would, but
answers at once: waiting for the next step would hide what the work takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import msgspec
from cryptography import x509

from clients.cli.local.dev_authority import DevAuthority, LeafRequest
from clients.cli.local.dev_members import fingerprint
from clients.cli.local.home import AUTHORITY, LENDER_A, PARTNERS, Home, make_home

ASKER = LENDER_A
DATASET = "credit.loans"
PURPOSE = "research.aggregate"
SNAPSHOT = "2026-10-31"
REGIONS = tuple(f"r{number}" for number in range(12))
BANDS = tuple(f"b{number}" for number in range(5))
_TITLE = {"en": "Measured", "zh": "测量"}
_LIFE = timedelta(days=7)


@dataclass(frozen=True)
class Network:
    """A home, and the profiles of its providers' agents."""

    home: Home
    profiles: tuple[Path, ...]


def make_network(folder: Path, providers: int, rows: int, people_at_most: int) -> Network:
    """Fill ``folder``: a home, ``providers`` agents with ``rows`` people each.

    ``people_at_most`` is the contract's: with a million and up to 30 providers the planner takes
    ElGamal, with a thousand million Paillier.
    """
    home = make_home(folder / "home", "localhost:0", development=True)
    names = tuple(f"provider-{number:02}" for number in range(providers))
    contract = home.folder / "policies" / "aggregates" / f"{DATASET}.yaml"
    # JSON is YAML, too; its end is marked.
    contract.write_bytes(msgspec.json.encode(_contract(names, people_at_most)) + b"\n...\n")
    authority = DevAuthority.load(home.folder / AUTHORITY)
    partners = home.folder / PARTNERS
    parts = [partners.read_text(encoding="utf-8")]
    for number, name in enumerate(names):
        parts.append(_member(home, authority, name))
        _write_rows(folder / f"{name}.parquet", number, rows)
    partners.write_text("\n".join(parts), encoding="utf-8")
    return Network(home, tuple(home.agent(name) for name in names))


def write_profile(network: Network, profile: Path, port: int, threads: int) -> None:
    """Write one provider's profile, now that the gateway's port is known."""
    home, own = network.home, profile.parent.name
    names = sorted(one.parent.name for one in network.profiles)
    peers = "\n".join(f'"{one}" = "{one}-group"' for one in (ASKER, *names) if one != own)
    data = home.folder.parent / f"{own}.parquet"
    profile.write_text(
        f"""gateway = "localhost:{port}"
ca = "anchors.pem"
certificate = "agent.pem"
key = "agent.key"
institution = "{own}"
anchors = "anchors.pem"
anchors_of_the_gateway = true
round_key = "{home.round_key}"
state = "state"
answer_step_ms = 0

[policy]
own_group = "{own}-group"

[policy.datasets."{DATASET}"]

[policy.peers]
{peers}

[data]
threads = {threads}

[data.datasets."{DATASET}"]
snapshot = "{SNAPSHOT}"
source = {{ kind = "parquet", path = "{data}" }}
person = "person"

[data.datasets."{DATASET}".dimensions]
region = {{ column = "region" }}
band = {{ column = "band" }}
market = {{ column = "market" }}

[data.datasets."{DATASET}".measures]
amount = {{ column = "amount" }}
days = {{ column = "days" }}
""",
        encoding="utf-8",
    )


def _contract(names: tuple[str, ...], people_at_most: int) -> dict[str, object]:
    edges = list(range(2_000, 20_000, 2_000))
    return {
        "version": 1,
        "dataset": DATASET,
        "title": _TITLE,
        "snapshot": SNAPSHOT,
        "contributors": sorted(names),
        "minimum_contributors": len(names),
        "colluding": 1,
        "cohort": {
            "purposes": [PURPOSE],
            "recipients": {"roles": ["lender"]},
            "articles": ["PIPL 4"],
            "minimum_cohort": 20,
            "people_at_most": people_at_most,
            "budget": {
                "limit": 5_000_000,
                "a_question": 1_000_000,
                "period_days": 30,
                "refusals": 20,
            },
            "dimensions": [
                {"name": "region", "title": _TITLE, "values": REGIONS},
                {"name": "band", "title": _TITLE, "values": BANDS},
                {"name": "market", "title": _TITLE, "values": ["CN", "other"]},
            ],
            "measures": [
                {"name": "amount", "title": _TITLE, "low": 0, "high": 20_000, "edges": edges},
                {"name": "days", "title": _TITLE, "low": 0, "high": 180, "edges": [1, 30, 60, 90]},
            ],
        },
    }


def _member(home: Home, authority: DevAuthority, name: str) -> str:
    """Make a provider's folder with its certificate; return its part of the partner file."""
    issued = authority.issue(LeafRequest.institution(name, "agent", _LIFE))
    folder = home.agent(name).parent
    issued.write(folder, "agent")
    (folder / "anchors.pem").write_bytes(authority.certificate)
    end = x509.load_pem_x509_certificate(issued.certificate).not_valid_after_utc
    return f"""[[partner]]
id = "{name}"
legal_group = "{name}-group"
roles = ["data_provider"]
jurisdiction = "CN"
certificates = [{{ fingerprint = "{fingerprint(issued)}", not_after = {end:%Y-%m-%dT%H:%M:%SZ} }}]
"""


def _write_rows(path: Path, seed: int, rows: int) -> None:
    """Invent people: the same at each run, others at each provider."""
    at = f"(range * 64 + {seed})"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 'person-{seed:02}-' || lpad(range::VARCHAR, 9, '0') AS person,"
            f" 'r' || (hash({at}) % {len(REGIONS)}) AS region,"
            f" 'b' || (hash({at} + 1) % {len(BANDS)}) AS band,"
            f" CASE WHEN hash({at} + 2) % 10 < 8 THEN 'CN' ELSE 'other' END AS market,"
            f" (hash({at} + 3) % 2500000) / 100 AS amount, hash({at} + 4) % 200 AS days"
            f" FROM range({rows})) TO '{path}' (FORMAT parquet)"
        )
