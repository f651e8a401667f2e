"""Random policy sets that the compiler must take, as the plain dicts that YAML would give.

Owns the drawing of purposes, datasets, masks and rules from one ``random.Random``. Refuses to draw
what the policy README says is refused: those defects have a test file of their own.
"""

from random import Random
from typing import Any

Json = dict[str, Any]

ROLES = ("lender", "bureau", "data_provider", "auditor", "regulator")
INSTITUTIONS = ("lender-one", "lender-two", "bureau-one")
PROVIDERS = ("source-one", "source-two")
JURISDICTIONS = ("CN", "US", "SG")
BASES = ("consent", "contract", "legal_obligation")
SEPARATE = ("third_party", "sensitive", "cross_border")
CATEGORIES = ("contact", "finance", "history")
PERIODS = ("hour", "day", "month")
GENERALISE: dict[str, Json] = {
    "integer": {"bands": [10, 100, 1000]},
    "date": {"date": "month"},
    "string": {"address": "city"},
}


def policy_set(rng: Random) -> Json:
    """Return one policy set: 3 to 8 purposes, 1 to 3 datasets, 1 or 2 profiles, 1 to 6 rules."""
    purposes = _purposes(rng)
    datasets = [_dataset(rng, number) for number in range(rng.randint(1, 3))]
    masking = [_masking(rng, number) for number in range(rng.randint(1, 2))]
    policies: Json = {
        "purposes": {"version": 1, "purposes": purposes},
        "datasets": datasets,
        "masking": masking,
    }
    rules = [_permit(rng, policies, datasets[0], 0)]
    for number in range(1, rng.randint(1, 6)):
        rule = _rule(rng, policies, number)
        if not any(_collide(purposes, rule, other) for other in rules):
            rules.append(rule)
    rng.shuffle(rules)
    cut = rng.randint(1, len(rules))
    parts = [part for part in (rules[:cut], rules[cut:]) if part]
    policies["rules"] = [{"version": 1, "rules": part} for part in parts]
    return policies


def some(rng: Random, words: tuple[str, ...] | list[str], low: int, high: int) -> list[str]:
    """Return between ``low`` and ``high`` different words, at most all of them."""
    return rng.sample(list(words), min(len(words), rng.randint(low, high)))


def ancestors(purposes: list[Json], purpose: str) -> list[str]:
    """Return the purpose and all above it, nearest first."""
    parents = {node["id"]: node.get("parent") for node in purposes}
    line: list[str] = []
    here: str | None = purpose
    while here is not None:
        line.append(here)
        here = parents.get(here)
    return line


def _text() -> Json:
    return {"en": "a text", "zh": "文本"}


def _purposes(rng: Random) -> list[Json]:
    nodes: list[Json] = []
    for number in range(rng.randint(3, 8)):
        node: Json = {"id": f"purpose.p{number}", "label": _text()}
        if nodes and rng.random() < 0.8:
            node["parent"] = rng.choice(nodes[-3:])["id"]
        nodes.append(node)
    rng.shuffle(nodes)
    return nodes


def _dataset(rng: Random, number: int) -> Json:
    fields = [_field(rng, place) for place in range(rng.randint(2, 8))]
    fields[0] |= {"type": "string", "data_class": "C2", "identifies": "quasi"}
    rng.shuffle(fields)
    return {
        "version": 1,
        "dataset": f"dataset.d{number}",
        "title": _text(),
        "provider": rng.choice(PROVIDERS),
        "jurisdiction": rng.choice(JURISDICTIONS),
        "identifiers": ["CN_RESIDENT_ID"],
        "fields": fields,
    }


def _field(rng: Random, place: int) -> Json:
    field: Json = {
        "name": f"field_{place}",
        "type": rng.choice(("string", "string", "integer", "date", "text")),
        "meaning": _text(),
        "data_class": rng.choice(("C1", "C2", "C2", "C3")),
        "identifies": rng.choice(("direct", "quasi", "none", "none")),
        "category": rng.choice(CATEGORIES),
    }
    if rng.random() < 0.25:
        field["sensitive"] = True
    if rng.random() < 0.4:
        field["entity"] = rng.choice(("PERSON", "PHONE_NUMBER"))
    return field


