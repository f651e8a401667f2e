"""One decision of ours beside one decision of Cedar (cedarpy), by equal rules, parsed once.

Both answer: may this institution get this dataset for this purpose under this consent? The rules
ask for the recipient's role, the purpose, and a consent that names purpose, dataset and provider,
holds the separate consent and is in force.
"""

import time
from collections.abc import Callable
from statistics import median

import cedarpy
import msgspec

from bench.figures import Figure
from gateway.domain.consent import Consent, ConsentState, ConsentTerms, Standing
from gateway.domain.institution import Agreement, Principal
from gateway.domain.policy.compile import CompiledPolicy, compile_policies
from gateway.domain.policy.decide import decide
from gateway.domain.policy.decision import Ask
from gateway.domain.policy.documents import PolicyDocuments
from gateway.domain.vocabulary import Jurisdiction, LawfulBasis, Role, SeparateConsent

NOW = 1_800_000_000
_TEXT = {"en": "a title", "zh": "标题"}


def measure() -> list[Figure]:
    """Measure with 5 rules and with 500."""
    return [_figure(count) for count in (5, 500)]


def _figure(count: int) -> Figure:
    ours, peer = _ours(count), _peer(count)
    pairs = [(_microseconds(ours, 20_000), _microseconds(peer, 2_000)) for _ in range(5)]
    mine, theirs = median(a for a, _ in pairs), median(b for _, b in pairs)
    suffix = "" if count == 5 else f"_{count}_rules"
    return Figure(
        f"policy.decision_vs_cedar{suffix}",
        mine,
        theirs,
        median(b / a for a, b in pairs),
        "us a decision",
        "at least 10",
    )


def _microseconds(once: Callable[[], object], times: int) -> float:
    begun = time.perf_counter()
    for _ in range(times):
        once()
    return (time.perf_counter() - begun) / times * 1e6


def _ours(count: int) -> Callable[[], object]:
    policy = _policy(count)
    terms = ConsentTerms(
        "c-1", 1, "lender-a", "lender-a", frozenset({"bureau"}), frozenset({"credit.applicant"}),
        frozenset({"purpose3"}), frozenset(), frozenset({"loan"}), LawfulBasis.CONSENT,
        frozenset({SeparateConsent.THIRD_PARTY}), NOW - 1000, NOW + 1000, None, None, 30, b"",
    )  # fmt: skip
    consents = (Consent(terms, Standing(ConsentState.ACTIVE)),)
    agreed = Agreement("a-1", frozenset({"credit.applicant"}), frozenset({"purpose3"}), 0, 2 * NOW)
    principal = Principal("lender-a", "app", frozenset({Role.LENDER}), Jurisdiction.CN, (agreed,))
    ask = Ask("purpose3", "credit.applicant")
    if not decide(policy, principal, ask, consents, NOW).allow:
        raise RuntimeError("our decision must allow")
    return lambda: decide(policy, principal, ask, consents, NOW)


def _policy(count: int) -> CompiledPolicy:
    fields = [
        {"name": f"field{n}", "type": "string", "meaning": _TEXT, "data_class": "C2",
         "identifies": "quasi", "category": "loan"}
        for n in range(20)
    ]  # fmt: skip
    rules = [
        {
            "effect": "permit",
            "id": f"rule-{n}",
            "title": _TEXT,
            "dataset": "credit.applicant",
            "purposes": [f"purpose{n}"],
            "recipients": {"roles": ["lender"]},
            "articles": ["PIPL 23"],
            "consent": {"lawful_bases": ["consent"], "separate": ["third_party"]},
            "masking_profile": "tight",
            "release": {f"field{k}": {"operator": "mask", "using": "any"} for k in range(20)},
            "limits": {
                "per_subject": {"count": 10, "per": "day"},
                "per_recipient": {"count": 10, "per": "day"},
            },
        }
        for n in range(count)
    ]
    documents = {
        "purposes": {
            "version": 1,
            "purposes": [{"id": f"purpose{n}", "label": _TEXT} for n in range(count)],
        },
        "datasets": [
            {"version": 1, "dataset": "credit.applicant", "title": _TEXT, "provider": "bureau",
             "jurisdiction": "CN", "identifiers": ["CN_RESIDENT_ID"], "fields": fields}
        ],
        "masking": [
            {"version": 1, "profile": "tight", "masks": {"any": {"source": "x", "keep_last": 4}}}
        ],
        "rules": [{"version": 1, "rules": rules}],
    }  # fmt: skip
    return compile_policies(msgspec.convert(documents, PolicyDocuments))


def _peer(count: int) -> Callable[[], object]:
    policies = cedarpy.PolicySet.from_str("\n".join(_cedar_rule(n) for n in range(count)))
    request = {
        "principal": 'Institution::"lender-a"',
        "action": 'Action::"get"',
        "resource": 'Dataset::"credit.applicant"',
        "context": {
            "purpose": "purpose3",
            "now": NOW,
            "consent": {
                "state": "active", "controller": "lender-a", "basis": "consent",
                "purposes": ["purpose3"], "datasets": ["credit.applicant"],
                "providers": ["bureau"], "separate": ["third_party"], "categories": ["loan"],
                "valid_from": NOW - 1000, "valid_until": NOW + 1000,
            },
        },
    }  # fmt: skip
    # The entities are parsed once as well, which favours the peer.
    entities = cedarpy.Entities.from_json_str(_CEDAR_ENTITIES)
    decision = cedarpy.is_authorized(request, policies, entities)
    if not decision.allowed:
        raise RuntimeError(f"Cedar's decision must allow: {decision.diagnostics.errors}")
    return lambda: cedarpy.is_authorized(request, policies, entities)


_CEDAR_ENTITIES = """[
  {"uid": {"type": "Institution", "id": "lender-a"}, "attrs": {"jurisdiction": "CN"},
   "parents": [{"type": "Role", "id": "lender"}]},
  {"uid": {"type": "Role", "id": "lender"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Dataset", "id": "credit.applicant"},
   "attrs": {"provider": "bureau", "jurisdiction": "CN"}, "parents": []}
]"""


def _cedar_rule(number: int) -> str:
    return f"""permit(principal in Role::"lender", action == Action::"get",
  resource == Dataset::"credit.applicant")
when {{
  context.purpose == "purpose{number}" && context.consent.state == "active" &&
  context.now >= context.consent.valid_from && context.now < context.consent.valid_until &&
  context.consent.datasets.contains("credit.applicant") &&
  context.consent.providers.contains(resource.provider) &&
  context.consent.purposes.contains("purpose{number}") && context.consent.basis == "consent" &&
  context.consent.separate.contains("third_party") &&
  (principal.jurisdiction == resource.jurisdiction ||
   context.consent.separate.contains("cross_border")) &&
  context.consent.categories.contains("loan")
}};"""
