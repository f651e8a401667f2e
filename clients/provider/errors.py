"""What goes wrong with a provider's own server, as its author sees it."""

from __future__ import annotations

from clients.sdk.failure import SdkError


class ProviderError(SdkError):
    """The provider cannot be served, checked or indexed."""


class CannotAnswer(Exception):
    """Raised in ``lookup``: this cannot be answered now. Its text goes nowhere."""
