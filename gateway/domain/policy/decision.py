"""What a decision is: a value with its reasons, its field plan and its obligations."""

from typing import Literal

import msgspec

from gateway.domain.consent import Consent
from gateway.domain.policy.documents import Limits, Obligation, Release
from gateway.domain.reasons import Finding, Refused

WithheldBecause = Literal["C3", "RULE", "CONSENT", "DETECTION_FAILED"]


class FieldRelease(msgspec.Struct, frozen=True):
    """One field that is released, and the operator its value goes through."""

    field: str
    release: Release


class FieldWithheld(msgspec.Struct, frozen=True):
    """One wanted field that is not released, and why."""

    field: str
    because: WithheldBecause


class FieldPlan(msgspec.Struct, frozen=True):
    """What becomes of each wanted field, in the contract's order.

    ``fetch`` is what the provider is asked for: the released fields and, where free text is
    released, the fields whose values must be found in it. It never holds a C3 field.
    """

    dataset: str
    profile: str
    released: tuple[FieldRelease, ...]
    withheld: tuple[FieldWithheld, ...]
    fetch: tuple[str, ...]
    sensitive: bool


class Decision(msgspec.Struct, frozen=True):
    """Allow or deny, with everything that led to it. Build one with ``allowed`` or ``denied``."""

    rule: str
    findings: tuple[Finding, ...]
    consent: Consent | None = None
    plan: FieldPlan | None = None
    limits: Limits | None = None
    obligations: tuple[Obligation, ...] = ()
    articles: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    agreement: str = ""
    """The agreement that covers the ask; empty if none was found or looked for."""

    def __post_init__(self) -> None:
        """Refuse a permission without consent, plan, limits and agreement."""
        if not self.findings and (
            self.consent is None or self.plan is None or self.limits is None or not self.agreement
        ):
            raise ValueError("a permission needs a consent, a plan, limits and an agreement")

    @property
    def allow(self) -> bool:
        """Return whether the release may go on: nothing stands in the way."""
        return not self.findings

    def require(self) -> None:
        """Raise ``Refused`` with the findings of a denial."""
        if self.findings:
            raise Refused(*self.findings, rule=self.rule)


class Ask(msgspec.Struct, frozen=True):
    """What is asked: purpose, dataset, and the wanted fields (empty: all of the contract's)."""

    purpose: str
    dataset: str
    fields: frozenset[str] = frozenset()
