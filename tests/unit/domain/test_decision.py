"""A permission that lacks something cannot be built."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.domain.consent import Consent, ConsentState, Standing
from gateway.domain.policy.decision import Decision, FieldPlan
from gateway.domain.policy.documents import Limit, Limits
from gateway.domain.reasons import ErrorReason, Finding, Refused
from gateway.domain.vocabulary import Period
from support.store_world import terms

LIMITS = Limits(Limit(1, Period.DAY), Limit(1, Period.DAY))
PERMISSION = Decision(
    "a-rule",
    (),
    Consent(terms(), Standing(ConsentState.ACTIVE)),
    FieldPlan("a.dataset", "a.profile", (), (), (), sensitive=False),
    LIMITS,
    agreement="an-agreement",
)


@pytest.mark.parametrize(
    "missing", [{"consent": None}, {"plan": None}, {"limits": None}, {"agreement": ""}]
)
def test_a_permission_has_consent_plan_limits_and_agreement(missing: dict[str, Any]) -> None:
    assert PERMISSION.allow
    PERMISSION.require()
    with pytest.raises(ValueError, match="a permission needs"):
        msgspec.structs.replace(PERMISSION, **missing)


def test_a_denial_needs_none_of_them_and_is_refused() -> None:
    finding = Finding(ErrorReason.AGREEMENT_MISSING, "credit", "PIPL 23")
    denial = Decision("a-rule", (finding,))
    assert not denial.allow
    with pytest.raises(Refused) as caught:
        denial.require()
    assert (caught.value.findings, caught.value.rule) == ((finding,), "a-rule")
