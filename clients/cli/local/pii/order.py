"""What a run is asked to do, as it is sent to every process that works on it.

Owns the order. Refuses to import the detector: the process that hands out the work does not need
it, and its import takes longer than many a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from clients.cli.local.pii.forms import Form, Read
from clients.cli.local.pii.items import Item
from gateway.application.ports.detection import Wanted


@dataclass(frozen=True, slots=True)
class KeyPlan:
    """Where the keys are, and for whom and what pseudonyms and tokens are made."""

    folder: str
    recipient: str
    purpose: str


@dataclass(frozen=True, slots=True)
class MaskingPlan:
    """A masking profile, by its policies folder and name, and its keys."""

    folder: str
    profile: str
    keys: KeyPlan | None = None


class View(Protocol):
    """What is written of an item."""

    def written(self, form: Form, item: Item, read: Sequence[Read]) -> bytes:
        """Return the output for one item."""
        ...


@dataclass(frozen=True, slots=True)
class MaskedView:
    """The item in its own form, masked."""

    def written(self, form: Form, item: Item, read: Sequence[Read]) -> bytes:
        """Return it as the form writes it."""
        return form.written(item, read)


@dataclass(frozen=True)
class Order:
    """What a run is asked to do; made once, sent to every worker."""

    form: Form
    wanted: Wanted
    view: View = field(default_factory=MaskedView)
    masking: MaskingPlan | None = None
