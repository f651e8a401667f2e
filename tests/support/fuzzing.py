"""Random requests: real messages with wrong fields, then wrong bytes.

Owns the two kinds of damage. Everything comes from the ``random.Random`` that is given, so a seed
tells a whole run.
"""

from __future__ import annotations

from math import inf, nan
from random import Random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor as Kind
from google.protobuf.message import Message

_TEXTS = (
    *("", " ", "\x00", "a", "A" * 100, "credit.applicant", "credit.underwriting", "lender-a"),
    *("name", "fields[0]", "../../etc/passwd", "' OR 1=1 --", "%s%n", "${jndi:x}", "<TYPE>"),
    *("信用", "\u202e\u200b", "\U0001f600", "\ud7ff", "tile/0/000", "tile/entries/000.p/1"),
    *("00000000-0000-4000-8000-000000000000", "900-01-0001", "NaN", "-1", "9" * 40, "x" * 9_000),
)
_NUMBERS = (0, 1, -1, 2, 99, 500, 501, 2**31 - 1, -(2**31), 2**32 - 1, 2**62, 2**63 - 1, 2**64 - 1)
_BOUNDS = {
    Kind.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    Kind.CPPTYPE_ENUM: (-(2**31), 2**31 - 1),
    Kind.CPPTYPE_UINT32: (0, 2**32 - 1),
    Kind.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    Kind.CPPTYPE_UINT64: (0, 2**64 - 1),
}


def damaged_message(message: Message, random: Random) -> None:
    """Change one field of a message, or of a message in it, to something odd of its type."""
    fields: list[Kind] = list(message.DESCRIPTOR.fields)  # type: ignore[arg-type, unused-ignore]
    field = random.choice(fields)
    nested = field.cpp_type == Kind.CPPTYPE_MESSAGE
    if random.random() < 0.2:
        message.ClearField(field.name)
    elif nested:
        target = getattr(message, field.name)
        if field.is_repeated:
            target = random.choice([*target, target.add()])
        target.SetInParent()
        if target.DESCRIPTOR.fields:
            damaged_message(target, random)
    elif field.is_repeated:
        getattr(message, field.name).extend(
            _odd_value(field, random) for _ in range(random.choice((1, 2, 3, 101, 401)))
        )
    else:
        setattr(message, field.name, _odd_value(field, random))


def _odd_value(field: Kind, random: Random) -> Any:
    if field.cpp_type == Kind.CPPTYPE_STRING:
        if field.type == Kind.TYPE_BYTES:
            return random.randbytes(random.choice((0, 1, 31, 32, 33, 64, 1_000)))
        return random.choice(_TEXTS)
    if field.cpp_type == Kind.CPPTYPE_BOOL:
        return random.random() < 0.5
    if field.cpp_type == Kind.CPPTYPE_DOUBLE:
        return random.choice((0.0, -0.0, 0.5, 1.0, -1.0, 1e308, inf, -inf, nan))
    least, most = _BOUNDS[field.cpp_type]
    return random.choice([number for number in _NUMBERS if least <= number <= most])


def damaged_bytes(body: bytes, random: Random) -> bytes:
    """Flip, insert, remove, repeat or cut off some bytes."""
    damaged = bytearray(body)
    for _ in range(random.randint(1, 4)):
        at = random.randint(0, len(damaged))
        end = min(len(damaged), at + random.randint(1, 8))
        match random.choice("firtc"):
            case "f" if at < len(damaged):
                damaged[at] ^= 1 << random.randrange(8)
            case "i":
                damaged[at:at] = random.randbytes(random.randint(1, 8))
            case "r":
                del damaged[at:end]
            case "t":
                damaged[at:at] = damaged[at:end] * random.randint(1, 50)
            case _:
                del damaged[at + 1 :]
    return bytes(damaged)
