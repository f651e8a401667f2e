"""The part of GetRecord that gateways add: from the message to a checked ``Forwarding``.

Owns the checks of its fields, and that the consent that came along is of the request's subject and
for the recipient that is named.
"""

import re
from typing import Final

from gateway.application.accept_forwarded import Forwarding
from gateway.domain.subject import SubjectKey
from gateway.servicers import decode
from gateway.servicers.artefact import signed_consent
from gateway.servicers.decode import InvalidField
from veilgate.v1 import exchange_pb2

MAX_PATH: Final = 4
"""Gateways that a request may come through."""
_ORIGIN: Final = re.compile(r"(?=.{1,200}\Z)[a-z0-9.-]+(/[a-z0-9._-]+)*", re.ASCII)
_EVENT_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)


def forwarding(message: exchange_pb2.Forwarding, subject: SubjectKey) -> Forwarding:
    """Return what came along, or raise ``InvalidField``."""
    recipient = decode.institution_id(message.recipient, "forwarding.recipient")
    consent = signed_consent(message.consent, "forwarding.consent")
    if consent.subject != subject:
        raise InvalidField("forwarding.consent", "must be a consent of the request's subject")
    if consent.terms.controller != recipient:
        raise InvalidField("forwarding.consent", "must be a consent for the recipient")
    if _EVENT_ID.fullmatch(message.event_id) is None:
        raise InvalidField("forwarding.event_id", "must be 32 hexadecimal digits")
    return Forwarding(recipient, consent, _path(message), message.event_id)


def without_event(request: exchange_pb2.GetRecordRequest) -> bytes:
    """Return the request's bytes without the calling gateway's event.

    A request that is asked again is a new event there and the same request here.
    """
    same = exchange_pb2.GetRecordRequest()
    same.CopyFrom(request)
    same.forwarding.ClearField("event_id")
    return same.SerializeToString(deterministic=True)


def _path(message: exchange_pb2.Forwarding) -> tuple[str, ...]:
    if not 0 < len(message.path) <= MAX_PATH:
        raise InvalidField("forwarding.path", f"must have 1 to {MAX_PATH} entries")
    for at, origin in enumerate(message.path):
        if _ORIGIN.fullmatch(origin) is None:
            raise InvalidField(f"forwarding.path[{at}]", "must be a log's origin")
    return tuple(message.path)
