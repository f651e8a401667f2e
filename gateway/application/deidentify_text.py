"""De-identification of a caller's own text by a masking profile of the policy.

Owns which plan and which keys apply: pseudonyms and tokens are the caller's, for the purpose that
it names. Refuses a purpose or profile that the policy does not know. Keeps nothing of a text.
"""

import msgspec

from gateway.application.analyse_text import AnalyseText
from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.detection import KnownValue, Wanted
from gateway.application.ports.tokens import TextKeySource
from gateway.domain.deid.text import MaskedText, TextPlan, compile_text
from gateway.domain.institution import Principal
from gateway.domain.policy.masking import MaskingDocument
from gateway.domain.reasons import ErrorReason, refuse


class TextRequest(msgspec.Struct, frozen=True):
    """What is to be masked. ``profile`` empty: every finding by its type."""

    text: str
    purpose: str
    profile: str
    known: tuple[KnownValue, ...]
    subject_key: bytes | None

    def __repr__(self) -> str:
        """Show nothing of the text."""
        return "TextRequest(...)"


class Deidentified(msgspec.Struct, frozen=True):
    """The masked text, and the digest of the policy set that it was masked by."""

    masked: MaskedText
    policy_digest: str


class DeidentifyText:
    """Finds and masks; remembers compiled plans of the policy in force, never texts."""

    def __init__(self, policy: PolicyInForce, analyse: AnalyseText, keys: TextKeySource) -> None:
        """Take the policy in force, the analysis, and the keyed functions."""
        self._policy = policy
        self._analyse = analyse
        self._keys = keys
        self._plans: dict[str, TextPlan] = {}
        self._plans_of = ""

    async def __call__(self, principal: Principal, request: TextRequest) -> Deidentified:
        """Return the masked text.

        Raises ``Refused``: PURPOSE_UNKNOWN, MASKING_PROFILE_UNKNOWN, and as ``AnalyseText``.
        """
        policy = self._policy.current
        if request.purpose not in policy.purposes:
            raise refuse(ErrorReason.PURPOSE_UNKNOWN)
        plan = self._plan(request.profile)
        wanted = Wanted(plan.entities, plan.threshold, plan.thresholds)
        spans = await self._analyse(request.text, request.known, wanted)
        keys = self._keys.bound(principal.institution, request.purpose, request.subject_key)
        return Deidentified(plan.apply(request.text, spans, keys), policy.digest)

    def _plan(self, profile: str) -> TextPlan:
        policy = self._policy.current
        if self._plans_of != policy.digest:
            self._plans, self._plans_of = {}, policy.digest
        plan = self._plans.get(profile)
        if plan is None:
            document = policy.profiles.get(profile) if profile else _BY_TYPE
            if document is None:
                raise refuse(ErrorReason.MASKING_PROFILE_UNKNOWN)
            plan = self._plans[profile] = compile_text(document)
        return plan


class MaskByType:
    """Replaces what is found in a text by its type; for texts that the gateway keeps itself."""

    def __init__(self, analyse: AnalyseText) -> None:
        """Take the analysis."""
        self._analyse = analyse

    async def __call__(self, text: str, known: tuple[KnownValue, ...]) -> str:
        """Return the masked text; raises as ``AnalyseText``."""
        parts, at = list[str](), 0
        for one in await self._analyse(text, known, Wanted()):
            parts += (text[at : one.start], f"<{one.type}>")
            at = one.end
        return "".join([*parts, text[at:]])


_BY_TYPE = MaskingDocument(version=1, profile="by_type", masks={})
