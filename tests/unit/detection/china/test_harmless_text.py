import hashlib
import random
import uuid
from collections.abc import Iterator
from pathlib import Path

from support.chinese_numbers import digits, number

from .conftest import Find

_SENTENCES = [
    line
    for line in (Path(__file__).parent / "harmless.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


def test_sentences_without_personal_data_have_none(find: Find) -> None:
    assert len(_SENTENCES) > 90
    assert [(line, one.entity, one.why) for line in _SENTENCES for one in find(line)] == []


def _harmless_numbers(rng: random.Random) -> Iterator[str]:
    for size in (6, 7, 8, 9, 10, 12):
        yield number(rng, size)
    yield str(rng.randrange(1_600_000_000_000, 1_800_000_000_000))
    yield f"20{rng.randrange(10, 30)}{rng.randrange(101, 1232):04}{digits(rng, 9)}"
    yield f"{number(rng, 11)}.{digits(rng, 2)}"
    yield f"0.{digits(rng, 18)}"
    yield f"{number(rng, 3)},{digits(rng, 3)},{digits(rng, 3)}.{digits(rng, 2)}"
    yield str(uuid.UUID(int=rng.getrandbits(128), version=4))
    yield hashlib.sha256(digits(rng, 9).encode()).hexdigest()
    yield hex(rng.getrandbits(64))
    yield f"1{number(rng, 18)}"
    yield f"2{digits(rng, 19)}"
    yield f"{rng.randrange(1, 255)}.{rng.randrange(255)}.{rng.randrange(255)}.{rng.randrange(255)}"
    yield " ".join(number(rng, 4) for _ in range(3))
    yield " ".join(number(rng, 6) for _ in range(4))


def test_numbers_of_machines_and_ledgers_are_not_found(find: Find) -> None:
    rng = random.Random(20261122)
    carriers = (
        "{}",
        "第{}条记录",
        "value={};",
        "row {} of the table",
        "共处理{}笔",
        "单号{}已发出",
    )
    found: list[tuple[str, str]] = []
    texts = 0
    for _ in range(60):
        for value in _harmless_numbers(rng):
            texts += 1
            text = rng.choice(carriers).format(value)
            found += [(text, one.entity) for one in find(text)]
    # A random number may be a valid one: at most one text in two hundred.
    assert len(found) <= texts // 200, found
