"""One analyser for all tests of detection: it keeps no state between texts."""

import pytest

from gateway.detection.analyser import TextAnalyser, build


@pytest.fixture(scope="session")
def analyser() -> TextAnalyser:
    return build()
