"""Asks the gateway a generated case, and compares its answer with the oracle's.

Owns the one place where both worlds meet: plain dicts become the gateway's types, its decision
becomes a dict again. Refuses to decide anything itself.
"""

from functools import lru_cache
from random import Random
from typing import Any

import msgspec

from gateway.domain.consent import Consent
from gateway.domain.institution import Principal
from gateway.domain.policy.compile import CompiledPolicy, compile_policies
from gateway.domain.policy.decide import decide
from gateway.domain.policy.decision import Ask, Decision, FieldPlan
from gateway.domain.policy.documents import PolicyDocuments
from support.policy_cases import Case
from support.policy_oracle import judge
from support.policy_sets import Json, policy_set


@lru_cache(maxsize=4)
def compiled(seed: int) -> CompiledPolicy:
    """Return the gateway's compiled form of the policy set of ``seed``."""
    return compile_policies(msgspec.convert(policy_set(Random(seed)), PolicyDocuments))


def gateway_answer(case: Case) -> Json:
    """Return the gateway's decision about the case, as a dict of the oracle's form."""
    decision = decide(
        compiled(case.seed),
        msgspec.convert(case.principal, Principal),
        msgspec.convert(case.ask, Ask),
        msgspec.convert(case.consents, tuple[Consent, ...]),
        case.now,
    )
    return _as_dict(decision)


def oracle_answer(case: Case, decided: Json) -> Json:
    """Return the oracle's answer, with what the README leaves open taken from ``decided``.

    Open are the articles that it does not name, and whether a denial shows the consent and the plan
    that it was made from: where the gateway shows them, they must be the right ones.
    """
    answer = judge(case.policies, case.principal, case.ask, case.consents, case.now)
    shown = [article for _, _, article in decided["findings"]]
    shown += [""] * len(answer["findings"])
    answer["findings"] = [
        (reason, element, shown[place] if article is None else article)
        for place, (reason, element, article) in enumerate(answer["findings"])
    ]
    if not answer["allow"]:
        hidden = [part for part in ("consent", "plan") if decided[part] is None]
        answer |= dict.fromkeys(hidden)
    return answer


def difference(case: Case, judged: Case | None = None) -> str | None:
    """Return both answers as a text if they differ, otherwise None.

    The oracle judges ``judged`` where it is given: a changed case, to see the change noticed.
    """
    decided = gateway_answer(case)
    expected = oracle_answer(judged or case, decided)
    if decided == expected:
        return None
    parts = [key for key in expected if expected[key] != decided[key]]
    lines = [f"{key}: gateway {decided[key]} oracle {expected[key]}" for key in parts]
    return "\n  ".join([f"seed {case.seed} case {case.number} asks {case.ask}", *lines])


def _as_dict(decision: Decision) -> Json:
    return {
        "allow": decision.allow,
        "rule": decision.rule,
        "agreement": decision.agreement,
        "findings": [(one.reason.value, one.element, one.article) for one in decision.findings],
        "consent": decision.consent and decision.consent.terms.consent_id,
        "plan": decision.plan and _plan_as_dict(decision.plan),
        "obligations": _plain(decision.obligations) if decision.allow else None,
        "limits": _plain(decision.limits) if decision.allow else None,
        "alternatives": list(decision.alternatives),
    }


def _plan_as_dict(plan: FieldPlan) -> Json:
    return {
        "dataset": plan.dataset,
        "profile": plan.profile,
        "released": [(one.field, _plain(one.release)) for one in plan.released],
        "withheld": [(one.field, one.because) for one in plan.withheld],
        "fetch": sorted(plan.fetch),
        "sensitive": plan.sensitive,
    }


def _plain(value: Any) -> Any:
    """Return a policy value as YAML would give it: no types, no absent parts."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items() if part is not None}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, msgspec.Struct):
        return _plain(msgspec.to_builtins(value))
    return value
