"""The views of a text as the tests of this folder ask for them."""

from collections.abc import Callable

import pytest

from gateway.detection.context import ContextWords
from gateway.detection.text.document import Document
from gateway.detection.text.view import View, ViewKind

Views = Callable[[str, ViewKind], list[View]]


@pytest.fixture(scope="session")
def views() -> Views:
    words = ContextWords([("PHONE", ("电话", "mobile"))])

    def of_kind(text: str, kind: ViewKind) -> list[View]:
        return [view for view in Document(text, words).views if view.kind is kind]

    return of_kind
