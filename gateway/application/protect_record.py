"""De-identification of one record: structured fields by the plan's operators, text by detection.

Owns the step from ``RawRecord`` to ``SafeRecord``. Refuses an answer that breaks the dataset's
contract, and withholds each field that could not be made safe; it never passes one through.
"""

from gateway.application.ports.detection import DetectionFailed, KnownValue, TextDetector
from gateway.application.ports.pseudonyms import Pseudonyms
from gateway.application.ports.shown_values import ValueTags
from gateway.application.ports.tokens import TextKeySource
from gateway.application.protect_text import mask_text
from gateway.application.record_operators import CompiledPlans, RecordOperators
from gateway.domain.deid.composition import GuardDraft
from gateway.domain.deid.errors import DeidError
from gateway.domain.deid.operators import SafeFields
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.policy.decision import FieldWithheld
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.stages import RawRecord, SafeField, SafeRecord
from gateway.domain.subject import SubjectIdentifier


class ProtectRecord:
    """Makes records safe; remembers compiled plans, never values."""

    def __init__(
        self, pseudonyms: Pseudonyms, detector: TextDetector, keys: TextKeySource, tags: ValueTags
    ) -> None:
        """Take the detector for free text, and what is keyed."""
        self._pseudonyms = pseudonyms
        self._detector = detector
        self._keys = keys
        self._tags = tags
        self._plans = CompiledPlans()

    async def __call__(self, raw: RawRecord, policy: CompiledPolicy) -> SafeRecord:
        """Return the safe record, or raise ``Refused`` with PROVIDER_ANSWER_INVALID."""
        decided = raw.intended.decided
        plan, authenticated = decided.plan, decided.resolved.authenticated
        recipient = authenticated.principal.institution
        pseudonym = self._pseudonyms.bound(recipient, authenticated.received.ask.purpose)
        operators = self._plans.of(plan, policy)
        try:
            safe = operators.structured.apply(raw.values, pseudonym)
        except DeidError as error:
            raise refuse(ErrorReason.PROVIDER_ANSWER_INVALID, error.field) from None
        draft = None
        if policy.composes:
            draft = GuardDraft(plan.dataset, self._tags.bound(recipient, decided.subject))
            _note_masked(draft, raw, operators, safe)
        fields: tuple[SafeField, ...] = safe.released
        withheld = plan.withheld
        if safe.failed:
            withheld += tuple(FieldWithheld(one.field, one.because) for one in safe.failed)
        if operators.structured.detect_fields:
            texts, unsafe = await self._texts(raw, policy, operators, draft)
            fields, withheld = fields + texts, withheld + unsafe
        guard = None if draft is None else draft.done(operators.profile.on_exceed)
        return SafeRecord(raw.intended, fields, withheld, raw.provider_event, guard)

    async def _texts(
        self,
        raw: RawRecord,
        policy: CompiledPolicy,
        operators: RecordOperators,
        draft: GuardDraft | None,
    ) -> tuple[tuple[SafeField, ...], tuple[FieldWithheld, ...]]:
        decided = raw.intended.decided
        authenticated = decided.resolved.authenticated
        keys = self._keys.bound(
            authenticated.principal.institution,
            authenticated.received.ask.purpose,
            decided.subject.secret,
        )
        known = _known_values(raw, policy)
        fields: list[SafeField] = []
        withheld: list[FieldWithheld] = []
        for field in operators.structured.detect_fields:
            text = raw.values[field]
            if text is not None and not isinstance(text, str):
                raise refuse(ErrorReason.PROVIDER_ANSWER_INVALID, field)
            try:
                if text is not None:
                    spans = await self._detector.analyse(text, known, operators.wanted)
                    text = mask_text(field, text, spans, keys, operators, draft)
            except DetectionFailed:
                withheld.append(FieldWithheld(field, "DETECTION_FAILED"))
            else:
                fields.append((field, "detect", text))
        return tuple(fields), tuple(withheld)


def _note_masked(
    draft: GuardDraft, raw: RawRecord, operators: RecordOperators, safe: SafeFields
) -> None:
    """Tell the draft which masked fields show what of their values."""
    masked = {field: value for field, operator, value in safe.released if operator == "mask"}
    for field, mask, promised in operators.showing:
        value = raw.values[field]
        if value is not None:
            part = draft.part(field, str(value), mask, promised, str(masked[field]))
            draft.add(field, (part,))


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
