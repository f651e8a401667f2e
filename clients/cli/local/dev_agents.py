"""The agents of a development home: a folder each, with its profile and an invented loan book.

Owns what is in them. Refuses to be used in production: anchors and the gateway's authority are the
same development authority, which the profile has to say.
"""

from __future__ import annotations

from typing import Final

from clients.cli.local.demo_data.loans import write_book, write_open_loans
from clients.cli.local.dev_members import AGENT, CONTRIBUTORS, ROLES, Place

BOOK: Final = "loan-book.csv"
OPEN_LOANS: Final = "open-loans.csv"
PROFILE: Final = "agent.toml"
_DIMENSIONS: Final = ("market", "purpose", "housing", "age_band")
_MEASURES: Final = ("credit_amount", "duration_in_month", "days_past_due")


def make_agent(place: Place, institution: str) -> None:
    """Add data and a profile to the folder that holds an agent's certificate already."""
    folder = place.agents / institution
    write_book(folder / BOOK, institution)
    write_open_loans(folder / OPEN_LOANS, institution)
    (folder / "anchors.pem").write_bytes(place.authority.certificate)
    (folder / PROFILE).write_text(_profile(place, institution), encoding="utf-8")


def _profile(place: Place, institution: str) -> str:
    peers = "\n".join(
        f'"{one}" = "{one}-group"' for one in sorted({*CONTRIBUTORS, *_askers()} - {institution})
    )
    return f"""# What this institution answers of encrypted aggregates, and from which data.
gateway = "{place.gateway}"
ca = "anchors.pem"
certificate = "{AGENT}.pem"
key = "{AGENT}.key"
institution = "{institution}"
anchors = "anchors.pem"
anchors_of_the_gateway = true
round_key = "{place.round_key}"
state = "state"

[policy]
own_group = "{institution}-group"

[policy.datasets."credit.loans"]

[policy.peers]
{peers}

[data.datasets."credit.loans"]
snapshot = "2026-10-31"
source = {{ kind = "csv", path = "{BOOK}" }}
person = "person"

[data.datasets."credit.loans".dimensions]
{_columns(_DIMENSIONS)}

[data.datasets."credit.loans".measures]
{_columns(_MEASURES)}
"""


def _columns(names: tuple[str, ...]) -> str:
    return "\n".join(f'{name} = {{ column = "{name}" }}' for name in names)


def _askers() -> tuple[str, ...]:
    return tuple(one for one, roles in ROLES.items() if {"lender", "bureau"} & set(roles))
