"""A data provider over a CSV file: ``python provider_csv.py PROFILE.toml PEOPLE.csv``."""

import csv
import sys
from collections.abc import Mapping

from clients.provider import (
    Dataset,
    Identifier,
    IdentifierType,
    Inquiry,
    ProviderBase,
    ProviderProfile,
    Record,
    Subject,
    serve,
)


class People(ProviderBase):
    """Finds a person by the identifier's type and value, which are columns of the file."""

    provider = "demo-bureau"
    datasets = (
        Dataset(
            name="credit.applicant",
            fields={"name": "string", "date_of_birth": "date", "credit_amount": "integer"},
            identifiers=tuple(IdentifierType),
        ),
    )

    def __init__(self, path: str) -> None:
        with open(path, encoding="utf-8", newline="") as file:
            self._rows = {_whose(row): row for row in csv.DictReader(file)}

    def lookup(self, inquiry: Inquiry) -> Record | None:
        """Return the row of the subject, with whom the row itself says that it is about."""
        row = self._rows.get(inquiry.subject)
        return None if row is None else Record(_whose(row), row)


def _whose(row: Mapping[str, str]) -> Subject:
    return Identifier(IdentifierType(row["identity_type"]), row["identity_key"])


if __name__ == "__main__":
    serve(People(sys.argv[2]), ProviderProfile.load(sys.argv[1]))
