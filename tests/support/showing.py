"""Records that show the ends of values, for tests of the composition guard.

Owns the step from values and masks to a record with a guard, made as the record path makes it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from gateway.adapters.keys.shown_tags import KeyedValueTags
from gateway.domain.deid.composition import GuardDraft
from gateway.domain.deid.masks import compile_mask
from gateway.domain.policy.documents import MaskFormat
from gateway.domain.stages import Intended, SafeRecord

PHONE = "13800138000"


class Showing(NamedTuple):
    """A field, its value, how many characters of it are shown, how many must stay hidden."""

    field: str
    value: str
    first: int
    last: int
    promised: int = 0


def showing(
    intended: Intended,
    *shown: Showing,
    on_exceed: Literal["tighten", "refuse"] = "tighten",
) -> SafeRecord:
    """The record whose fields show that, and one field that shows a number."""
    decided = intended.decided
    recipient = decided.resolved.authenticated.principal.institution
    draft = GuardDraft("credit.applicant", KeyedValueTags().bound(recipient, decided.subject))
    fields: list[tuple[str, str, str | int | None]] = []
    for one in shown:
        mask = MaskFormat(source="a test", keep_first=one.first, keep_last=one.last)
        masked = compile_mask(mask)(one.value)
        draft.add(one.field, (draft.part(one.field, one.value, mask, one.promised, masked),))
        fields.append((one.field, "mask", masked))
    fields.append(("credit_amount", "keep", 7))
    return SafeRecord(intended, tuple(fields), (), "", draft.done(on_exceed))
