"""De-identification of one record: structured fields by the plan's operators, text by detection.

Owns the step from ``RawRecord`` to ``SafeRecord``. Refuses an answer that breaks the dataset's
contract, and withholds each field that could not be made safe; it never passes one through.
"""

from gateway.application.ports.detection import DetectionFailed, KnownValue, TextDeidentifier
from gateway.application.ports.pseudonyms import Pseudonyms
from gateway.domain.deid.errors import DeidError
from gateway.domain.deid.operators import DeidPlan, compile_plan
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.policy.decision import FieldPlan, FieldWithheld
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.stages import RawRecord, SafeField, SafeRecord
from gateway.domain.subject import SubjectIdentifier

_REMEMBERED_PLANS = 1024


class ProtectRecord:
    """Makes records safe; remembers compiled plans, never values."""

    def __init__(self, pseudonyms: Pseudonyms, text: TextDeidentifier) -> None:
        """Take the keyed pseudonyms and the detector for free text."""
        self._pseudonyms = pseudonyms
        self._text = text
        self._plans: dict[int, tuple[FieldPlan, DeidPlan]] = {}

    async def __call__(self, raw: RawRecord, policy: CompiledPolicy) -> SafeRecord:
        """Return the safe record, or raise ``Refused`` with PROVIDER_ANSWER_INVALID."""
        decided = raw.intended.decided
        plan = decided.plan
        authenticated = decided.resolved.authenticated
        pseudonym = self._pseudonyms.bound(
            authenticated.principal.institution, authenticated.received.ask.purpose
        )
        operators = self._compiled(plan, policy)
        try:
            safe = operators.apply(raw.values, pseudonym)
        except DeidError as error:
            raise refuse(ErrorReason.PROVIDER_ANSWER_INVALID, error.field) from None
        if not safe.failed and not operators.detect_fields:
            return SafeRecord(raw.intended, safe.released, plan.withheld, raw.provider_event)
        withheld = list(plan.withheld)
        withheld.extend(FieldWithheld(one.field, one.because) for one in safe.failed)
        fields: list[SafeField] = list(safe.released)
        if operators.detect_fields:
            known = _known_values(raw, policy)
            for field in operators.detect_fields:
                await self._protect_text(field, raw, known, fields, withheld)
        return SafeRecord(raw.intended, tuple(fields), tuple(withheld), raw.provider_event)

    async def _protect_text(
        self,
        field: str,
        raw: RawRecord,
        known: tuple[KnownValue, ...],
        fields: list[SafeField],
        withheld: list[FieldWithheld],
    ) -> None:
        text = raw.values[field]
        if text is not None and not isinstance(text, str):
            raise refuse(ErrorReason.PROVIDER_ANSWER_INVALID, field)
        try:
            safe = None if text is None else await self._text.deidentify(text, known)
        except DetectionFailed:
            withheld.append(FieldWithheld(field, "DETECTION_FAILED"))
        else:
            fields.append((field, "detect", safe))

    def _compiled(self, plan: FieldPlan, policy: CompiledPolicy) -> DeidPlan:
        # Keyed by identity, which is safe while the plan is held here; hashing one costs more
        # than the rest of a look-up.
        known = self._plans.get(id(plan))
        if known is None:
            if len(self._plans) >= _REMEMBERED_PLANS:
                self._plans.clear()
            known = (plan, compile_plan(plan, policy.masks[plan.profile]))
            self._plans[id(plan)] = known
        return known[1]


def _known_values(raw: RawRecord, policy: CompiledPolicy) -> tuple[KnownValue, ...]:
    """Return the subject's own values: what the caller asked with, and the marked fields."""
    decided = raw.intended.decided
    subject = decided.resolved.authenticated.received.subject
    known = []
    if isinstance(subject, SubjectIdentifier):
        known.append(KnownValue(subject.type.value, subject.value))
    for field in policy.datasets[decided.plan.dataset].contract.fields:
        value = raw.values.get(field.name)
        if field.entity is not None and value is not None and str(value).strip():
            known.append(_known(field.entity, str(value), field.name))
    return tuple(known)


def _known(entity: str, value: str, field: str) -> KnownValue:
    try:
        return KnownValue(entity, value)
    except ValueError:
        raise refuse(ErrorReason.PROVIDER_ANSWER_INVALID, field) from None
