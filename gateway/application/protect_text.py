"""Masking of one free-text field of a record, with what its masks show noted for the guard.

Owns nothing; refuses spans that contradict each other, by withholding the text: a detector that
gives overlapping spans has not looked at the text as it should.
"""

from collections.abc import Sequence

from gateway.application.ports.detection import Detected, DetectionFailed, DetectionFailure
from gateway.application.record_operators import RecordOperators, promised
from gateway.domain.deid.composition import Alternative, GuardDraft
from gateway.domain.deid.text import TextKeys


def mask_text(
    field: str,
    text: str,
    spans: Sequence[Detected],
    keys: TextKeys,
    operators: RecordOperators,
    draft: GuardDraft | None,
) -> str:
    """Return the masked text; raise ``DetectionFailed`` for spans that are no order of the text."""
    masks = operators.profile.masks
    parts: list[str | Alternative] = []
    read = 0
    try:
        for span, _, written, mask in operators.text.pieces(text, spans, keys):
            parts.append(text[read : span.start])
            read = span.end
            if mask and draft is not None:
                value, bound = text[span.start : span.end], promised(operators.profile, mask)
                parts.append(draft.part(field, value, masks[mask], bound, written))
            else:
                parts.append(written)
    except ValueError:
        raise DetectionFailed(DetectionFailure.RECOGNISER_ERROR, "spans") from None
    parts.append(text[read:])
    if draft is not None:
        draft.add(field, parts)
    return "".join(part if isinstance(part, str) else part.masked for part in parts)
