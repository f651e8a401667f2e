"""Between the messages of DeidentifyService and the values of the use cases.

Owns the bounds of a request's fields. Refuses a field by its path; no text or value is repeated.
"""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Final

from gateway.application.deidentify_text import Deidentified, TextRequest
from gateway.application.ports.detection import (
    DEFAULT_THRESHOLD,
    Detected,
    KnownValue,
    Wanted,
)
from gateway.domain.reasons import Finding
from gateway.domain.texts import finding_text
from gateway.servicers.decode import InvalidField, dotted_name
from gateway.servicers.streams import Refusal
from veilgate.v1 import deid_pb2 as pb
from veilgate.v1 import error_reason_pb2

MAX_ENTITIES: Final = 100
MAX_KNOWN: Final = 256
MAX_SUBJECT_KEY: Final = 64
_TYPE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII)


def text_of(text: str) -> str:
    """Return a text that is there."""
    if not text:
        raise InvalidField("text", "must not be empty")
    return text


def known_values(values: Sequence[pb.KnownValue]) -> tuple[KnownValue, ...]:
    """Return the caller's known values."""
    if len(values) > MAX_KNOWN:
        raise InvalidField("known", f"must have at most {MAX_KNOWN} entries")
    return tuple(_known(one, f"known[{at}]") for at, one in enumerate(values))


def _known(one: pb.KnownValue, path: str) -> KnownValue:
    _entity(one.type, f"{path}.type")
    try:
        return KnownValue(one.type, one.value)
    except ValueError:
        wanted_form = "must be 1 to 1024 characters with a letter or digit among them"
        raise InvalidField(f"{path}.value", wanted_form) from None


def wanted(request: pb.AnalyzeRequest) -> Wanted:
    """Return what a request wants found."""
    if len(request.entities) > MAX_ENTITIES:
        raise InvalidField("entities", f"must have at most {MAX_ENTITIES} entries")
    for at, entity in enumerate(request.entities):
        _entity(entity, f"entities[{at}]")
    threshold = request.threshold if request.HasField("threshold") else DEFAULT_THRESHOLD
    if math.isnan(threshold) or not 0 <= threshold <= 1:
        raise InvalidField("threshold", "must lie between 0 and 1")
    return Wanted(frozenset(request.entities) or None, threshold)


def _entity(name: str, path: str) -> None:
    if _TYPE.fullmatch(name) is None:
        raise InvalidField(path, "must be an entity type: A-Z, 0-9 and _, at most 64")


def text_request(request: pb.DeidentifyRequest) -> TextRequest:
    """Return what is to be masked, and how."""
    if len(request.subject_key) > MAX_SUBJECT_KEY:
        raise InvalidField("subject_key", f"must be at most {MAX_SUBJECT_KEY} bytes")
    return TextRequest(
        text_of(request.text),
        dotted_name(request.purpose, "purpose"),
        dotted_name(request.profile, "profile") if request.profile else "",
        known_values(request.known),
        request.subject_key or None,
    )


def analyze_response(found: Iterable[Detected]) -> pb.AnalyzeResponse:
    """Return the message of an analysis."""
    return pb.AnalyzeResponse(findings=[_finding(one) for one in found])


def _finding(one: Detected) -> pb.PiiFinding:
    return pb.PiiFinding(
        type=one.type,
        start=one.start,
        end=one.end,
        score=one.score,
        recogniser=one.recogniser,
        pattern=one.pattern,
        why=one.why,
        checked=one.checked,
    )


def deidentify_response(one: Deidentified) -> pb.DeidentifyResponse:
    """Return the message of a masked text."""
    return pb.DeidentifyResponse(
        text=one.masked.text,
        items=[
            pb.MaskedItem(
                type=item.type,
                operator=item.operator,
                start=item.start,
                end=item.end,
                masked_start=item.masked_start,
                masked_end=item.masked_end,
            )
            for item in one.masked.items
        ],
        policy_digest=one.policy_digest,
    )


def text_refusal(refusal: Refusal) -> pb.TextRefusal:
    """Return a refusal in the place of an answer."""
    text = finding_text(Finding(refusal.reason))
    return pb.TextRefusal(
        reason=error_reason_pb2.ErrorReason.Value(f"ERROR_REASON_{refusal.reason.value}"),
        field=refusal.field,
        message=text.en,
        message_zh=text.zh,
    )
