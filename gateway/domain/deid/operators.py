"""A field plan, compiled: what is done to each value of a record, in the contract's order.

Owns the step from raw values to safe ones. Refuses records that break their contract (``DeidError``
for the whole record), withholds a single value that an operator cannot read, and keeps nothing of
a record between two calls. Free text is not its business: ``detect_fields`` are the caller's.
"""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, assert_never

import msgspec

from gateway.domain.deid.addresses import compile_address
from gateway.domain.deid.errors import DeidError, Unparsable
from gateway.domain.deid.generalise import compile_bands, compile_date
from gateway.domain.deid.masks import compile_mask
from gateway.domain.deid.values import Value, require_value
from gateway.domain.policy.decision import FieldPlan
from gateway.domain.policy.documents import (
    Detect,
    Generalise,
    Keep,
    Mask,
    MaskFormat,
    Pseudonymise,
    Withhold,
)

OperatorName = Literal["keep", "mask", "pseudonymise", "generalise"]
Pseudonym = Callable[[str, str], str]
"""(field, value) to the recipient's pseudonym of it; an integer arrives in decimal digits."""


SafeField = tuple[str, OperatorName, Value | None]
"""Field, operator, and the value after it; None where the record has none."""


class FailedField(NamedTuple):
    """One field whose value its operator could not read: it is withheld."""

    field: str
    because: Literal["DETECTION_FAILED"] = "DETECTION_FAILED"


class SafeFields(msgspec.Struct, frozen=True):
    """What became of one record: the released values, and the fields withheld after all."""

    released: tuple[SafeField, ...]
    failed: tuple[FailedField, ...] = ()


_Operate = Callable[[Value], Value]
_Step = tuple[str, OperatorName, _Operate | None]
"""Field, operator, and what it does; None is the pseudonym, which is made anew for each call."""


class DeidPlan:
    """A compiled field plan; make one with ``compile_plan``. Safe to share, holds no values."""

    __slots__ = ("_fields", "_steps", "detect_fields")

    def __init__(self, steps: tuple[_Step, ...], detect_fields: tuple[str, ...]) -> None:
        """Bind the steps, and the names of the free-text fields that the caller handles."""
        self._steps = steps
        self._fields = frozenset(field for field, _, _ in steps)
        self.detect_fields = detect_fields

    def apply(self, values: Mapping[str, Value | None], pseudonym: Pseudonym) -> SafeFields:
        """Return the safe values of one record.

        Raises ``DeidError`` if a planned field is absent from ``values`` or its value is of the
        wrong type. What ``pseudonym`` raises goes through.
        """
        if not values.keys() >= self._fields:
            raise DeidError("is absent from the record", min(self._fields - values.keys()))
        released: list[SafeField] = []
        failed: list[FailedField] = []
        for field, operator, operate in self._steps:
            try:
                value = values[field]
                if value is not None:
                    if operate is None:
                        value = pseudonym(field, str(require_value(value)))
                    else:
                        value = operate(value)
                released.append((field, operator, value))
            except Unparsable:
                failed.append(FailedField(field))
            except DeidError as flaw:
                raise DeidError(flaw.what, field) from None
        return SafeFields(tuple(released), tuple(failed))


def compile_plan(plan: FieldPlan, masks: Mapping[str, MaskFormat]) -> DeidPlan:
    """Return the operators of ``plan``; ``masks`` are those of the plan's profile.

    Raises ``DeidError`` for a mask that the profile does not have, and for a plan that releases a
    field by ``withhold``: the policy compiler lets neither pass.
    """
    steps = tuple(
        _step(one.field, one.release, masks)
        for one in plan.released
        if not isinstance(one.release, Detect)
    )
    detect = (one.field for one in plan.released if isinstance(one.release, Detect))
    return DeidPlan(steps, tuple(detect))


def _step(
    field: str,
    release: Keep | Withhold | Mask | Pseudonymise | Generalise,
    masks: Mapping[str, MaskFormat],
) -> _Step:
    match release:
        case Keep():
            return field, "keep", require_value
        case Mask(using=name):
            if name not in masks:
                raise DeidError("its mask is not in the profile", field)
            return field, "mask", compile_mask(masks[name])
        case Pseudonymise():
            return field, "pseudonymise", None
        case Generalise():
            return field, "generalise", _generalise(release)
        case Withhold():
            raise DeidError("is withheld and cannot be released", field)
    assert_never(release)


def _generalise(release: Generalise) -> _Operate:
    if release.bands is not None:
        return compile_bands(release.bands)
    if release.date is not None:
        return compile_date(release.date)
    if release.address is not None:
        return compile_address(release.address)
    raise DeidError("is generalised in no way")
