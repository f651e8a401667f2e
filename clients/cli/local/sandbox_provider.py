"""The sandbox's data provider: a payroll service of its own process, over a CSV file.

Owns the file's form and its invented content. Refuses nothing by itself: who may ask, and what is
checked of an inquiry and an answer, is ``clients.provider``'s.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from clients.provider import Dataset, Identifier, Inquiry, ProviderBase, ProviderProfile, Record
from clients.provider.server import serve
from clients.sdk.vocabulary import IdentifierType

PAYROLL: Final = "demo-payroll"
INCOME: Final = "income.employment"
_EMPLOYERS: Final = ("Harbour Tools Co.", "青松物流有限公司", "Lantern Foods Ltd.", "河谷纺织厂")
_WHO: Final = ("identity_type", "identity_key")
_FIELDS: Final = ("employer", "employed_since", "monthly_income")


class Payroll(ProviderBase):
    """Finds an employee by the identifier's type and value, which are columns of the file."""

    provider = PAYROLL
    datasets = (
        Dataset(
            name=INCOME,
            fields={"employer": "string", "employed_since": "date", "monthly_income": "integer"},
            identifiers=tuple(IdentifierType),
        ),
    )

    def __init__(self, file: Path) -> None:
        with file.open(encoding="utf-8", newline="") as opened:
            self._rows: Mapping[Identifier, dict[str, str]] = {
                _whose(row): row for row in csv.DictReader(opened)
            }

    def lookup(self, inquiry: Inquiry) -> Record | None:
        """Return the employee's record; None for a stranger."""
        if not isinstance(inquiry.subject, Identifier):
            return None
        row = self._rows.get(inquiry.subject)
        return None if row is None else Record(_whose(row), {name: row[name] for name in _FIELDS})


def _whose(row: Mapping[str, str]) -> Identifier:
    kind, value = (row[name] for name in _WHO)
    return Identifier(IdentifierType(kind), value)


def write_people(file: Path) -> None:
    """Write an invented employment for every applicant of the demo's bureau."""
    # Imported here: the generator of invented people is not part of every installation.
    from clients.cli.local.demo_data.dataset import applicants

    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow((*_WHO, *_FIELDS))
        for number, one in enumerate(applicants(), 1):
            who = (one.identity_type, one.identity_number.replace("-", ""))
            writer.writerow((*who, *_employment(number)))


def _employment(number: int) -> tuple[str, str, int]:
    # Multiples of a prime, so that neighbours differ and every sandbox has the same people.
    since = date(2008 + number % 16, 1 + number % 12, 1)
    income = 4_000 + 100 * (number * 7_919 % 180)
    return _EMPLOYERS[number % len(_EMPLOYERS)], since.isoformat(), income


if __name__ == "__main__":
    serve(Payroll(Path(sys.argv[2])), ProviderProfile.load(sys.argv[1]))
