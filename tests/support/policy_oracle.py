"""An oracle of the decision: the policy README, read literally, over plain dicts and lists.

Owns a second, slow implementation of "How a decision is made". Refuses to share anything with the
gateway: it imports nothing of it, so an error would have to be made twice to stay unseen.
"""

from typing import Any

Json = dict[str, Any]
Found = tuple[str, str, str | None]
"""A reason, its element, and its article; None where the README names no article."""

DAY = 86_400
SECONDS = {"hour": 3_600, "day": DAY, "month": 30 * DAY}
SEPARATE_ORDER = ("third_party", "sensitive", "cross_border")
UNKNOWN = {"PURPOSE_UNKNOWN", "DATASET_UNKNOWN", "FIELD_UNKNOWN"}


def judge(policies: Json, principal: Json, ask: Json, consents: list[Json], now: int) -> Json:
    """Return the decision as a dict.

    Keys: allow, rule, findings (``Found`` triples), agreement (its id, or "" where none covers the
    ask or none was looked for), consent (the id that counts, or None), plan (dataset, profile,
    released, withheld, fetch, sensitive; None where no consent was looked at), obligations and
    limits (None on a denial), alternatives.
    """
    answer = _judge_purpose(policies, principal, ask, consents, now)
    answer["alternatives"] = []
    if not answer["allow"] and answer["findings"][0][0] not in UNKNOWN:
        answer["alternatives"] = sorted(
            other
            for other in _parents(policies)
            if other != ask["purpose"]
            and _judge_purpose(policies, principal, {**ask, "purpose": other}, consents, now)[
                "allow"
            ]
        )
    return answer


def _judge_purpose(
    policies: Json, principal: Json, ask: Json, consents: list[Json], now: int
) -> Json:
    """Return both stages' answer for the asked purpose alone."""
    rule, denial = _first_stage(policies, principal, ask)
    if denial is not None:
        return _answer(rule["id"] if rule else "", [denial])
    assert rule is not None
    agreement = _agreement(policies, principal, ask, now)
    lacking: list[Found] = []
    if agreement == "":
        lacking.append(("AGREEMENT_MISSING", ask["purpose"], "PIPL 23"))
    if not consents:
        absent = ("CONSENT_ABSENT", "", rule["articles"][0])
        return _answer(rule["id"], [*lacking, absent]) | {"agreement": agreement}
    contract = _contract(policies, ask["dataset"])
    assert contract is not None
    looked_at = []
    for consent in consents:
        plan = _plan(contract, rule, ask, consent)
        findings = _findings(policies, principal, ask, rule, contract, consent, plan, now)
        looked_at.append((len(findings), -consent["terms"]["valid_from"], consent, findings, plan))
    looked_at.sort(key=lambda one: (one[0], one[1], one[2]["terms"]["consent_id"]))
    _, _, consent, findings, plan = looked_at[0]
    answer = _answer(rule["id"], lacking + findings, consent["terms"]["consent_id"], plan)
    answer["agreement"] = agreement
    if answer["allow"]:
        answer |= {"obligations": rule.get("obligations", []), "limits": rule["limits"]}
    return answer


def _answer(
    rule: str, findings: list[Found], consent: str | None = None, plan: Json | None = None
) -> Json:
    return {
        "allow": findings == [],
        "rule": rule,
        "findings": findings,
        "agreement": "",
        "consent": consent,
        "plan": plan,
        "obligations": None,
        "limits": None,
    }


def _parents(policies: Json) -> dict[str, str | None]:
    return {node["id"]: node.get("parent") for node in policies["purposes"]["purposes"]}


def _covers(policies: Json, upper: str, lower: str) -> bool:
    parents = _parents(policies)
    here: str | None = lower
    while here is not None:
        if here == upper:
            return True
        here = parents.get(here)
    return False


def _covers_any(policies: Json, purposes: list[str], asked: str) -> bool:
    return any(_covers(policies, purpose, asked) for purpose in purposes)


def _agreement(policies: Json, principal: Json, ask: Json, now: int) -> str:
    """Return the id of the agreement that covers the ask: the last to end, then the smallest id."""
    covering = []
    for agreement in principal["agreements"]:
        started, over = now >= agreement["valid_from"], now >= agreement["valid_until"]
        if not started or over or ask["dataset"] not in agreement["datasets"]:
            continue
        if _covers_any(policies, agreement["purposes"], ask["purpose"]):
            covering.append(agreement)
    covering.sort(key=lambda one: one["id"])
    covering.sort(key=lambda one: one["valid_until"], reverse=True)
    return covering[0]["id"] if covering else ""


def _contract(policies: Json, dataset: str) -> Json | None:
    for contract in policies["datasets"]:
        if contract["dataset"] == dataset:
            found: Json = contract
            return found
    return None


def _names(recipients: Json, principal: Json) -> bool:
    if principal["institution"] in recipients.get("institutions", []):
        return True
    return any(role in principal["roles"] for role in recipients.get("roles", []))


