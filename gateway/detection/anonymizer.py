"""Our masking profiles as an operator of Presidio's AnonymizerEngine.

Owns the bridge for those who have Presidio's engines already: what the analyzer found is masked by
a compiled text plan. Refuses to run without a plan and its keys: a default would decide for a
steward.
"""

from dataclasses import dataclass
from typing import Any

from presidio_anonymizer import AnonymizerEngine, OperatorConfig
from presidio_anonymizer.operators import Operator, OperatorType

from gateway.domain.deid.text import TextKeys, TextPlan

NAME = "veilgate"


@dataclass(frozen=True, slots=True)
class _Whole:
    """The whole of a value, as a span of itself."""

    end: int
    type: str
    start: int = 0
    score: float = 1.0


class ProfileOperator(Operator):
    """Writes what the plan's operator for the entity type makes of a value."""

    def operate(self, text: str | None = None, params: dict[str, Any] | None = None) -> str:
        """Return the masked value; what the operator cannot read becomes its type."""
        self.validate(params)
        assert params is not None  # noqa: S101 - validate has said so
        if not text:
            return ""
        plan: TextPlan = params["plan"]
        return plan.apply(text, [_Whole(len(text), params["entity_type"])], params["keys"]).text

    def validate(self, params: dict[str, Any] | None = None) -> None:
        """Raise ValueError unless ``plan`` and ``keys`` are there."""
        given = params or {}
        if not isinstance(given.get("plan"), TextPlan) or not isinstance(
            given.get("keys"), TextKeys
        ):
            raise ValueError("the operator needs a TextPlan as plan and TextKeys as keys")

    def operator_name(self) -> str:
        """Return the name for an OperatorConfig."""
        return NAME

    def operator_type(self) -> OperatorType:
        """Say that it anonymises."""
        return OperatorType.Anonymize


def anonymizer_engine() -> AnonymizerEngine:
    """Return Presidio's engine with the operator in it."""
    engine = AnonymizerEngine()  # type: ignore[no-untyped-call]
    engine.add_anonymizer(ProfileOperator)
    return engine


def by_plan(plan: TextPlan, keys: TextKeys) -> dict[str, OperatorConfig]:
    """Return the ``operators`` argument that masks every entity by a plan."""
    return {"DEFAULT": OperatorConfig(NAME, {"plan": plan, "keys": keys})}
