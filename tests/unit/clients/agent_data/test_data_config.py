"""The ``[data]`` section: what its guide shows is read, what contradicts itself is not."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clients.agent.data.config import CsvSource, DatabaseSource, DataConfig

GUIDE = Path(__file__).resolve().parents[4] / "clients" / "agent" / "data" / "README.md"


class Profile(msgspec.Struct):
    """As much of an agent's profile as holds the section."""

    data: DataConfig


def read(text: str) -> DataConfig:
    def path(kind: type, value: Any) -> Any:
        return Path(value)

    return msgspec.toml.decode(text, type=Profile, dec_hook=path).data


def test_the_guides_example_is_read() -> None:
    found = re.search(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    dataset = read(found[1]).datasets["credit.loans"]
    assert dataset.source == CsvSource(path=Path("loans.csv"))
    assert dataset.dimensions["housing"].otherwise == "free"
    assert dataset.allowance is not None
    for line in re.findall(r"^# (source = .*)$", found[1], re.MULTILINE):
        assert read(re.sub(r"(?m)^source = .*$", line, found[1])).datasets


def test_relative_paths_are_below_the_profile() -> None:
    url = DatabaseSource(url_file=Path("x.url"), table="t")
    base = read('[data.datasets.a]\nsnapshot="1"\nperson="p"\nsource={kind="csv",path="x.csv"}')
    moved = base.below(Path("base")).datasets["a"]
    assert moved.source == CsvSource(path=Path("base/x.csv"))
    other = msgspec.structs.replace(moved, source=url)
    placed = DataConfig(datasets={"a": other}).below(Path("base")).datasets["a"].source
    assert placed == DatabaseSource(url_file=Path("base/x.url"), table="t")


@pytest.mark.parametrize(
    "source",
    [
        '{kind="database", url_file="u"}',
        '{kind="database", url_file="u", table="t", query="q"}',
        '{kind="database", url="sqlite://", table="t"}',
        '{kind="excel", path="x"}',
        '{kind="csv", path="x", delimiter=";;"}',
        '{kind="csv", path="x", other=1}',
    ],
)
def test_a_source_that_contradicts_itself_is_refused(source: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(f'[data.datasets.a]\nsnapshot="1"\nperson="p"\nsource={source}')
