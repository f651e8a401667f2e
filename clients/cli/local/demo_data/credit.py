"""The credit attributes of the 1,000 applicants, as the CSV beside this file has them.

Owns the reading of that file. Refuses any other: its bytes are hashed before they are parsed, so
that a changed value cannot pass for the published data. Source and licence: ATTRIBUTION.md.
"""

import csv
import hashlib
import io
from dataclasses import dataclass, fields
from importlib import resources
from typing import Any

from .errors import DemoDataError

CSV_NAME = "germancredit.csv"
CSV_SHA256 = "2c0bae00275c028fc853a1ea72cc7a68002c3f6876c41300c5c948711540c8c6"


@dataclass(frozen=True, kw_only=True)
class CreditRecord:
    """One row of the CSV under the CSV's own column names; amounts are in Deutsche Mark.

    The labels are the source's. Two of the numbers are classes, not measures: the installment
    rate and `present_residence_since` run from 1 to 4 (UCI, Statlog German Credit Data).
    """

    status_of_existing_checking_account: str
    duration_in_month: int
    credit_history: str
    purpose: str
    credit_amount: int
    savings_account_and_bonds: str
    present_employment_since: str
    installment_rate_in_percentage_of_disposable_income: int
    personal_status_and_sex: str
    other_debtors_or_guarantors: str
    present_residence_since: int
    property: str
    age_in_years: int
    other_installment_plans: str
    housing: str
    number_of_existing_credits_at_this_bank: int
    job: str
    number_of_people_being_liable_to_provide_maintenance_for: int
    telephone: str
    foreign_worker: str
    creditability: str


CSV_COLUMNS = tuple(field.name for field in fields(CreditRecord))
_INTEGER_COLUMNS = frozenset(field.name for field in fields(CreditRecord) if field.type is int)


def credit_records() -> list[CreditRecord]:
    """The CSV's rows in file order.

    Raises:
        DemoDataError: the file's bytes or its columns are not the published ones.
    """
    content = resources.files(__package__).joinpath(CSV_NAME).read_bytes()
    if hashlib.sha256(content).hexdigest() != CSV_SHA256:
        raise DemoDataError(f"{CSV_NAME} is not the published file: its SHA-256 differs")
    reader = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    if tuple(reader.fieldnames or ()) != CSV_COLUMNS:
        raise DemoDataError(f"{CSV_NAME} does not have the expected columns")
    return [_record(row) for row in reader]


def _record(row: dict[str, str]) -> CreditRecord:
    values: dict[str, Any] = {
        name: int(value) if name in _INTEGER_COLUMNS else value for name, value in row.items()
    }
    return CreditRecord(**values)