def _masking(rng: Random, number: int) -> Json:
    masks = {
        f"mask_{letter}": {"source": "a standard", "keep_first": rng.randint(0, 3)}
        for letter in "abc"[: rng.randint(1, 3)]
    }
    return {"version": 1, "profile": f"profile.m{number}", "masks": masks}


def _rule(rng: Random, policies: Json, number: int) -> Json:
    dataset = rng.choice(policies["datasets"])
    if rng.random() < 0.75:
        return _permit(rng, policies, dataset, number)
    return _forbid(rng, policies, dataset, number)


def _head(rng: Random, policies: Json, dataset: Json, number: int) -> Json:
    nodes = [node["id"] for node in policies["purposes"]["purposes"]]
    return {
        "id": f"rule-{rng.randint(10, 99)}-{number}",
        "title": _text(),
        "dataset": dataset["dataset"],
        "purposes": some(rng, nodes, 1, 2),
        "articles": [f"PIPL {rng.randint(1, 60)}", "PIPL 6"],
    }


def _recipients(rng: Random) -> Json:
    kinds = rng.choice((("roles",), ("roles",), ("institutions",), ("roles", "institutions")))
    selector: Json = {}
    if "roles" in kinds:
        selector["roles"] = some(rng, ROLES, 1, 2)
    if "institutions" in kinds:
        selector["institutions"] = some(rng, INSTITUTIONS, 1, 2)
    return selector


def _forbid(rng: Random, policies: Json, dataset: Json, number: int) -> Json:
    rule = {**_head(rng, policies, dataset, number), "effect": "forbid"}
    if rng.random() < 0.75:
        rule["recipients"] = _recipients(rng)
    return rule


def _permit(rng: Random, policies: Json, dataset: Json, number: int) -> Json:
    profile = rng.choice(policies["masking"])
    consent: Json = {
        "lawful_bases": some(rng, BASES, 1, 2),
        "separate": some(rng, SEPARATE, 0, 2),
    }
    if rng.random() < 0.5:
        consent["max_age_days"] = rng.choice((1, 7, 30))
    return {
        **_head(rng, policies, dataset, number),
        "effect": "permit",
        "recipients": _recipients(rng),
        "consent": consent,
        "masking_profile": profile["profile"],
        "release": _release(rng, dataset["fields"], list(profile["masks"])),
        "limits": {
            "per_subject": {"count": rng.randint(1, 9), "per": rng.choice(PERIODS)},
            "per_recipient": {"count": rng.randint(10, 99), "per": rng.choice(PERIODS)},
        },
        "obligations": [{"id": "no_onward_provision", "article": "PIPL 23"}],
    }


def _release(rng: Random, fields: list[Json], masks: list[str]) -> Json:
    """Return a release list with at least one field that is not withheld."""
    release = {
        field["name"]: rng.choice(_operators(field, masks))
        for field in fields
        if rng.random() < 0.85
    }
    if all(value["operator"] == "withhold" for value in release.values()):
        release["field_0"] = {"operator": "keep"}
    return release


def _operators(field: Json, masks: list[str]) -> list[Json]:
    """Return the operators that the policy README lets a field have."""
    withhold: Json = {"operator": "withhold"}
    if field["data_class"] == "C3":
        return [withhold]
    if field["type"] == "text":
        return [withhold, {"operator": "detect"}, {"operator": "detect"}]
    allowed = [withhold, {"operator": "pseudonymise"}]
    allowed += [{"operator": "mask", "using": mask} for mask in masks]
    allowed.append({"operator": "generalise", **GENERALISE[field["type"]]})
    if field["identifies"] != "direct":
        allowed += [{"operator": "keep"}, {"operator": "keep"}]
    return allowed


def _collide(purposes: list[Json], one: Json, other: Json) -> bool:
    """Return whether the compiler must refuse the two rules beside one another."""
    if "forbid" in (one["effect"], other["effect"]) or one["dataset"] != other["dataset"]:
        return False
    shared = any(
        set(one["recipients"].get(kind, ())) & set(other["recipients"].get(kind, ()))
        for kind in ("roles", "institutions")
    )
    return shared and any(
        set(line) & set(one["purposes"]) and set(line) & set(other["purposes"])
        for line in (ancestors(purposes, node["id"]) for node in purposes)
    )
