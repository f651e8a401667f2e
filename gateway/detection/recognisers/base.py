"""The base of our recognisers: views in, findings out, each with the reason of its score.

Owns what a recogniser says of itself: entities, gates, context words. Refuses to import Presidio,
which takes a second and a half and most of a process's memory; ``gateway.detection.presidio`` puts
recognisers into its form. An error of a recogniser reaches the caller.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple

from gateway.detection.text.view import View, ViewKind

# Scores. A policy sets the threshold; 0.5 is the default of every entity.
PROVED = 0.99
"""A check digit holds, and all that else can be checked."""
LIKELY = 0.8
"""The form is rare enough to stand for itself, or a word near says what it is."""
POSSIBLE = 0.6
"""The form fits and nothing speaks against it."""
WEAK = 0.3
"""The form fits, and so do many harmless things: below every default threshold."""


class Finding(NamedTuple):
    """``view.text[start:end]`` is an ``entity``.

    ``pattern`` names the form that fitted, ``why`` says in fixed words what decided the score
    ("check digit holds; near 身份证"): never a part of the text but for the context word.
    ``checked`` is the outcome of a checksum, None where there is none.
    """

    start: int
    end: int
    entity: str
    score: float
    pattern: str
    why: str
    checked: bool | None = None


class Recogniser(ABC):
    """A subclass names its entities, gates and context words, and finds."""

    ENTITIES: ClassVar[tuple[str, ...]]
    SHAPES: ClassVar[tuple[str, ...]] = ()
    """RE2 patterns over forms of numbers (``text.number_forms``): 0 is a digit, A or a a letter."""
    NAMED: ClassVar[tuple[str, ...]] = ()
    """Topics of ``CONTEXT``: a word of theirs, in a text with three digits at least."""
    NEEDS_DIGITS: ClassVar[bool] = True
    """False: a word of ``NAMED`` counts in a text without digits as well."""
    SIGNS: ClassVar[tuple[str, ...]] = ()
    """What stands in the text as it is written here."""
    GATES: ClassVar[tuple[str, ...]] = ()
    """RE2 patterns over ``view.ascii``. The recogniser is asked about a view with any of its
    shapes, named topics or signs (where it has any of these), in which one of its gates matches
    (where it has gates)."""
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Topic to words, for ``view.has_context``. Topics are shared: name one after an entity."""
    VIEWS: ClassVar[frozenset[ViewKind]] = frozenset(ViewKind)

    def __init__(self) -> None:
        """Get ready, once for all texts."""
        self.load()

    @property
    def name(self) -> str:
        """The name by which findings say who made them."""
        return type(self).__name__

    def load(self) -> None:  # noqa: B027 - most have nothing to load
        """Do nothing: patterns are compiled when the module is imported."""

    @abstractmethod
    def find(self, view: View) -> Iterator[Finding]:
        """Yield the findings in one view; they may overlap."""


class BatchRecogniser(Recogniser):
    """A recogniser that is quicker over many views at once than over one after the other."""

    @abstractmethod
    def find_many(self, views: Sequence[View]) -> list[list[Finding]]:
        """Return the findings of each view, in order."""

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the findings in one view."""
        yield from self.find_many([view])[0]
