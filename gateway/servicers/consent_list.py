"""ListConsents: filters and pages in, summaries out. No subject leaves with them."""

from __future__ import annotations

import re
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.application.list_consents import ConsentFilter, ListConsents
from gateway.application.ports.consents import Listed, Place
from gateway.domain.consent import ConsentState, state_at
from gateway.domain.subject import SubjectKey
from gateway.servicers import decode
from gateway.servicers.binding import Call
from gateway.servicers.decode import InvalidField
from gateway.servicers.paging import next_token, page
from veilgate.v1 import consent_pb2 as pb

_PLACE: Final = re.compile(r"(0|[1-9][0-9]{0,11})\|([0-9a-f-]{36})", re.ASCII)
_PREFIX: Final = "CONSENT_STATE_"


class ConsentListServicer:
    """The list."""

    def __init__(self, consents: ListConsents) -> None:
        """Take the use case."""
        self._consents = consents

    async def list(self, call: Call[pb.ListConsentsRequest]) -> pb.ListConsentsResponse:
        """Answer ListConsents."""
        request = call.request
        # Not by their text: a page token is no place for a subject, not even as a digest of one.
        wanted = _filter(request)
        named = request.HasField("subject") or request.HasField("subject_reference")
        plain = (*_plain(wanted), named, call.principal.institution)
        asked = page(request.page_size, request.page_token, *plain)
        after = _place(asked.after) if asked.after else None
        found = await self._consents(call.principal, wanted, after, asked.limit)
        place = "" if found.next is None else f"{found.next.granted_at}|{found.next.consent_id}"
        return pb.ListConsentsResponse(
            consents=[_summary(one, found.now) for one in found.consents],
            next_page_token=next_token(place, *plain),
        )


def _filter(request: pb.ListConsentsRequest) -> ConsentFilter:
    return ConsentFilter(
        state=_state(request.state),
        dataset=request.dataset and decode.dotted_name(request.dataset, "dataset"),
        purpose=request.purpose and decode.dotted_name(request.purpose, "purpose"),
        controller=request.controller and decode.institution_id(request.controller, "controller"),
        collector=request.collector and decode.institution_id(request.collector, "collector"),
        subject=_subject(request),
        ends_before=_moment(request),
    )


def _plain(wanted: ConsentFilter) -> tuple[object, ...]:
    return (
        *(wanted.state, wanted.dataset, wanted.purpose),
        *(wanted.controller, wanted.collector, wanted.ends_before),
    )


def _state(number: int) -> ConsentState | None:
    if number == pb.CONSENT_STATE_UNSPECIFIED:
        return None
    if number not in pb.ConsentState.values():
        raise InvalidField("state", "must be a known state")
    return ConsentState(state_name(number))


def state_name(number: int) -> str:
    """Return the word of a known wire number."""
    value = pb.ConsentState.ValueType(number)
    return pb.ConsentState.Name(value).removeprefix(_PREFIX).lower()


def state_number(state: ConsentState | str) -> pb.ConsentState.ValueType:
    """Return the wire number of a state."""
    return pb.ConsentState.Value(f"{_PREFIX}{state.upper()}")


def _subject(request: pb.ListConsentsRequest) -> SubjectKey | None:
    if request.HasField("subject_reference"):
        if request.HasField("subject"):
            raise InvalidField("subject", "or subject_reference may be set, not both")
        return decode.subject_reference(request.subject_reference, "subject_reference")
    return decode.subject(request.subject, "subject") if request.HasField("subject") else None


def _moment(request: pb.ListConsentsRequest) -> int | None:
    if not request.HasField("valid_until_before"):
        return None
    moment = request.valid_until_before
    if moment.nanos or not 0 <= moment.seconds < 2**40:
        raise InvalidField("valid_until_before", "must be a whole second after 1970")
    return moment.seconds


def _place(after: str) -> Place:
    match = _PLACE.fullmatch(after)
    if match is None:
        raise InvalidField("page_token", "must be a token of this list, with the same filters")
    return Place(int(match[1]), match[2])


def _summary(one: Listed, now: int) -> pb.ConsentSummary:
    terms = one.consent.terms
    return pb.ConsentSummary(
        consent_id=terms.consent_id,
        version=terms.version,
        state=state_number(state_at(one.consent, now)),
        controller=terms.controller,
        collector=terms.collector,
        providers=sorted(terms.providers),
        datasets=sorted(terms.datasets),
        purposes=sorted(terms.purposes),
        valid_from=Timestamp(seconds=terms.valid_from),
        valid_until=Timestamp(seconds=terms.valid_until),
        granted_at=Timestamp(seconds=one.granted_at),
        uses=one.consent.standing.uses,
        uses_limit=terms.uses,
    )
