"""What every provider promises: these fields of this subject, or a typed refusal in time."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.stages import Value
from gateway.domain.subject import SubjectIdentifier, normalise
from gateway.domain.vocabulary import IdentifierType
from support.live_gateway import DATASET
from support.provider_engines import (
    ANN,
    COLUMNS,
    PROVIDERS,
    ProviderEngine,
    Row,
    RunningProvider,
)

PERSON = normalise(IdentifierType.US_SSN, "900-01-0001")
OTHER = normalise(IdentifierType.US_SSN, "900-01-0002")
_RECOVERY_S = 20


@pytest.fixture(params=list(PROVIDERS))
def engine(request: pytest.FixtureRequest) -> ProviderEngine:
    return PROVIDERS[request.param]


@contextmanager
def running(engine: ProviderEngine, folder: Path) -> Iterator[RunningProvider]:
    provider = engine.start(folder)
    try:
        yield provider
    finally:
        provider.close()


def row(person: SubjectIdentifier = PERSON, **changes: object) -> Row:
    name, phone, amount, remark = (changes.get(column, ANN[column]) for column in COLUMNS)
    return (person.type.value, person.value, name, phone, amount, remark)


async def _reason(
    provider: RunningProvider, fields: tuple[str, ...] = COLUMNS, dataset: str = DATASET
) -> ErrorReason:
    with pytest.raises(Refused) as caught:
        await provider.fetch(dataset, PERSON, fields)
    return caught.value.reason


async def _recovered(provider: RunningProvider) -> dict[str, Value]:
    """What it answers once it answers again."""
    deadline = time.monotonic() + _RECOVERY_S
    while True:
        try:
            found = await provider.fetch(DATASET, PERSON, COLUMNS)
        except Refused:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)
        else:
            assert found is not None
            return dict(found)


async def test_a_subject_is_found_with_exactly_the_fields(
    engine: ProviderEngine, tmp_path: Path
) -> None:
    engine.fill(tmp_path, [row(), row(OTHER, name="Bob")])
    with running(engine, tmp_path) as provider:
        assert await provider.fetch(DATASET, PERSON, COLUMNS) == ANN
        assert await provider.fetch(DATASET, OTHER, ("name",)) == {"name": "Bob"}
        some = await provider.fetch(DATASET, PERSON, ("remark", "credit_amount"))
        assert some == {"remark": None, "credit_amount": 1169}


async def test_nobody_is_found_by_another_type_or_number(
    engine: ProviderEngine, tmp_path: Path
) -> None:
    engine.fill(tmp_path, [row()])
    with running(engine, tmp_path) as provider:
        assert await provider.fetch(DATASET, OTHER, COLUMNS) is None
        odd = SubjectIdentifier(IdentifierType.CN_RESIDENT_ID, PERSON.value)
        assert await provider.fetch(DATASET, odd, COLUMNS) is None
        quoted = SubjectIdentifier(IdentifierType.US_SSN, "' OR 1=1 --")
        assert await provider.fetch(DATASET, quoted, COLUMNS) is None


@pytest.mark.parametrize(
    "change",
    [
        {"name": 7},
        {"credit_amount": "1169"},
        {"credit_amount": 11.5},
        {"credit_amount": 2.0},
        {"name": b"Ann"},
        {"remark": b"\xff\x00"},
        {"remark": "x" * 16_385},
        {"phone": 3.14},
    ],
    ids=str,
)
async def test_a_value_of_another_type_or_size_is_no_answer(
    engine: ProviderEngine, tmp_path: Path, change: dict[str, object]
) -> None:
    engine.fill(tmp_path, [row(PERSON, **change), row(OTHER)])
    with running(engine, tmp_path) as provider:
        assert await _reason(provider) is ErrorReason.PROVIDER_ANSWER_INVALID
        assert await provider.fetch(DATASET, OTHER, COLUMNS) == ANN


async def test_two_rows_of_one_subject_are_no_answer(
    engine: ProviderEngine, tmp_path: Path
) -> None:
    engine.fill(tmp_path, [row(), row(name="Another"), row(OTHER)])
    with running(engine, tmp_path) as provider:
        assert await _reason(provider) is ErrorReason.PROVIDER_ANSWER_INVALID
        assert await provider.fetch(DATASET, OTHER, COLUMNS) == ANN


async def test_a_missing_column_is_unavailable_and_others_are_served(
    engine: ProviderEngine, tmp_path: Path
) -> None:
    engine.fill(tmp_path, [row()])
    engine.drop_column(tmp_path, "phone")
    with running(engine, tmp_path) as provider:
        assert await _reason(provider) is ErrorReason.PROVIDER_UNAVAILABLE
        assert await provider.fetch(DATASET, PERSON, ("name",)) == {"name": "Ann"}


async def test_a_missing_table_is_unavailable_until_it_is_back(
    engine: ProviderEngine, tmp_path: Path
) -> None:
    engine.fill(tmp_path, [row()])
    with running(engine, tmp_path) as provider:
        assert await provider.fetch(DATASET, PERSON, COLUMNS) == ANN
        engine.drop_all(tmp_path)
        assert await _reason(provider) is ErrorReason.PROVIDER_UNAVAILABLE
        engine.fill(tmp_path, [row()])
        assert await _recovered(provider) == ANN


async def test_a_source_that_is_not_there_is_unavailable(
    engine: ProviderEngine, tmp_path: Path
) -> None:
    with running(engine, tmp_path) as provider:
        assert await _reason(provider) is ErrorReason.PROVIDER_UNAVAILABLE


async def test_an_unknown_dataset_is_unavailable(engine: ProviderEngine, tmp_path: Path) -> None:
    engine.fill(tmp_path, [row()])
    with running(engine, tmp_path) as provider:
        reason = await _reason(provider, dataset="credit.other")
        assert reason is ErrorReason.PROVIDER_UNAVAILABLE


async def test_a_killed_process_is_unavailable_and_comes_back(
    engine: ProviderEngine, tmp_path: Path
) -> None:
    engine.fill(tmp_path, [row()])
    with running(engine, tmp_path) as provider:
        assert await provider.fetch(DATASET, PERSON, COLUMNS) == ANN
        killed = provider.pid
        os.kill(killed, signal.SIGSTOP)
        waiting = asyncio.ensure_future(_reason(provider))
        await asyncio.sleep(0)
        os.kill(killed, signal.SIGKILL)
        assert await waiting is ErrorReason.PROVIDER_UNAVAILABLE
        assert await _recovered(provider) == ANN
        assert provider.pid != killed


async def test_a_hung_process_times_out_and_is_replaced(
    engine: ProviderEngine, tmp_path: Path
) -> None:
    engine.fill(tmp_path, [row()])
    with running(engine, tmp_path) as provider:
        hung = provider.pid
        os.kill(hung, signal.SIGSTOP)
        reasons = await asyncio.gather(*(_reason(provider) for _ in range(8)))
        assert set(reasons) == {ErrorReason.PROVIDER_TIMEOUT}
        assert await _recovered(provider) == ANN
        assert provider.pid != hung


async def test_many_at_once_get_each_their_own(engine: ProviderEngine, tmp_path: Path) -> None:
    people = [normalise(IdentifierType.US_SSN, f"900-01-{number:04}") for number in range(1, 301)]
    engine.fill(tmp_path, [row(one, name=one.value) for one in people])
    with running(engine, tmp_path) as provider:
        answers = await asyncio.gather(*(provider.fetch(DATASET, one, ("name",)) for one in people))
    assert answers == [{"name": one.value} for one in people]
