"""Masking of free text: spans that a detector found, each by the operator of its type.

Owns the compiled text section of a masking profile, and where each masked value stands before and
after. Refuses spans that overlap or run backwards (ValueError), and never passes a value through:
what an operator cannot read is replaced by its type.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from gateway.domain.deid.errors import DeidError
from gateway.domain.deid.text_operators import (
    CompiledOperator,
    TextKeys,
    TextOperatorName,
    by_type,
    compile_operator,
)
from gateway.domain.policy.masking import MaskingDocument, TextOperator

__all__ = ["MaskedItem", "MaskedText", "TextKeys", "TextPlan", "compile_text"]

_HAN = re.compile("[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")


class FoundSpan(Protocol):
    """Characters ``start`` to ``end`` (end excluded) of a text are of ``type``."""

    @property
    def start(self) -> int:
        """The first character's place."""

    @property
    def end(self) -> int:
        """The place behind the last character."""

    @property
    def type(self) -> str:
        """The entity type, which may be printed."""

    @property
    def score(self) -> float:
        """How sure it is, 0 to 1."""


class MaskedItem(msgspec.Struct, frozen=True):
    """One value: its type, the operator that was used, and where it stood and stands now."""

    type: str
    operator: TextOperatorName
    start: int
    end: int
    masked_start: int
    masked_end: int


class MaskedText(msgspec.Struct, frozen=True):
    """A text after masking, and what was masked in it, in order."""

    text: str
    items: tuple[MaskedItem, ...]


class Piece(NamedTuple):
    """One span and what stands in its place; ``mask`` names the format where it is a mask."""

    span: FoundSpan
    operator: TextOperatorName
    written: str
    mask: str = ""


class TextPlan:
    """A compiled text section; make one with ``compile_text``. Safe to share, holds no values.

    ``entities`` (None: all), ``threshold`` and ``thresholds`` (0 to 1) are what a detector is to be
    asked for; ``entities`` does not narrow what ``apply`` masks.
    """

    __slots__ = ("_default", "_operators", "_zh", "entities", "threshold", "thresholds")

    def __init__(
        self,
        default: CompiledOperator,
        operators: Mapping[str, CompiledOperator],
        zh: Mapping[str, CompiledOperator],
        wanted: tuple[frozenset[str] | None, float, Mapping[str, float]],
    ) -> None:
        """Bind the operators by type; ``zh`` are those of values with a Chinese character."""
        self._default = default
        self._operators = operators
        self._zh = zh
        self.entities, self.threshold, self.thresholds = wanted

    def apply(self, text: str, spans: Sequence[FoundSpan], keys: TextKeys) -> MaskedText:
        """Return the text with every span masked.

        Raises ValueError unless the spans lie in the text, disjoint and in order; what ``keys``
        raises, other than ``DeidError``, goes through.
        """
        parts: list[str] = []
        items: list[MaskedItem] = []
        read, size = 0, 0
        for span, operator, written, _ in self.pieces(text, spans, keys):
            start = size + span.start - read
            size = start + len(written)
            parts += (text[read : span.start], written)
            items.append(MaskedItem(span.type, operator, span.start, span.end, start, size))
            read = span.end
        parts.append(text[read:])
        return MaskedText("".join(parts), tuple(items))

    def pieces(self, text: str, spans: Sequence[FoundSpan], keys: TextKeys) -> Iterator[Piece]:
        """Yield what stands in each span's place; raises as ``apply`` does."""
        require_disjoint(text, spans)
        for span in spans:
            value = text[span.start : span.end]
            chosen = self._chosen(span.type, value)
            try:
                yield Piece(span, chosen.name, chosen.apply(span.type, value, keys), chosen.mask)
            except DeidError:
                yield Piece(span, "replace", by_type(span.type, value, keys))

    def _chosen(self, type_: str, value: str) -> CompiledOperator:
        if type_ in self._zh and _HAN.search(value):
            return self._zh[type_]
        return self._operators.get(type_, self._default)


def require_disjoint(text: str, spans: Sequence[FoundSpan]) -> None:
    """Raise ValueError unless the spans lie in the text, disjoint and in order."""
    end = 0
    for span in spans:
        if not end <= span.start < span.end <= len(text):
            raise ValueError("spans to mask are disjoint, in order, and within the text")
        end = span.end


def compile_text(document: MaskingDocument) -> TextPlan:
    """Return the plan of the profile's text section; without one all is replaced by type.

    Raises ``DeidError`` for what the policy compiler refuses.
    """
    profile = document.text

    def compiled(operators: Mapping[str, TextOperator]) -> dict[str, CompiledOperator]:
        return {name: compile_operator(one, document.masks) for name, one in operators.items()}

    thresholds = {name: hundredths / 100 for name, hundredths in profile.thresholds.items()}
    entities = None if profile.entities is None else frozenset(profile.entities)
    return TextPlan(
        compile_operator(profile.default, document.masks),
        compiled(profile.operators),
        compiled(profile.zh),
        (entities, profile.threshold / 100, thresholds),
    )
