"""What a labelled corpus is made of: texts, and the spans in them that a person marked.

Owns the values. Refuses a span that leaves its text or runs backwards: a corpus whose offsets are
off by one would blame the detector.
"""

from dataclasses import dataclass, field

from gateway.application.ports.detection import Span

UNGROUPED = "all"


class CorpusError(ValueError):
    """A corpus cannot be read. Names the place, never what stands there."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """Characters ``start`` to ``end`` (end excluded) of a text are of ``type``."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with its marks. ``group`` names the part of the corpus it is counted with.

    Raises ValueError for a mark outside the text. The text is left out of the repr.
    """

    text: str = field(repr=False)
    marks: tuple[Mark, ...] = ()
    group: str = UNGROUPED
    language: str = ""

    def __post_init__(self) -> None:
        """Refuse marks that the text does not have."""
        for mark in self.marks:
            Span(mark.start, mark.end, mark.type, 1.0)
            if mark.end > len(self.text):
                raise ValueError(f"a mark ends at {mark.end}, the text at {len(self.text)}")
