"""The consent artefact: its terms, its life, and whether it stands at a moment.

Owns the lifecycle as one table and the one function that says whether a consent can be used now;
the decision and the release transaction both call that function. Refuses to know the subject: the
terms hold no personal value.
"""

from enum import StrEnum

import msgspec

from gateway.domain.reasons import ErrorReason, Finding
from gateway.domain.vocabulary import LawfulBasis, Period, SeparateConsent


class ConsentState(StrEnum):
    """Stored states; expiry is reached by the clock and stored when first noticed."""

    ACTIVE = "active"
    PAUSED = "paused"
    REVOKED = "revoked"
    EXPIRED = "expired"


class ConsentEvent(StrEnum):
    """What can happen to a consent."""

    PAUSE = "pause"
    RESUME = "resume"
    REVOKE = "revoke"
    EXPIRE = "expire"


_S, _E = ConsentState, ConsentEvent
TRANSITIONS: dict[tuple[ConsentState, ConsentEvent], ConsentState] = {
    (_S.ACTIVE, _E.PAUSE): _S.PAUSED,
    (_S.PAUSED, _E.RESUME): _S.ACTIVE,
    (_S.ACTIVE, _E.REVOKE): _S.REVOKED,
    (_S.PAUSED, _E.REVOKE): _S.REVOKED,
    (_S.ACTIVE, _E.EXPIRE): _S.EXPIRED,
    (_S.PAUSED, _E.EXPIRE): _S.EXPIRED,
}
"""The whole lifecycle. What is not here cannot happen; revoked and expired are final."""


class Frequency(msgspec.Struct, frozen=True):
    """At most ``count`` uses in each window of ``per`` (ReBIT's Frequency)."""

    count: int
    per: Period


class ConsentTerms(msgspec.Struct, frozen=True):
    """What was agreed, without the subject. Times are Unix seconds, the end is exclusive."""

    consent_id: str
    version: int
    controller: str
    collector: str
    providers: frozenset[str]
    datasets: frozenset[str]
    purposes: frozenset[str]
    fields: frozenset[str]
    categories: frozenset[str]
    lawful_basis: LawfulBasis
    separate: frozenset[SeparateConsent]
    valid_from: int
    valid_until: int
    uses: int | None
    frequency: Frequency | None
    data_life_days: int
    evidence_sha256: bytes


class Standing(msgspec.Struct, frozen=True):
    """Where a consent stands: its state and what was used of it."""

    state: ConsentState
    uses: int = 0
    window: int = 0
    window_uses: int = 0


class Consent(msgspec.Struct, frozen=True):
    """Terms and standing as read at one moment."""

    terms: ConsentTerms
    standing: Standing


def state_at(consent: Consent, now: int) -> ConsentState:
    """Return the state at ``now`` (Unix seconds): expired once the end has passed."""
    state = consent.standing.state
    open_ = (state, ConsentEvent.EXPIRE) in TRANSITIONS
    return ConsentState.EXPIRED if open_ and now >= consent.terms.valid_until else state


_STATE_FINDINGS = {
    ConsentState.PAUSED: Finding(ErrorReason.CONSENT_PAUSED),
    ConsentState.REVOKED: Finding(ErrorReason.CONSENT_REVOKED, article="PIPL 15"),
    ConsentState.EXPIRED: Finding(ErrorReason.CONSENT_EXPIRED),
}
_EXPIRED = _STATE_FINDINGS[ConsentState.EXPIRED]
_NOT_YET = Finding(ErrorReason.CONSENT_NOT_YET_VALID)
_USES_SPENT = Finding(ErrorReason.CONSENT_USES_SPENT)
_FREQUENCY_SPENT = Finding(ErrorReason.CONSENT_FREQUENCY_SPENT)
STANDING_FINDINGS: dict[ErrorReason, Finding] = {
    finding.reason: finding
    for finding in (*_STATE_FINDINGS.values(), _NOT_YET, _USES_SPENT, _FREQUENCY_SPENT)
}
"""What ``standing_finding`` can return, by reason."""


def standing_finding(terms: ConsentTerms, standing: Standing, now: int) -> Finding | None:
    """Return why the consent cannot be used at ``now`` (Unix seconds), or None if it can.

    Looks at state, validity, uses and frequency, in that order; the first that fails is returned.
    """
    if standing.state is not ConsentState.ACTIVE:
        return _STATE_FINDINGS[standing.state]
    if now < terms.valid_from:
        return _NOT_YET
    if now >= terms.valid_until:
        return _EXPIRED
    if terms.uses is not None and standing.uses >= terms.uses:
        return _USES_SPENT
    frequency = terms.frequency
    if frequency is not None and uses_in_window(frequency, standing, now) >= frequency.count:
        return _FREQUENCY_SPENT
    return None


def uses_in_window(frequency: Frequency, standing: Standing, now: int) -> int:
    """Return the uses counted in the window that holds ``now``."""
    window = now // frequency.per.seconds
    return standing.window_uses if standing.window == window else 0


def after_use(terms: ConsentTerms, standing: Standing, now: int) -> Standing:
    """Return the standing after one more use at ``now``."""
    if terms.frequency is None:
        return Standing(standing.state, standing.uses + 1)
    window = now // terms.frequency.per.seconds
    used = uses_in_window(terms.frequency, standing, now)
    return Standing(standing.state, standing.uses + 1, window, used + 1)


def before_use(standing: Standing, window: int) -> Standing:
    """Return the standing without one use, which was counted in ``window``.

    A repeated request is decided again as if its own use had not been counted.
    """
    same = standing.window == window and standing.window_uses > 0
    return Standing(
        standing.state,
        max(0, standing.uses - 1),
        standing.window,
        standing.window_uses - 1 if same else standing.window_uses,
    )
