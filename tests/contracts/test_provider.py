"""What every local provider promises: these fields of this subject, or a typed refusal in time."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.stages import Value
from gateway.domain.subject import SubjectIdentifier, SubjectReference, normalise
from gateway.domain.vocabulary import IdentifierType
from support.live_gateway import DATASET
from support.provider_engine_kinds import PROVIDERS, WRONG
from support.provider_engines import ANN, COLUMNS, ProviderEngine, Row, RunningProvider

PERSON = normalise(IdentifierType.US_SSN, "001-01-0001")
OTHER = normalise(IdentifierType.US_SSN, "001-01-0002")
_WAIT_S = 20


@pytest.fixture(params=list(PROVIDERS))
def engine(request: pytest.FixtureRequest) -> ProviderEngine:
    return PROVIDERS[request.param]


@contextmanager
def running(engine: ProviderEngine, folder: Path) -> Iterator[RunningProvider]:
    provider = RunningProvider(engine.source(folder))
    try:
        yield provider
    finally:
        provider.close()


def row(person: SubjectIdentifier = PERSON, changes: Mapping[str, object] | None = None) -> Row:
    name, phone, amount, remark = ({**ANN, **(changes or {})}[column] for column in COLUMNS)
    return (person.type.value, person.value, name, phone, amount, remark)


async def _reason(
    provider: RunningProvider, fields: tuple[str, ...] = COLUMNS, dataset: str = DATASET
) -> ErrorReason:
    with pytest.raises(Refused) as caught:
        await provider.fetch(PERSON, fields, dataset)
    return caught.value.reason


async def _recovered(provider: RunningProvider) -> Mapping[str, Value]:
    """What it answers once it answers again."""
    deadline = time.monotonic() + _WAIT_S
    while True:
        try:
            found = await provider.fetch(PERSON)
        except Refused:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)
        else:
            assert found is not None
            return found


async def _refused_at_last(provider: RunningProvider) -> ErrorReason:
    """Why it refuses once it does: a file is looked at once a second."""
    deadline = time.monotonic() + _WAIT_S
    while True:
        try:
            await provider.fetch(PERSON)
        except Refused as refused:
            return refused.reason
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


async def test_a_subject_is_found_with_exactly_the_fields(
    engine: ProviderEngine, tmp_path: Path
) -> None:
    engine.fill(tmp_path, [row(), row(OTHER, {"name": "Bob"})])
    with running(engine, tmp_path) as provider:
        assert await provider.fetch(PERSON) == ANN
        assert await provider.fetch(OTHER, ("name",)) == {"name": "Bob"}
        some = await provider.fetch(PERSON, ("remark", "credit_amount"))
        assert some == {"remark": None, "credit_amount": 1169}


async def test_nobody_is_found_by_another_type_or_number(
    engine: ProviderEngine, tmp_path: Path
) -> None:
    engine.fill(tmp_path, [row()])
    with running(engine, tmp_path) as provider:
        assert await provider.fetch(OTHER) is None
        odd = SubjectIdentifier(IdentifierType.CN_RESIDENT_ID, PERSON.value)
        assert await provider.fetch(odd) is None
        for number in ("' OR 1=1 --", "1010001", "001010001 ", "%", "\u0660\u0660"):
            assert await provider.fetch(SubjectIdentifier(IdentifierType.US_SSN, number)) is None


async def test_a_reference_is_no_identifier(engine: ProviderEngine, tmp_path: Path) -> None:
    engine.fill(tmp_path, [row()])
    with running(engine, tmp_path) as provider:
        with pytest.raises(Refused) as caught:
            await provider.fetch(SubjectReference("1", bytes(64)))
        assert caught.value.reason is ErrorReason.IDENTIFIER_NEEDED


@pytest.mark.parametrize(
    ("name", "change"),
    [(name, change) for name, change, _ in WRONG],
    ids=[f"{name}-{number}" for name, _, number in WRONG],
)
async def test_a_value_of_another_type_or_size_is_no_answer(
    name: str, change: dict[str, object], tmp_path: Path
) -> None:
    engine = PROVIDERS[name]
    # Both have it: a column of one type cannot hold a single wrong value.
    engine.fill(tmp_path, [row(PERSON, change), row(OTHER, change)])
    others = tuple(column for column in COLUMNS if column not in change)
    with running(engine, tmp_path) as provider:
        both = (_reason(provider), provider.fetch(OTHER, others))
        reason, found = await asyncio.gather(*both)
        assert reason is ErrorReason.PROVIDER_ANSWER_INVALID
        assert found == {column: ANN[column] for column in others}


async def test_two_rows_of_one_subject_are_no_answer(
    engine: ProviderEngine, tmp_path: Path
) -> None:
    engine.fill(tmp_path, [row(), row(PERSON, {"name": "Another"}), row(OTHER)])
    with running(engine, tmp_path) as provider:
        reason, found = await asyncio.gather(_reason(provider), provider.fetch(OTHER))
        assert reason is ErrorReason.PROVIDER_ANSWER_INVALID
        assert found == ANN


async def test_a_thousand_rows_of_one_subject_spoil_no_other_look_up(
    engine: ProviderEngine, tmp_path: Path
) -> None:
    engine.fill(tmp_path, [*[row()] * 1_000, row(OTHER)])
    with running(engine, tmp_path) as provider:
        calls = [provider.fetch(OTHER) for _ in range(5)]
        reason, *found = await asyncio.gather(_reason(provider), *calls)
        assert reason is ErrorReason.PROVIDER_ANSWER_INVALID
        assert found == [ANN] * 5


async def test_a_missing_column_is_unavailable_and_others_are_served(
    engine: ProviderEngine, tmp_path: Path
) -> None:
    engine.fill(tmp_path, [row()])
    engine.drop_column(tmp_path, "phone")
    with running(engine, tmp_path) as provider:
        reason, found = await asyncio.gather(_reason(provider), provider.fetch(PERSON, ("name",)))
        assert reason is ErrorReason.PROVIDER_UNAVAILABLE
        assert found == {"name": "Ann"}


async def test_a_missing_key_column_is_unavailable(engine: ProviderEngine, tmp_path: Path) -> None:
    engine.fill(tmp_path, [row()])
    engine.drop_column(tmp_path, "kind")
    with running(engine, tmp_path) as provider:
        assert await _reason(provider) is ErrorReason.PROVIDER_UNAVAILABLE


async def test_a_missing_table_is_unavailable_until_it_is_back(
    engine: ProviderEngine, tmp_path: Path
) -> None:
    engine.fill(tmp_path, [row()])
    with running(engine, tmp_path) as provider:
        assert await provider.fetch(PERSON) == ANN
        engine.drop_all(tmp_path)
        assert await _refused_at_last(provider) is ErrorReason.PROVIDER_UNAVAILABLE
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
        assert await provider.fetch(PERSON) == ANN
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
    people = [normalise(IdentifierType.US_SSN, f"001-01-{number:04}") for number in range(1, 301)]
    engine.fill(tmp_path, [row(one, {"name": one.value}) for one in people])
    with running(engine, tmp_path) as provider:
        answers = await asyncio.gather(*(provider.fetch(one, ("name",)) for one in people))
        assert answers == [{"name": one.value} for one in people]
        # The same subject by many at once, for different fields.
        calls = [provider.fetch(PERSON, (field,)) for field in COLUMNS for _ in range(20)]
        expected = [{field: {**ANN, "name": PERSON.value}[field]} for field in COLUMNS]
        assert await asyncio.gather(*calls) == [one for one in expected for _ in range(20)]
