"""What is asked of a detector, and what comes back: the values that cross a process boundary."""

from typing import NamedTuple

from gateway.application.ports.detection import Detected, DetectionFailed, KnownValue, Wanted

EVERYTHING = Wanted()
Answer = tuple[Detected, ...] | DetectionFailed
"""The spans of a text, or why there are none."""


class Question(NamedTuple):
    """A text to look through, the subject's own values, and what is wanted."""

    text: str
    known: tuple[KnownValue, ...] = ()
    wanted: Wanted = EVERYTHING
