"""What is done to the fields of a record under one field plan, compiled once for each plan.

Owns the memory of compiled plans. Refuses to remember values.
"""

from typing import NamedTuple

from gateway.application.ports.detection import Wanted
from gateway.domain.deid.operators import DeidPlan, compile_plan
from gateway.domain.deid.text import TextPlan, compile_text
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.policy.decision import FieldPlan
from gateway.domain.policy.documents import Mask, MaskFormat
from gateway.domain.policy.masking import MaskingDocument

_REMEMBERED_PLANS = 1024


class ShowingField(NamedTuple):
    """A field whose mask shows something, and how much of it must stay hidden (0: no bound)."""

    field: str
    mask: MaskFormat
    promised: int


class RecordOperators(NamedTuple):
    """A field plan with everything that its profile says."""

    plan: FieldPlan
    structured: DeidPlan
    text: TextPlan
    wanted: Wanted
    showing: tuple[ShowingField, ...]
    profile: MaskingDocument


class CompiledPlans:
    """Compiles field plans, and remembers them."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: dict[int, RecordOperators] = {}

    def of(self, plan: FieldPlan, policy: CompiledPolicy) -> RecordOperators:
        """Return the plan's operators."""
        # Keyed by identity, which is safe while the plan is held here; hashing one costs more
        # than the rest of a look-up.
        known = self._known.get(id(plan))
        if known is None:
            if len(self._known) >= _REMEMBERED_PLANS:
                self._known.clear()
            known = self._known[id(plan)] = _compiled(plan, policy.profiles[plan.profile])
        return known


def wanted_by(plan: TextPlan) -> Wanted:
    """Return what a detector is to find for a text plan."""
    return Wanted(plan.entities, plan.threshold, plan.thresholds)


def promised(profile: MaskingDocument, mask: str) -> int:
    """Return how many characters the profile keeps hidden under a mask, 0 without a bound."""
    bound = profile.composition.get(mask)
    return 0 if bound is None else bound.hidden_at_least


def _compiled(plan: FieldPlan, profile: MaskingDocument) -> RecordOperators:
    text = compile_text(profile)
    masked = [(one.field, one.release) for one in plan.released if isinstance(one.release, Mask)]
    showing = (
        ShowingField(field, profile.masks[mask.using], promised(profile, mask.using))
        for field, mask in masked
    )
    return RecordOperators(
        plan,
        compile_plan(plan, profile.masks),
        text,
        wanted_by(text),
        tuple(one for one in showing if one.mask.keep_first + one.mask.keep_last),
        profile,
    )
