"""Which separate consents a release needs: PIPL asks them one by one, apart from the general one.

Owns the one test of whether a kind is needed; the decision asks it of a consent, the catalogue of a
rule. Refuses to ask for any where the lawful basis is not consent: that is its callers' to see.
"""

from gateway.domain.policy.compile import CompiledPermit
from gateway.domain.policy.decision import FieldPlan
from gateway.domain.vocabulary import SeparateConsent

SEPARATE_ARTICLES = {
    SeparateConsent.THIRD_PARTY: "PIPL 23",
    SeparateConsent.SENSITIVE: "PIPL 29",
    SeparateConsent.CROSS_BORDER: "PIPL 39",
}
"""Each kind and its article, in the order of findings."""


def separate_needed(
    kind: SeparateConsent, permit: CompiledPermit, plan: FieldPlan, cross_border: bool
) -> bool:
    """Return whether this release needs the separate consent of this kind."""
    return (
        kind in permit.separate
        or (kind is SeparateConsent.SENSITIVE and plan.sensitive)
        or (kind is SeparateConsent.CROSS_BORDER and cross_border)
    )
