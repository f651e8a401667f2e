"""ExchangeService: decode, call the use case, encode."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import grpc

from gateway.application.explain_access import ExplainAccess, Explanation
from gateway.application.get_record import GetRecord
from gateway.application.rate_limit import RateLimit
from gateway.domain.policy.decision import FieldWithheld
from gateway.domain.policy.documents import Obligation, Release
from gateway.domain.stages import Authenticated, Received, Released, SafeField
from gateway.servicers import decode
from gateway.servicers.binding import Call, Guard, service, unary
from gateway.servicers.status import decision_detail
from veilgate.v1 import exchange_pb2 as pb
from veilgate.v1 import policy_pb2

NAME: Final = "veilgate.v1.ExchangeService"
_OPERATORS: Final = {
    name.removeprefix("OPERATOR_").lower(): number for name, number in policy_pb2.Operator.items()
}
_BECAUSE: Final = {
    name.removeprefix("WITHHELD_BECAUSE_"): number
    for name, number in policy_pb2.WithheldBecause.items()
}


class ExchangeServicer:
    """The two methods of the record path."""

    def __init__(
        self,
        get: GetRecord,
        explain: ExplainAccess,
        body_digest: Callable[[bytes], bytes],
        explains: RateLimit,
    ) -> None:
        """Take the use cases, the keyed digest of bodies, and the limit of explanations."""
        self._get = get
        self._explain = explain
        self._body_digest = body_digest
        self._explains = explains

    async def get_record(self, call: Call[pb.GetRecordRequest]) -> pb.GetRecordResponse:
        """Answer GetRecord."""
        request = call.request
        received = Received(
            decode.uuid(request.request_id, "request_id"),
            decode.subject(request.subject, "subject"),
            decode.ask(request),
            decode.optional_uuid(request.consent_id, "consent_id"),
            self._body_digest(call.body),
        )
        return _record(await self._get(Authenticated(received, call.principal)))

    async def explain_access(self, call: Call[pb.ExplainAccessRequest]) -> pb.ExplainAccessResponse:
        """Answer ExplainAccess."""
        request = call.request
        received = Received(
            "",
            decode.subject(request.subject, "subject"),
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
    response = pb.GetRecordResponse(
        request_id=decided.resolved.authenticated.received.request_id,
        event_id=released.event_id,
        log_index=released.log_index,
        withheld=[_withheld(one) for one in safe.withheld],
        obligations=_obligations(
            decided.decision.obligations, decided.consent.terms.data_life_days
        ),
        rule=decided.decision.rule,
        consent_id=decided.consent.terms.consent_id,
        repeat=released.repeat,
        policy_digest=safe.intended.policy_digest,
        record_salt=released.record_salt,
    )
    response.fields.extend([_field(one) for one in safe.fields])
    return response


def _field(safe: SafeField) -> pb.ReleasedField:
    field, operator, value = safe
    if isinstance(value, str):
        return pb.ReleasedField(field=field, operator=_OPERATORS[operator], text=value)
    if value is None:
        return pb.ReleasedField(field=field, operator=_OPERATORS[operator])
    return pb.ReleasedField(field=field, operator=_OPERATORS[operator], number=value)


def _withheld(one: FieldWithheld) -> policy_pb2.WithheldField:
    return policy_pb2.WithheldField(field=one.field, because=_BECAUSE[one.because])


@lru_cache(maxsize=1024)
def _obligations(
    obligations: tuple[Obligation, ...], data_life_days: int
) -> tuple[policy_pb2.Obligation, ...]:
    """Return the rule's obligations; a deadline is the shorter of the rule's and the consent's."""
    return tuple(
        policy_pb2.Obligation(
            id=one.id,
            article=one.article,
            days=None if one.days is None else min(one.days, data_life_days),
        )
        for one in obligations
    )


def _explanation(explanation: Explanation) -> pb.ExplainAccessResponse:
    decision = explanation.decision
    response = pb.ExplainAccessResponse(
        decision=decision_detail(decision, explanation.policy_digest),
        event_id=explanation.recorded.event_id,
    )
    if decision.plan is not None and decision.consent is not None:
        response.released.extend(
            policy_pb2.PlannedField(field=one.field, operator=_operator(one.release))
            for one in decision.plan.released
        )
        response.withheld.extend(_withheld(one) for one in decision.plan.withheld)
        response.obligations.extend(
            _obligations(decision.obligations, decision.consent.terms.data_life_days)
        )
    return response


def _operator(release: Release) -> policy_pb2.Operator.ValueType:
    return _OPERATORS[type(release).__name__.lower()]