def _first_stage(policies: Json, principal: Json, ask: Json) -> tuple[Json | None, Found | None]:
    """Return the rule that counts, if one does, and the denial, if it ends here."""
    asked = ask["purpose"]
    if asked not in _parents(policies):
        return None, ("PURPOSE_UNKNOWN", "", None)
    contract = _contract(policies, ask["dataset"])
    if contract is None:
        return None, ("DATASET_UNKNOWN", "", None)
    known = [field["name"] for field in contract["fields"]]
    if any(name not in known for name in ask["fields"]):
        return None, ("FIELD_UNKNOWN", "", None)
    covering = [
        rule
        for document in policies["rules"]
        for rule in document["rules"]
        if rule["dataset"] == ask["dataset"] and _covers_any(policies, rule["purposes"], asked)
    ]
    for rule in covering:
        if rule["effect"] == "forbid" and (
            rule.get("recipients") is None or _names(rule["recipients"], principal)
        ):
            return rule, ("RULE_FORBIDS", rule["id"], rule["articles"][0])
    permits = [rule for rule in covering if rule["effect"] == "permit"]
    if not permits:
        return None, ("NO_RULE_PERMITS", asked, None)
    named = [rule for rule in permits if _names(rule["recipients"], principal)]
    if not named:
        return None, ("RECIPIENT_NOT_PERMITTED", asked, None)
    if len(named) > 1:
        return None, ("RULES_AMBIGUOUS", ",".join(sorted(rule["id"] for rule in named)), None)
    return named[0], None


def _plan(contract: Json, rule: Json, ask: Json, consent: Json) -> Json:
    """Return the field plan of one consent, with what the provider is asked for."""
    terms = consent["terms"]
    released: list[tuple[str, Json]] = []
    withheld: list[tuple[str, str]] = []
    sensitive = False
    for field in contract["fields"]:
        name = field["name"]
        if ask["fields"] and name not in ask["fields"]:
            continue
        if field["data_class"] == "C3":
            withheld.append((name, "C3"))
        elif name not in rule["release"] or rule["release"][name]["operator"] == "withhold":
            withheld.append((name, "RULE"))
        elif name not in terms["fields"] and field["category"] not in terms["categories"]:
            withheld.append((name, "CONSENT"))
        else:
            released.append((name, rule["release"][name]))
            sensitive = sensitive or field.get("sensitive", False)
    return {
        "dataset": ask["dataset"],
        "profile": rule["masking_profile"],
        "released": released,
        "withheld": withheld,
        "fetch": _fetch(contract, released),
        "sensitive": sensitive,
    }


def _fetch(contract: Json, released: list[tuple[str, Json]]) -> list[str]:
    """Return what the provider is asked for, sorted: the README leaves its order free."""
    fetch = {name for name, _ in released}
    if any(release["operator"] == "detect" for _, release in released):
        for field in contract["fields"]:
            if field.get("entity") is not None and field["data_class"] != "C3":
                fetch.add(field["name"])
    return sorted(fetch)


def _standing(consent: Json, now: int) -> list[Found]:
    terms, standing = consent["terms"], consent["standing"]
    if standing["state"] == "paused":
        return [("CONSENT_PAUSED", "", None)]
    if standing["state"] == "revoked":
        return [("CONSENT_REVOKED", "", None)]
    if standing["state"] == "expired":
        return [("CONSENT_EXPIRED", "", None)]
    if now < terms["valid_from"]:
        return [("CONSENT_NOT_YET_VALID", "", None)]
    if now >= terms["valid_until"]:
        return [("CONSENT_EXPIRED", "", None)]
    if terms["uses"] is not None and standing["uses"] >= terms["uses"]:
        return [("CONSENT_USES_SPENT", "", None)]
    if terms["frequency"] is not None:
        this_window = now // SECONDS[terms["frequency"]["per"]]
        used = standing["window_uses"] if standing["window"] == this_window else 0
        if used >= terms["frequency"]["count"]:
            return [("CONSENT_FREQUENCY_SPENT", "", None)]
    return []


def _separate(
    principal: Json, rule: Json, contract: Json, consent: Json, plan: Json
) -> list[Found]:
    terms = consent["terms"]
    if terms["lawful_basis"] != "consent":
        return []
    needed = set(rule["consent"].get("separate", []))
    if plan["sensitive"]:
        needed.add("sensitive")
    if contract["jurisdiction"] != principal["jurisdiction"]:
        needed.add("cross_border")
    return [
        ("CONSENT_SEPARATE_MISSING", kind, None)
        for kind in SEPARATE_ORDER
        if kind in needed and kind not in terms["separate"]
    ]


def _findings(
    policies: Json,
    principal: Json,
    ask: Json,
    rule: Json,
    contract: Json,
    consent: Json,
    plan: Json,
    now: int,
) -> list[Found]:
    """Return the second stage's findings about one consent, in the README's order."""
    terms, wanted = consent["terms"], rule["consent"]
    found = _standing(consent, now)
    max_age = wanted.get("max_age_days")
    if max_age is not None and now - terms["valid_from"] > max_age * DAY:
        found.append(("CONSENT_TOO_OLD", "", None))
    if ask["dataset"] not in terms["datasets"]:
        found.append(("CONSENT_DATASET_MISSING", ask["dataset"], None))
    if contract["provider"] not in terms["providers"]:
        found.append(("CONSENT_PROVIDER_MISSING", contract["provider"], None))
    if not _covers_any(policies, terms["purposes"], ask["purpose"]):
        found.append(("CONSENT_PURPOSE_MISSING", ask["purpose"], None))
    if terms["lawful_basis"] not in wanted["lawful_bases"]:
        found.append(("CONSENT_BASIS_NOT_ACCEPTED", terms["lawful_basis"], None))
    found += _separate(principal, rule, contract, consent, plan)
    if not plan["released"]:
        only_consent = any(because == "CONSENT" for _, because in plan["withheld"])
        found.append(("CONSENT_FIELDS_MISSING" if only_consent else "NOTHING_TO_RELEASE", "", None))
    return found
