"""The keyed ports of text masking in memory: functions that say for whom they are.

Owns the promises without a key. Refuses to be secret: what they give shows its context.
"""

from __future__ import annotations

from gateway.application.ports.shown_values import ValueTags
from gateway.application.ports.tokens import TextKeySource
from gateway.domain.deid.composition import ValueTag
from gateway.domain.deid.text import TextKeys
from gateway.domain.subject import Subject


class MemoryTextKeys(TextKeySource):
    """Keyed functions that say for whom they are and hide the value."""

    def bound(self, recipient: str, purpose: str, subject: bytes | None) -> TextKeys:
        """Return functions that show recipient, purpose and type."""
        whom = f"{recipient}/{purpose}"
        return TextKeys(
            lambda type_, value: f"[{whom}/{type_}/{len(value)}]",
            lambda type_, value: f"[token/{whom}/{type_}/{len(value)}]",
            lambda type_, digits: digits[::-1],
            None if subject is None else lambda most: most,
        )


class MemoryValueTags(ValueTags):
    """Tags that nobody could mistake for keyed ones."""

    def bound(self, recipient: str, subject: Subject) -> ValueTag:
        """Return a tag that is the value, for one recipient."""
        return lambda value: f"{recipient}/{value}".encode()
