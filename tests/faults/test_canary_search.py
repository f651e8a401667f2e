"""The search for canaries finds what it is there to find: a value planted in every encoding.

Without this, a search that finds nothing would say nothing. The encoders here are the standard
library's and protobuf's own, apart from the ones that the search is made of.
"""

import base64
import hashlib
import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest

from support.faults_canaries import Person, Search, american_person, chinese_person
from veilgate.v1 import exchange_pb2

PEOPLE = [chinese_person(random.Random(1)), american_person(random.Random(2))]
OTHERS = [chinese_person(random.Random(3)), american_person(random.Random(4))]
AROUND = json.dumps([person.row for person in OTHERS]).encode()
SEARCH = Search(value for person in PEOPLE for value in person.canaries)


def _values(person: Person) -> tuple[str, ...]:
    return (person.identity_number, *(str(person.row[one]) for one in ("name", "phone")))


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "as it is": lambda value: f"so {value} is".encode(),
    "in capitals": lambda value: value.upper().encode(),
    "without separators": lambda value: value.replace("-", "").replace(" ", "").encode(),
    "UTF-16": lambda value: value.encode("utf-16"),
    "hexadecimal": lambda value: value.encode().hex().encode(),
    "base64": lambda value: base64.b64encode(value.encode()),
    "base64 of more, by one": lambda value: base64.b64encode(b"1" + value.encode() + b"."),
    "base64 of more, by two": lambda value: base64.urlsafe_b64encode(b"12" + value.encode()),
    "a URL": lambda value: quote(value).encode(),
    "JSON": lambda value: json.dumps({"a": value}).encode(),
    "a repr of bytes": lambda value: repr(value.encode()).encode(),
    "protobuf": lambda value: exchange_pb2.GetRecordRequest(purpose=value).SerializeToString(),
    "protobuf as text": lambda value: str(exchange_pb2.GetRecordRequest(purpose=value)).encode(),
    "MessagePack": lambda value: msgspec.msgpack.encode({"a": value}),
    "a plain hash": lambda value: hashlib.sha256(value.encode()).digest(),
    "a plain hash of the normal form": lambda value: (
        hashlib.sha256(value.replace("-", "").encode()).hexdigest().encode()
    ),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_planted_canary_is_found(encoding: str) -> None:
    for value in (value for person in PEOPLE for value in _values(person)):
        assert value in SEARCH.found(AROUND + ENCODINGS[encoding](value) + AROUND)


def test_a_planted_number_is_found_in_binary() -> None:
    amount = PEOPLE[0].row["credit_amount"]
    assert isinstance(amount, int)
    assert str(amount) in SEARCH.found(AROUND + amount.to_bytes(8, "little"))


def test_nothing_is_found_where_nothing_is() -> None:
    assert SEARCH.found(AROUND) == frozenset()


def test_a_row_of_a_store_is_found_in_its_files(tmp_path: Path) -> None:
    value = str(PEOPLE[0].row["name"])
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        with connection:
            connection.execute("CREATE TABLE planted AS SELECT ? AS value", (value,))
        # Still in the write-ahead log only.
        content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert value in SEARCH.found(content)
