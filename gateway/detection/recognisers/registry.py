"""Which recognisers there are. To add one: write its file, and its line here.

Owns the list, and the automaton over all their context words.
"""

from functools import cache

from gateway.detection.context import ContextWords
from gateway.detection.recognisers.base import Recogniser
from gateway.detection.recognisers.gates import GatedRecognisers

__all__ = ["GatedRecognisers", "context_words", "recogniser_classes"]


@cache
def recogniser_classes() -> tuple[type[Recogniser], ...]:
    """Return the classes, in no order that matters."""
    from gateway.detection.names import RECOGNISERS as NAMES
    from gateway.detection.recognisers.china import RECOGNISERS as CHINA
    from gateway.detection.recognisers.international import (
        RECOGNISERS as INTERNATIONAL,
    )
    from gateway.detection.recognisers.places import RECOGNISERS as PLACES

    return (*CHINA, *INTERNATIONAL, *PLACES, *NAMES)


@cache
def context_words() -> ContextWords:
    """Return the automaton over the context words of all recognisers."""
    return ContextWords(
        item for recogniser in recogniser_classes() for item in recogniser.CONTEXT.items()
    )
