"""Loan books of the development institutions, for encrypted aggregates.

Owns three kinds of CSV file. A book has a row a person, drawn from the published credit table with
invented days past due; open loans are of the demo's applicants, under their made-up identifiers;
and labels are what a lender knows of them, the table's own good or bad. Refuses to be mistaken for
statistics: a book's people are resampled and their amounts moved.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .credit import CreditRecord, credit_records
from .dataset import Applicant, applicants

BOOK_COLUMNS: Final = (
    *("person", "market", "purpose", "housing", "age_band"),
    *("credit_amount", "duration_in_month", "days_past_due"),
)
OPEN_LOAN_COLUMNS: Final = (
    *("identity_type", "identity_key", "open", "outstanding", "days_past_due"),
)
LABEL_COLUMNS: Final = ("identity_type", "identity_key", "consent_id", "bad")
BOOK_PEOPLE: Final = 20_000
AGE_BANDS: Final = ("18-25", "26-35", "36-45", "46-55", "56+")
PURPOSES: Final = {
    "business": "business",
    "car (new)": "car-new",
    "car (used)": "car-used",
    "domestic appliances": "appliances",
    "education": "education",
    "furniture/equipment": "furniture",
    "others": "others",
    "radio/television": "radio-tv",
    "repairs": "repairs",
    "retraining": "retraining",
}
"""The credit table's labels in short words, as the contract of the loan books lists them."""
HOUSING: Final = {"own": "own", "rent": "rent", "for free": "free"}
_DAYS: Final = (0, 1, 15, 31, 61, 91, 150)
_DAYS_GOOD: Final = (90, 4, 3, 1, 1, 0.5, 0.5)
_DAYS_BAD: Final = (60, 10, 10, 8, 6, 3, 3)
_HOLDS: Final = 0.35
Chances: TypeAlias = NDArray[np.float64]
Days: TypeAlias = NDArray[np.int64]


def write_book(path: Path, contributor: str, people: int = BOOK_PEOPLE) -> None:
    """Write a contributor's book, the same for the same contributor."""
    seed = int.from_bytes(sha256(f"book/{contributor}".encode()).digest())
    chances = np.random.Generator(np.random.PCG64(seed)).random((4, people))
    records = credit_records()
    drawn = (chances[0] * len(records)).astype(int)
    market = np.where(chances[1] < 0.7, "CN", "other").tolist()
    credit = np.array([one.credit_amount for one in records])[drawn]
    amount = np.clip(np.rint(credit * (0.8 + 0.4 * chances[2])), 250, 20_000).astype(int).tolist()
    late = np.where(
        np.array([is_bad(one) for one in records])[drawn],
        _days_at(chances[3], _DAYS_BAD),
        _days_at(chances[3], _DAYS_GOOD),
    ).tolist()
    kinds = [
        (f"{PURPOSES[one.purpose]},{HOUSING[one.housing]},{age_band(one.age_in_years)}", one)
        for one in records
    ]
    # Lines instead of rows for a writer of CSV: no value of a book has to be quoted.
    lines = [",".join(BOOK_COLUMNS)]
    for number, at in enumerate(drawn.tolist()):
        kind, one = kinds[at]
        lines.append(
            f"P{number + 1:06},{market[number]},{kind},{amount[number]},"
            f"{one.duration_in_month},{late[number]}"
        )
    with path.open("x", encoding="utf-8", newline="") as file:
        file.write("\n".join(lines) + "\n")


def write_open_loans(path: Path, contributor: str) -> None:
    """Write the open loans that a contributor holds of some of the applicants."""
    rng = Random(f"open/{contributor}")  # noqa: S311 - invented data
    held = [one for one in applicants() if rng.random() < _HOLDS]
    _write(path, OPEN_LOAN_COLUMNS, (_open_loan(rng, one) for one in held))


def write_labels(path: Path, consents: Mapping[str, str]) -> int:
    """Write a lender's labels of the applicants whose number has a consent id; return how many."""
    known = [one for one in applicants() if one.applicant_no in consents]
    rows = [
        (one.identity_type, key_of(one), consents[one.applicant_no], int(is_bad(one)))
        for one in known
    ]
    _write(path, LABEL_COLUMNS, rows)
    return len(rows)


def key_of(applicant: Applicant) -> str:
    """Return the normal form of an applicant's identifier."""
    return applicant.identity_number.replace("-", "")


def is_bad(record: CreditRecord) -> bool:
    """Return the published label."""
    return record.creditability == "bad"


def age_band(age: int) -> str:
    """Return the band that the contract lists."""
    return AGE_BANDS[sum(age > last for last in (25, 35, 45, 55))]


def _open_loan(rng: Random, one: Applicant) -> Sequence[object]:
    is_open = rng.random() < 0.8
    outstanding = round(one.credit_amount * rng.uniform(0.1, 1.0)) if is_open else 0
    return (
        one.identity_type,
        key_of(one),
        int(is_open),
        outstanding,
        _days(rng, one) if is_open else 0,
    )


def _days_at(chances: Chances, weights: Sequence[float]) -> Days:
    """Days past due where each chance, from 0 to 1, falls among the weights."""
    ends = np.cumsum(weights)
    days: Days = np.array(_DAYS)[np.searchsorted(ends, chances * ends[-1], side="right")]
    return days


def _days(rng: Random, record: CreditRecord) -> int:
    weights = _DAYS_BAD if is_bad(record) else _DAYS_GOOD
    return rng.choices(_DAYS, cum_weights=list(accumulate(weights)))[0]


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("x", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
