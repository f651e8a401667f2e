"""DirectoryService: decode, call the use case, encode."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import grpc

from gateway.application.manage_directory import ManageDirectory, Signed
from gateway.application.ports.directory import ContractFilter, MemberFilter
from gateway.application.ports.ledger import Recorded
from gateway.application.view_directory import ViewDirectory
from gateway.domain.enrolment import InstitutionEvent
from gateway.domain.reasons import ErrorReason, Refused
from gateway.servicers import decode, enrolment
from gateway.servicers import directory_messages as messages
from gateway.servicers.binding import Call, Guard, service, unary
from gateway.servicers.decode import InvalidField
from gateway.servicers.paging import Page, next_token, page
from veilgate.v1 import directory_pb2 as pb

NAME: Final = "veilgate.v1.DirectoryService"
MAX_SIGNED_BYTES: Final = 64 * 1024
MAX_SIGNATURES: Final = 16
_MAX_DAYS: Final = 365
_DEFAULT_DAYS: Final = 30
_PLACE: Final = re.compile(r"[0-9]{1,11}\|(certificate|signing_key|agreement)\|[a-z0-9.-]{1,64}")
T = TypeVar("T")


class DirectoryServicer:
    """Enrol, change, suspend, agree, look. ``clock`` is Unix seconds."""

    def __init__(
        self,
        manage: ManageDirectory,
        view: ViewDirectory,
        trust_domain: str,
        clock: Callable[[], float],
    ) -> None:
        """Take the use cases, the domain that certificates must be of, and a clock."""
        self._manage = manage
        self._view = view
        self._trust_domain = trust_domain
        self._clock = clock

    async def enrol(self, call: Call[pb.EnrolInstitutionRequest]) -> pb.EnrolInstitutionResponse:
        """Answer EnrolInstitution."""
        signed = _signed(call.request.enrolment, call.request.signatures, "enrolment")
        wanted = enrolment.enrolment(signed.payload, "enrolment", self._trust_domain, self._clock())
        recorded = await self._manage.enrol(call.principal, wanted, signed)
        return pb.EnrolInstitutionResponse(event_id=recorded.event_id, log_index=recorded.log_index)

    async def change(self, call: Call[pb.ChangeCredentialsRequest]) -> pb.ChangeCredentialsResponse:
        """Answer ChangeCredentials."""
        signed = _signed(call.request.change, call.request.signatures, "change")
        wanted = enrolment.credential_change(
            signed.payload, "change", self._trust_domain, self._clock()
        )
        try:
            changed = await self._manage.change_credentials(call.principal, wanted, signed)
        except Refused as refused:
            raise _named(refused) from None
        return pb.ChangeCredentialsResponse(
            event_id=changed.recorded.event_id,
            log_index=changed.recorded.log_index,
            retired_at=messages.moment(changed.retired_at),
        )

    async def suspend(
        self, call: Call[pb.SuspendInstitutionRequest]
    ) -> pb.SuspendInstitutionResponse:
        """Answer SuspendInstitution."""
        recorded = await self._change_status(call, InstitutionEvent.SUSPEND)
        return pb.SuspendInstitutionResponse(
            event_id=recorded.event_id, log_index=recorded.log_index
        )

    async def reactivate(
        self, call: Call[pb.ReactivateInstitutionRequest]
    ) -> pb.ReactivateInstitutionResponse:
        """Answer ReactivateInstitution."""
        recorded = await self._change_status(call, InstitutionEvent.REACTIVATE)
        return pb.ReactivateInstitutionResponse(
            event_id=recorded.event_id, log_index=recorded.log_index
        )

    async def get(self, call: Call[pb.GetInstitutionRequest]) -> pb.GetInstitutionResponse:
        """Answer GetInstitution."""
        institution = decode.institution_id(call.request.institution, "institution")
        member = await self._view.member(call.principal, institution)
        return pb.GetInstitutionResponse(institution=messages.encode_member(member))

    async def members(self, call: Call[pb.ListInstitutionsRequest]) -> pb.ListInstitutionsResponse:
        """Answer ListInstitutions."""
        asked = call.request
        group = asked.legal_group
        wanted = MemberFilter(
            enrolment.role(asked.role, "role") if asked.role else None,
            messages.decode_status(asked.status, "status"),
            decode.institution_id(group, "legal_group") if group else "",
        )
        filters = (wanted.role, wanted.status, group)
        one = _page(asked.page_size, asked.page_token, decode.institution_id, *filters)
        found = await self._view.members(call.principal, wanted, one.limit + 1, one.after)
        shown, after = _cut(found, one.limit, lambda last: last.id)
        return pb.ListInstitutionsResponse(
            institutions=[messages.encode_member(member) for member in shown],
            next_page_token=next_token(after, *filters),
        )

    async def add_agreement(self, call: Call[pb.AddAgreementRequest]) -> pb.AddAgreementResponse:
        """Answer AddAgreement."""
        contract = messages.decode_agreement(call.request.agreement, "agreement")
        recorded = await self._manage.add_agreement(call.principal, contract)
        return pb.AddAgreementResponse(event_id=recorded.event_id, log_index=recorded.log_index)

    async def end_agreement(self, call: Call[pb.EndAgreementRequest]) -> pb.EndAgreementResponse:
        """Answer EndAgreement."""
        agreement_id = decode.uuid(call.request.agreement_id, "agreement_id")
        recorded = await self._manage.end_agreement(call.principal, agreement_id)
        return pb.EndAgreementResponse(event_id=recorded.event_id, log_index=recorded.log_index)

    async def agreements(self, call: Call[pb.ListAgreementsRequest]) -> pb.ListAgreementsResponse:
        """Answer ListAgreements."""
        asked = call.request
        wanted = ContractFilter(
            decode.institution_id(asked.institution, "institution") if asked.institution else "",
            decode.dotted_name(asked.dataset, "dataset") if asked.dataset else "",
            decode.dotted_name(asked.purpose, "purpose") if asked.purpose else "",
        )
        filters = (wanted.institution, wanted.dataset, wanted.purpose, asked.in_force_only)
        one = _page(asked.page_size, asked.page_token, decode.uuid, *filters)
        found = await self._view.contracts(
            call.principal, wanted, asked.in_force_only, one.limit + 1, one.after
        )
        shown, after = _cut(found, one.limit, lambda last: last.id)
        return pb.ListAgreementsResponse(
            agreements=[messages.encode_contract(contract) for contract in shown],
            next_page_token=next_token(after, *filters),
        )

    async def expiring(self, call: Call[pb.ListExpiringRequest]) -> pb.ListExpiringResponse:
        """Answer ListExpiring."""
        asked = call.request
        days = asked.within_days or _DEFAULT_DAYS
        if days > _MAX_DAYS:
            raise InvalidField("within_days", f"must be at most {_MAX_DAYS}")
        one = _page(asked.page_size, asked.page_token, _place, days)
        found = await self._view.expiring(call.principal, days, one.limit + 1, one.after)
        shown, after = _cut(found, one.limit, self._view.place)
        return pb.ListExpiringResponse(
            expiring=[messages.encode_expiring(entry) for entry in shown],
            next_page_token=next_token(after, days),
        )

    async def _change_status(
        self,
        call: Call[pb.SuspendInstitutionRequest] | Call[pb.ReactivateInstitutionRequest],
        transition: InstitutionEvent,
    ) -> Recorded:
        institution = decode.institution_id(call.request.institution, "institution")
        return await self._manage.change_status(call.principal, institution, transition)


def directory_service(guard: Guard, servicer: DirectoryServicer) -> grpc.GenericRpcHandler:
    """Bind the service."""
    return service(
        NAME,
        {
            "EnrolInstitution": unary(guard, pb.EnrolInstitutionRequest, servicer.enrol),
            "ChangeCredentials": unary(guard, pb.ChangeCredentialsRequest, servicer.change),
            "SuspendInstitution": unary(guard, pb.SuspendInstitutionRequest, servicer.suspend),
            "ReactivateInstitution": unary(
                guard, pb.ReactivateInstitutionRequest, servicer.reactivate
            ),
            "GetInstitution": unary(guard, pb.GetInstitutionRequest, servicer.get),
            "ListInstitutions": unary(guard, pb.ListInstitutionsRequest, servicer.members),
            "AddAgreement": unary(guard, pb.AddAgreementRequest, servicer.add_agreement),
            "EndAgreement": unary(guard, pb.EndAgreementRequest, servicer.end_agreement),
            "ListAgreements": unary(guard, pb.ListAgreementsRequest, servicer.agreements),
            "ListExpiring": unary(guard, pb.ListExpiringRequest, servicer.expiring),
        },
    )


def _signed(payload: bytes, signatures: Sequence[pb.DirectorySignature], path: str) -> Signed:
    if not 0 < len(payload) <= MAX_SIGNED_BYTES:
        raise InvalidField(path, f"must have 1 to {MAX_SIGNED_BYTES} bytes")
    if not 0 < len(signatures) <= MAX_SIGNATURES:
        raise InvalidField("signatures", f"must have 1 to {MAX_SIGNATURES} entries")
    found: dict[str, bytes] = {}
    for at, one in enumerate(signatures):
        if len(one.signature) != 64:
            raise InvalidField(f"signatures[{at}].signature", "must be 64 bytes")
        key_id = decode.key_id(one.key_id, f"signatures[{at}].key_id")
        if key_id in found:
            raise InvalidField("signatures", "must not name a key twice")
        found[key_id] = one.signature
    return Signed(payload, found)


def _named(refused: Refused) -> Refused | InvalidField:
    """Return the bound that a change goes beyond by its field's path."""
    finding = refused.findings[0]
    if finding.reason is not ErrorReason.INVALID_FIELD:
        return refused
    wanted = (
        "must be in use" if finding.element.startswith("retire_") else "must leave at most 8 in use"
    )
    return InvalidField(f"change.{finding.element}", wanted)


def _page(size: int, token: str, check: Callable[[str, str], str], *filters: object) -> Page:
    one = page(size, token, *filters)
    if one.after:
        check(one.after, "page_token")
    return one


def _place(value: str, path: str) -> str:
    if _PLACE.fullmatch(value) is None:
        raise InvalidField(path, "must be a token of this list, with the same filters")
    return value


def _cut(found: Sequence[T], limit: int, place: Callable[[T], str]) -> tuple[Sequence[T], str]:
    """Return a page of one more entry than wanted, and where it ends; empty at the end."""
    if len(found) <= limit:
        return found, ""
    return found[:limit], place(found[limit - 1])
