"""Canaries: personal values that exist nowhere else, and the search for them in bytes.

Owns the making of invented people whose every value is unique to the run, and the forms in which a
value could leak: as it is, in other encodings, escaped, without its separators, as a plain hash.
"""

import base64
import hashlib
import json
import random
import string
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from clients.cli.local.demo_data.check_digits import luhn_digit, mod_11_2_character

SHORTEST = 6
"""Characters: a shorter value would be found by chance."""
_SHORTEST_NUMBER = 9
_RARE_HAN = (0x9F00, 0x9FA5)
_TEXTS = (
    *("applicant_no", "address", "remark", "credit_history", "housing", "job", "property"),
    *("purpose", "telephone", "status_of_existing_checking_account", "card_cvn"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """An invented person; ``row`` are columns of the provider's table."""

    identity_type: str
    identity_number: str
    row: dict[str, str | int]

    @property
    def canaries(self) -> frozenset[str]:
        """Every value that may not be found anywhere, and the words of the longer ones."""
        values = {str(value) for column, value in self.row.items() if column != "identity_type"}
        words = {word for value in values for word in value.split()}
        return frozenset(one for one in values | words if len(one) >= SHORTEST)


def word(rng: random.Random) -> str:
    """A word of no language, such as the check of a remark would pass over."""
    return "zq" + "".join(rng.choices(string.ascii_lowercase, k=12))


def _han(rng: random.Random, length: int) -> str:
    return "".join(chr(rng.randint(*_RARE_HAN)) for _ in range(length))


def _digits(rng: random.Random, length: int) -> str:
    return "".join(rng.choices(string.digits, k=length))


def chinese_person(rng: random.Random) -> Person:
    """A person with a resident identity number that checks."""
    born = f"19{rng.randint(30, 99)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    body = "110105" + born.replace("-", "") + _digits(rng, 3)
    number = body + mod_11_2_character(body)
    name, phone = _han(rng, 7), "13" + _digits(rng, 9)
    remark = f"{name}{_han(rng, 6)} {phone} {number} {word(rng)}"
    return _person(rng, "CN_RESIDENT_ID", number, name, born, phone, remark)


def american_person(rng: random.Random) -> Person:
    """A person with a social security number that was never issued."""
    number = f"9{_digits(rng, 2)}-{rng.randint(11, 48)}-{rng.randint(1001, 9998)}"
    born = f"19{rng.randint(30, 99)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    name = f"{word(rng).title()} {word(rng).title()}"
    phone = f"+1 212 555 {_digits(rng, 4)}"
    remark = f"{name}, {number}, {phone}, {word(rng)}"
    return _person(rng, "US_SSN", number, name, born, phone, remark)


def _person(
    rng: random.Random, kind: str, number: str, name: str, born: str, phone: str, remark: str
) -> Person:
    card = "622202" + _digits(rng, 12)
    row: dict[str, str | int] = {column: f"{word(rng)} {word(rng)}" for column in _TEXTS}
    row |= {
        "identity_type": kind,
        "identity_number": number,
        "identity_key": number.replace("-", ""),
        "name": name,
        "date_of_birth": born,
        "phone": phone,
        "bank_card": card + luhn_digit(card),
        "remark": remark,
        "credit_amount": rng.randint(10**8, 10**9),
    }
    return Person(kind, number, row)


def forms(value: str) -> frozenset[bytes]:
    """Every form of a value that the search looks for."""
    return frozenset(
        form for one in _spellings(value) for form in _encodings(one) if len(form) >= SHORTEST
    )


def _spellings(value: str) -> set[str]:
    bare = value.translate(str.maketrans("", "", " -+"))
    found = {form for one in (value, bare) for form in (one, one.lower(), one.upper())}
    # Eight digits, of a date without its hyphens, come up in some hash sooner or later.
    return {one for one in found if not (one.isdigit() and len(one) < _SHORTEST_NUMBER)}


def _encodings(text: str) -> Iterator[bytes]:
    raw = text.encode()
    yield from (raw, text.encode("utf-16-le"), text.encode("utf-16-be"))
    yield from (raw.hex().encode(), raw.hex().upper().encode())
    yield from (quote(text).encode(), quote_plus(text).encode(), quote(text).lower().encode())
    yield from (json.dumps(text)[1:-1].encode(), ascii(text)[1:-1].encode())
    # As bytes in a repr, and as gRPC prints and protobuf's text format escapes them.
    yield repr(raw)[2:-1].encode()
    yield "".join(chr(b) if 32 <= b < 127 else f"\\{b:03o}" for b in raw).encode()
    yield from _base64(raw)
    for plain_hash in (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512):
        digest = plain_hash(raw).digest()
        yield from (digest, digest.hex().encode(), base64.b64encode(digest))
    if text.isdigit() and 2**16 < int(text) < 2**63:
        yield struct.pack(">Q", int(text))
        yield struct.pack("<Q", int(text))


def _base64(raw: bytes) -> Iterator[bytes]:
    """The part of a base64 text that is the same wherever the value stands in the input."""
    for lead in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            encoded = encode(bytes(lead) + raw)
            yield encoded[(0, 2, 3)[lead] : len(encoded) - 4]


class Search:
    """All forms of all canaries, and where they are found."""

    def __init__(self, canaries: Iterable[str]) -> None:
        # By their beginnings, so that a store is gone through once and not once for each form.
        self._forms: defaultdict[bytes, list[tuple[bytes, str]]] = defaultdict(list)
        for value in canaries:
            for form in forms(value):
                self._forms[form[:SHORTEST]].append((form, value))

    def found(self, content: bytes) -> frozenset[str]:
        """The canaries that the content holds in any form."""
        known = self._forms
        hits = set()
        for at in range(len(content) - SHORTEST + 1):
            if (start := content[at : at + SHORTEST]) in known:
                hits |= {value for form, value in known[start] if content.startswith(form, at)}
        return frozenset(hits)
