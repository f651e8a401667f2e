"""The agents of a development home: a folder each, with its profile and an invented loan book.

Owns what is in them. Refuses to be used in production: anchors and the gateway's authority are the
same development authority, which the profile has to say; three contributors are enough for a
question about one subject; and the index of open loans is made by the gateway's own key, which lies
here, where anybody else has `veilgate agent index` ask the gateway, blinded.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clients.cli.local.demo_data.loans import write_book, write_open_loans
from clients.cli.local.dev_bureau import add_bureau
from clients.cli.local.dev_members import AGENT, CONTRIBUTORS, PROVIDER, ROLES, Place
from clients.provider.index import fingerprint, index_people, output_names
from clients.provider.index_source import Columns, Source
from clients.provider.index_target import open_target
from clients.sdk.subject import SubjectReference
from gateway.adapters.keys.keyring import Keyring
from gateway.adapters.policy_files.yaml_policies import read_policies
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.subject import normalise
from gateway.domain.vocabulary import IdentifierType

BOOK: Final = "loan-book.csv"
OPEN_LOANS: Final = "open-loans.csv"
INDEX: Final = "open-loans.db"
INTEGERS: Final = ("open", "outstanding", "days_past_due")
"""Columns of the open loans that the index holds as numbers."""
PROFILE: Final = "agent.toml"
_DIMENSIONS: Final = ("market", "purpose", "housing", "age_band")
_MEASURES: Final = ("credit_amount", "duration_in_month", "days_past_due")


@dataclass(frozen=True, slots=True)
class _OwnKey:
    """Evaluates identifiers as the gateway would, by its key."""

    keys: Keyring

    def references(self, subjects: Sequence[tuple[str, str]], /) -> tuple[SubjectReference, ...]:
        """Return the references of pairs of type and identifier."""
        known = (normalise(IdentifierType(kind), value) for kind, value in subjects)
        return tuple(SubjectReference(self.keys.version, self.keys.reference(one)) for one in known)


def make_agent(place: Place, institution: str, keys: Keyring) -> None:
    """Add data and a profile to the folder that holds an agent's certificate already."""
    folder = place.agents / institution
    write_book(folder / BOOK, institution)
    write_open_loans(folder / OPEN_LOANS, institution)
    _index(folder, institution, keys)
    (folder / "anchors.pem").write_bytes(place.authority.certificate)
    profile = _profile(place, institution)
    if institution == PROVIDER:
        profile += add_bureau(folder, institution, _OwnKey(keys), place.reference_key)
    pinned = _pinned(profile, _contracts(place.agents.parent / "policies"))
    (folder / PROFILE).write_text(pinned, encoding="utf-8")


def _contracts(policies: Path) -> tuple[AggregateContract, ...]:
    return read_policies(policies).documents.aggregates


def _pinned(profile: str, contracts: tuple[AggregateContract, ...]) -> str:
    """Return a profile that answers these very contracts, and no other that a gateway may give."""
    for one in contracts:
        section = f'[policy.datasets."{one.dataset}"]\n'
        pin = f"""# Its contract's SHA-256: another is answered once this names that one.
# `veilgate aggregate contract {one.dataset}` shows it.
contract = "{one.digest}"
"""
        profile = profile.replace(section, section + pin)
    return profile


def _index(folder: Path, institution: str, keys: Keyring) -> None:
    source = Source.checked(folder / OPEN_LOANS, Columns("identity_type", "identity_key"))
    mark = fingerprint(source, institution, keys.oblivious.public_key.hex())
    names, integers = output_names(source), frozenset(INTEGERS)
    with closing(open_target(folder / INDEX, names, mark, integers)) as target:
        index_people(source, target, _OwnKey(keys), institution, lambda _: None)


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
log_verifier_key = "{place.log_verifier_key}"
state = "state"
# Of one machine, where nobody measures anybody: 250 elsewhere.
answer_step_ms = 100

[policy]
own_group = "{institution}-group"
# Five by default: with only three others, a count says much of each.
subject_contributors = 3

[policy.datasets."credit.loans"]

[policy.peers]
{peers}

{_data()}"""


def _data() -> str:
    return f"""[data.datasets."credit.loans"]
snapshot = "2026-10-31"
source = {{ kind = "csv", path = "{BOOK}" }}
person = "person"

[data.datasets."credit.loans".dimensions]
{_columns(_DIMENSIONS)}

[data.datasets."credit.loans".measures]
{_columns(_MEASURES)}

# Open loans by scoped reference: how a question about one consenting person finds them.
[subjects."credit.loans"]
index = "{INDEX}"
"""


def _columns(names: tuple[str, ...]) -> str:
    return "\n".join(f'{name} = {{ column = "{name}" }}' for name in names)


def _askers() -> tuple[str, ...]:
    return tuple(one for one, roles in ROLES.items() if {"lender", "bureau"} & set(roles))
