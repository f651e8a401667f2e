"""The port for free text: what a use case asks of a detector.

Owns the values that cross the port and the one error it raises. It refuses to know how anything
is detected, and it has no answer for "detection did not work": that is always `DetectionFailed`,
so that the caller withholds the field.
"""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

import msgspec

_TYPE_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
MAX_VALUE_CHARACTERS = 1024


# The names of types are few; a refusal is not remembered.
@lru_cache(maxsize=512)
def _require_type_name(name: str) -> None:
    # The name is printed in place of what it stands for: it must be unable to carry a value.
    if _TYPE_NAME.fullmatch(name) is None:
        raise ValueError("a type is written A-Z, 0-9 and _, begins with a letter, at most 64")


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value of the subject that the caller already holds, such as its name or card number.

    Raises ValueError for a type that is no upper-case name, and for a value that is longer than
    `MAX_VALUE_CHARACTERS` or has neither letter nor digit. The value is left out of the repr.
    """

    type: str
    value: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what could not be masked or searched for."""
        _require_type_name(self.type)
        if len(self.value) > MAX_VALUE_CHARACTERS:
            raise ValueError(f"a known value has at most {MAX_VALUE_CHARACTERS} characters")
        if not any(character.isalnum() for character in self.value):
            raise ValueError("a known value has at least one letter or digit")


class Span(msgspec.Struct, frozen=True):
    """Characters `start` to `end` (end excluded) of a text are of `type`, with a score of 0 to 1.

    Raises ValueError unless 0 <= start < end and 0 <= score <= 1.
    """

    start: int
    end: int
    type: str
    score: float

    def __post_init__(self) -> None:
        """Refuse an extent that is empty or runs backwards."""
        _require_type_name(self.type)
        if not 0 <= self.start < self.end:
            raise ValueError(f"a span runs forward from 0, not from {self.start} to {self.end}")
        if not 0.0 <= self.score <= 1.0:
            raise ValueError(f"a score lies between 0 and 1, not at {self.score}")


class Detected(Span, frozen=True):
    """A span, which recogniser found it and why it has its score.

    ``why`` is made of fixed words and context words ("check digit holds; near 身份证"), never of
    the value. ``checked`` is the outcome of a checksum, None where the form has none.
    """

    recogniser: str = ""
    pattern: str = ""
    why: str = ""
    checked: bool | None = None


DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller wants found. ``entities`` None: all. A threshold of 0 shows every guess."""

    entities: frozenset[str] | None = None
    threshold: float = DEFAULT_THRESHOLD
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """By entity, in place of ``threshold``."""

    def takes(self, type_: str, score: float) -> bool:
        """Say whether a finding is of a wanted entity and at least at its threshold."""
        if self.entities is not None and type_ not in self.entities:
            return False
        return score >= self.thresholds.get(type_, self.threshold)


class DetectionFailure(enum.Enum):
    """Why a text could not be de-identified."""

    OVERSIZE = "the text or the list of known values is over the limit"
    RECOGNISER_ERROR = "a part of the detection raised an error"
    RESIDUE = "a known value was still there after masking"
    TIMEOUT = "detection took longer than its time limit"
    CRASHED = "the pool process died"
    OVERLOADED = "too many texts are waiting for detection"
    NOT_RUNNING = "the text detector is not running"


class DetectionFailed(Exception):
    """The text was not de-identified: withhold the field. Never carries any of the text.

    `component` is a name out of the code (a recogniser's, an exception's), never out of data.
    """

    def __init__(self, reason: DetectionFailure, component: str = "") -> None:
        super().__init__(reason, component)
        self.reason = reason
        self.component = component

    def __str__(self) -> str:
        """Return the fixed text of the reason, and the component in brackets."""
        return f"{self.reason.value} ({self.component})" if self.component else self.reason.value


class TextDetector(Protocol):
    """Finds what identifies a person in free text."""

    async def analyse(
        self, text: str, known: tuple[KnownValue, ...], wanted: Wanted
    ) -> tuple[Detected, ...]:
        """Return disjoint spans in order of their start; offsets are code points of `text`.

        Known values are returned whatever is wanted. Raises DetectionFailed for everything that
        keeps the whole text from having been looked at.
        """
        ...
