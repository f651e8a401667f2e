"""The German credit data's people with made-up resident ids, as a bureau has them in a file."""

from __future__ import annotations

import csv
from pathlib import Path

from gateway.adapters.keys.keyring import Keyring
from gateway.domain.subject import SubjectIdentifier, normalise
from gateway.domain.vocabulary import IdentifierType as Kind
from support.binning_pair import BUREAU, people

_CHECKS = "10X98765432"
_KNOWN: dict[str, list[str]] = {}


def resident_id(number: int) -> str:
    """A made-up resident id with a right check digit."""
    body = f"110101199001{number // 1000 % 20 + 10:02d}{number % 1000:03d}"
    total = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(body))
    return body + _CHECKS[total % 11]


def person(number: int) -> SubjectIdentifier:
    """Who the bureau's row of this number is about."""
    return normalise(Kind.CN_RESIDENT_ID, resident_id(number))


def write_people(path: Path, keys: Keyring) -> None:
    """Write the bureau's file: everybody with this bureau's reference."""
    header = ["id", "reference", *people()[0]]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for number, (row, reference) in enumerate(zip(people(), _references(keys), strict=True)):
            writer.writerow([resident_id(number), reference, *row.values()])


def _references(keys: Keyring) -> list[str]:
    """Everybody's reference, evaluated once for each key."""
    first = keys.scoped_reference(person(0), BUREAU).hex()
    if first not in _KNOWN:
        others = (keys.scoped_reference(person(at), BUREAU).hex() for at in range(1, len(people())))
        _KNOWN[first] = [first, *others]
    return _KNOWN[first]
