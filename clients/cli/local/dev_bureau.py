"""What the development bureau's agent has for binnings: all applicants, with references.

Owns the file and its part of the agent's profile. Refuses to put the published label into it: what
became of a loan is the lender's to know. References are made by the gateway's own key, as those of
open loans are, where anybody else runs `veilgate agent index --add-reference reference`.
"""

from __future__ import annotations

import csv
from contextlib import closing
from pathlib import Path
from typing import Final

from clients.cli.local.demo_data.dataset import applicants
from clients.cli.local.demo_data.loans import key_of
from clients.provider.index import Evaluating, fingerprint, index_people, output_names
from clients.provider.index_source import Columns, Source
from clients.provider.index_target import open_target

APPLICANTS: Final = "applicants.csv"
DATASET: Final = "credit.applicant"
SNAPSHOT: Final = "2026-10-31"
FEATURES: Final = (
    "status_of_existing_checking_account",
    "duration_in_month",
    "credit_history",
    "purpose",
    "credit_amount",
    "savings_account_and_bonds",
    "present_employment_since",
    "property",
    "age_in_years",
    "housing",
    "job",
)
"""Of the contract."""
_KIND, _NUMBER, _REFERENCE = "identity_type", "identity_key", "reference"
_DECLARED: Final = 1_024
_SOURCE: Final = "applicants-without-references.csv"


def add_bureau(folder: Path, institution: str, client: Evaluating, reference_key: str) -> str:
    """Write the applicants into an agent's folder; return what its profile says of them."""
    source = folder / _SOURCE
    _write(source)
    checked = Source.checked(source, Columns(_KIND, _NUMBER, reference=_REFERENCE))
    names, mark = output_names(checked), fingerprint(checked, institution, reference_key)
    with closing(open_target(folder / APPLICANTS, names, mark, frozenset())) as target:
        index_people(checked, target, client, institution, lambda _: None)
    source.unlink()
    return _profile()


def _write(path: Path) -> None:
    with path.open("x", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow((_KIND, _NUMBER, *FEATURES))
        for one in applicants():
            values = (getattr(one, name) for name in FEATURES)
            writer.writerow((one.identity_type, key_of(one), *values))


def _profile() -> str:
    features = "\n".join(f'{name} = "{name}"' for name in FEATURES)
    return f"""
[policy.datasets."{DATASET}"]

# A lender's labels are binned by these; the reference ties a row to its consent.
[binning.datasets."{DATASET}"]
snapshot = "{SNAPSHOT}"
source = {{ kind = "csv", path = "{APPLICANTS}" }}
kind_column = "{_KIND}"
identifier = "{_NUMBER}"
reference = "{_REFERENCE}"
declared_people = {_DECLARED}

[binning.datasets."{DATASET}".features]
{features}
"""
