"""The record path: the frozen stages that one call goes through, each made from the one before.

    Received -> Authenticated -> Resolved -> Decided -> Intended -> SafeRecord -> Released

Owns the order: a step takes exactly the type before it, so none can be left out. Refuses to carry
raw values past de-identification: ``SafeRecord`` holds no ``RawRecord``. Only the ledger's adapter
makes ``Intended`` and ``Released`` (a test looks for others).
"""

from collections.abc import Collection, Mapping

import msgspec

from gateway.domain.consent import Consent
from gateway.domain.deid.composition import Guard
from gateway.domain.institution import Principal
from gateway.domain.policy.decision import Ask, Decision, FieldPlan, FieldWithheld
from gateway.domain.policy.documents import Limits
from gateway.domain.subject import Subject, SubjectKey

Value = str | int | None


class Forwarded(msgspec.Struct, frozen=True):
    """How a request came from another gateway, which asks for one of its own institutions.

    ``gateway`` is the caller by its certificate, ``path`` the log origins on the way, the first one
    first, ``event_id`` the calling gateway's own event.
    """

    gateway: str
    path: tuple[str, ...]
    event_id: str


class Received(msgspec.Struct, frozen=True):
    """A decoded, validated request. ``body_digest`` is a keyed hash of its bytes."""

    request_id: str
    subject: SubjectKey
    ask: Ask
    consent_id: str
    body_digest: bytes
    forwarded: Forwarded | None = None


class Authenticated(msgspec.Struct, frozen=True):
    """A request and who sent it, by its certificate and the Directory."""

    received: Received
    principal: Principal


class Repeat(msgspec.Struct, frozen=True):
    """The same request was released before, under this consent, in this frequency window."""

    consent_id: str
    window: int


class Resolved(msgspec.Struct, frozen=True):
    """The subject and the caller's consents of it. No subject and no consent look alike."""

    authenticated: Authenticated
    subject: Subject | None
    consents: tuple[Consent, ...]


class Decided(msgspec.Struct, frozen=True):
    """A decision that allows. A denial is a ``Refused`` and goes no further."""

    resolved: Resolved
    subject: Subject
    consent: Consent
    plan: FieldPlan
    limits: Limits
    decision: Decision

    @classmethod
    def allowed(cls, resolved: Resolved, decision: Decision) -> "Decided":
        """Return the stage, or raise ``Refused`` with the findings of a denial."""
        decision.require()
        subject, consent = resolved.subject, decision.consent
        plan, limits = decision.plan, decision.limits
        if subject is None or consent is None or plan is None or limits is None:
            raise ValueError("a permission has a subject, a consent, a plan and limits")
        return cls(resolved, subject, consent, plan, limits, decision)


class Intended(msgspec.Struct, frozen=True):
    """The intent is durable in the log; now the provider may be asked."""

    decided: Decided
    event_id: str
    log_index: int
    policy_digest: str


class RawRecord(msgspec.Struct, frozen=True):
    """What the provider answered: exactly the plan's fetch list, values unmasked."""

    intended: Intended
    values: Mapping[str, Value]
    provider_event: str = ""
    """The provider's own record of having answered, where it keeps one."""

    def __repr__(self) -> str:
        """Show no value."""
        return "RawRecord(...)"


SafeField = tuple[str, str, Value]
"""One released field, its operator, and the value after it; None where the record has none."""


class SafeRecord(msgspec.Struct, frozen=True):
    """What may be released, and what was withheld.

    ``guard`` says what is shown of which value, and has the alternatives for where that is too
    much; None where nothing is shown in part.
    """

    intended: Intended
    fields: tuple[SafeField, ...]
    withheld: tuple[FieldWithheld, ...]
    provider_event: str = ""
    guard: Guard | None = None

    def tightened(self, at: Collection[int]) -> "SafeRecord":
        """Return the record with nothing shown of these values (places in ``guard.shown``)."""
        if self.guard is None:
            raise ValueError("a record without a guard shows nothing in part")
        guard = msgspec.structs.replace(self.guard, tight=self.guard.tight.union(at))
        touched = {one.field: one for one in guard.touched()}
        fields, withheld = self.fields, self.withheld
        if guard.on_exceed == "refuse":
            withheld += tuple(FieldWithheld(one[0], "RULE") for one in fields if one[0] in touched)
            fields = tuple(one for one in fields if one[0] not in touched)
        else:
            fields = tuple(
                (one[0], one[1], touched[one[0]].written(guard.tight)) if one[0] in touched else one
                for one in fields
            )
        return msgspec.structs.replace(self, fields=fields, withheld=withheld, guard=guard)

    def tight_fields(self) -> tuple[str, ...]:
        """Return the fields that the guard changed or withheld."""
        if self.guard is None or not self.guard.tight:
            return ()
        return tuple(one.field for one in self.guard.touched())


class Released(msgspec.Struct, frozen=True):
    """The release is committed: consent, status and limits held in the same transaction."""

    safe: SafeRecord
    event_id: str
    log_index: int
    repeat: bool
    record_salt: bytes
