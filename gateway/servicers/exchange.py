"""ExchangeService: decode, call the use case, encode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import grpc

from gateway.application.accept_forwarded import AcceptForwarded
from gateway.application.explain_access import ExplainAccess, Explanation
from gateway.application.get_record import GetRecord
from gateway.application.rate_limit import RateLimit
from gateway.domain.policy.decision import Decision
from gateway.domain.stages import Authenticated, Received, Released, SafeField
from gateway.servicers import decode
from gateway.servicers.binding import Call, Guard, service, unary
from gateway.servicers.forwarding import forwarding, without_event
from gateway.servicers.policy_messages import OPERATORS, operator_of, withheld_message
from gateway.servicers.status import decision_detail
from veilgate.v1 import exchange_pb2 as pb
from veilgate.v1 import policy_pb2

NAME: Final = "veilgate.v1.ExchangeService"
_REMEMBERED_RULES: Final = 1024


class ExchangeServicer:
    """The two methods of the record path."""

    def __init__(
        self,
        get: GetRecord,
        explain: ExplainAccess,
        body_digest: Callable[[bytes], bytes],
        explains: RateLimit,
        accept: AcceptForwarded,
    ) -> None:
        """Take the use cases, the keyed digest of bodies, and the limit of explanations."""
        self._accept = accept
        self._get = get
        self._explain = explain
        self._body_digest = body_digest
        self._explains = explains

    async def get_record(self, call: Call[pb.GetRecordRequest]) -> pb.GetRecordResponse:
        """Answer GetRecord."""
        request = call.request
        forwarded = request.HasField("forwarding")
        received = Received(
            decode.uuid(request.request_id, "request_id"),
            decode.subject_key(request),
            decode.ask(request),
            decode.optional_uuid(request.consent_id, "consent_id"),
            self._body_digest(call.body if not forwarded else without_event(request)),
        )
        return _record(await self._get(await self._authenticated(call, received)))

    async def _authenticated(
        self, call: Call[pb.GetRecordRequest], received: Received
    ) -> Authenticated:
        """Return whose request it is: the caller's, or the one's that a gateway names."""
        if not call.request.HasField("forwarding"):
            return Authenticated(received, call.principal)
        came = forwarding(call.request.forwarding, received.subject)
        return Authenticated(*await self._accept(call.principal, received, came))

    async def explain_access(self, call: Call[pb.ExplainAccessRequest]) -> pb.ExplainAccessResponse:
        """Answer ExplainAccess."""
        request = call.request
        received = Received(
            "",
            decode.subject_key(request),
            decode.ask(request),
            decode.optional_uuid(request.consent_id, "consent_id"),
            b"",
        )
        self._explains.take(call.principal.institution)
        return _explanation(await self._explain(Authenticated(received, call.principal)))


def exchange_service(guard: Guard, servicer: ExchangeServicer) -> grpc.GenericRpcHandler:
    """Bind the service."""
    return service(
        NAME,
        {
            "GetRecord": unary(guard, pb.GetRecordRequest, servicer.get_record),
            "ExplainAccess": unary(guard, pb.ExplainAccessRequest, servicer.explain_access),
        },
    )


def _record(released: Released) -> pb.GetRecordResponse:
    safe = released.safe
    decided = safe.intended.decided
    terms = decided.consent.terms
    # What a rule and a data life always say is one piece of bytes: parsing it costs less than
    # making and copying its messages anew.
    response = pb.GetRecordResponse.FromString(
        _UNDER_A_RULE.of(decided.decision, safe.intended.policy_digest, terms.data_life_days)
    )
    response.request_id = decided.resolved.authenticated.received.request_id
    response.event_id = released.event_id
    response.log_index = released.log_index
    response.consent_id = terms.consent_id
    response.repeat = released.repeat
    response.record_salt = released.record_salt
    response.provider_event_id = safe.provider_event
    if safe.withheld:
        response.withheld.extend([withheld_message(one) for one in safe.withheld])
    _add_fields(response, safe.fields)
    return response


def _add_fields(response: pb.GetRecordResponse, fields: tuple[SafeField, ...]) -> None:
    # Set one by one in place: half the cost of building each message and copying it in.
    add = response.fields.add
    for field, operator, value in fields:
        message = add()
        message.field = field
        message.operator = OPERATORS[operator]
        if isinstance(value, str):
            message.text = value
        elif value is not None:
            message.number = value


class _UnderARule:
    """The part of a response that a rule, its policy and a data life decide, as bytes."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, int], bytes] = {}

    def of(self, decision: Decision, digest: str, days: int) -> bytes:
        key = (digest, decision.rule, days)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _REMEMBERED_RULES:
                self._known.clear()
            response = pb.GetRecordResponse(
                obligations=_obligations(decision, days), rule=decision.rule, policy_digest=digest
            )
            known = self._known[key] = response.SerializeToString()
        return known


_UNDER_A_RULE: Final = _UnderARule()


def _obligations(decision: Decision, days: int) -> list[policy_pb2.Obligation]:
    """Return the rule's obligations; a deadline is the shorter of the rule's and the consent's."""
    return [
        policy_pb2.Obligation(
            id=one.id,
            article=one.article,
            days=None if one.days is None else min(one.days, days),
        )
        for one in decision.obligations
    ]


def _explanation(explanation: Explanation) -> pb.ExplainAccessResponse:
    decision = explanation.decision
    response = pb.ExplainAccessResponse(
        decision=decision_detail(decision, explanation.policy_digest),
        event_id=explanation.recorded.event_id,
    )
    if decision.plan is not None and decision.consent is not None:
        response.released.extend(
            policy_pb2.PlannedField(field=one.field, operator=operator_of(one.release))
            for one in decision.plan.released
        )
        response.withheld.extend(withheld_message(one) for one in decision.plan.withheld)
        response.obligations.extend(_obligations(decision, decision.consent.terms.data_life_days))
    return response
