"""One engine for all tests of detection: it keeps nothing of a text."""

import pytest

from gateway.detection.engine import TextEngine


@pytest.fixture(scope="session")
def engine() -> TextEngine:
    return TextEngine()
