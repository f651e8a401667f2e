"""Text without personal data gives nothing at the default threshold."""

from pathlib import Path

import pytest

from support.international_findings import found


def _harmless() -> list[str]:
    place = Path(__file__).with_name("harmless_sentences.txt")
    return place.read_text(encoding="utf-8").splitlines()


HARMLESS = _harmless()


def test_there_are_enough_sentences() -> None:
    assert len(HARMLESS) > 100


@pytest.mark.parametrize("sentence", HARMLESS)
def test_nothing_is_found(sentence: str) -> None:
    assert [(one.entity, one.why) for one in found(sentence)] == []
