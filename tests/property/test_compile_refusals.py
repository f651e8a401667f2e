"""What the policy README says the compiler refuses is refused, and names what is wrong.

Each case is one policy set that compiles, and the same set with exactly one defect; the message has
to hold the ids of what is wrong. Near misses show that no more than that is refused.
"""

import copy
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gateway.domain.policy.checks import PolicyError
from gateway.domain.policy.compile import CompiledPolicy, compile_policies
from gateway.domain.policy.documents import PolicyDocuments

Json = dict[str, Any]
Defect = Callable[[Json], None]
TEXT = {"en": "a text", "zh": "文本"}


def _field(name: str, kind: str = "string", **more: object) -> Json:
    return {
        "name": name,
        "type": kind,
        "meaning": TEXT,
        "data_class": "C2",
        "identifies": "quasi",
        "category": "finance",
        **more,
    }


def _head(rule_id: str, purpose: str) -> Json:
    return {
        "id": rule_id,
        "title": TEXT,
        "dataset": "credit.report",
        "purposes": [purpose],
        "articles": ["PIPL 13"],
    }


def _permit(rule_id: str, purpose: str, recipients: Json) -> Json:
    limit = {"count": 10, "per": "day"}
    return {
        **_head(rule_id, purpose),
        "effect": "permit",
        "recipients": recipients,
        "consent": {"lawful_bases": ["consent"]},
        "masking_profile": "profile.standard",
        "release": {
            "full_name": {"operator": "mask", "using": "person_name"},
            "score": {"operator": "generalise", "bands": [400, 600]},
            "opened": {"operator": "generalise", "date": "month"},
            "home": {"operator": "generalise", "address": "city"},
            "remarks": {"operator": "detect"},
            "secret": {"operator": "withhold"},
        },
        "limits": {"per_subject": limit, "per_recipient": limit},
    }


def _valid() -> Json:
    """Return a policy set without a defect: two permits, a forbid, a tree of three purposes."""
    return {
        "purposes": {
            "version": 1,
            "purposes": [
                {"id": "lending", "label": TEXT},
                {"id": "lending.origination", "label": TEXT, "parent": "lending"},
                {"id": "collection", "label": TEXT},
            ],
        },
        "datasets": [
            {
                "version": 1,
                "dataset": "credit.report",
                "title": TEXT,
                "provider": "bureau-one",
                "jurisdiction": "CN",
                "identifiers": ["CN_RESIDENT_ID"],
                "fields": [
                    _field("full_name", identifies="direct"),
                    _field("score", "integer"),
                    _field("opened", "date"),
                    _field("home"),
                    _field("remarks", "text"),
                    _field("secret", data_class="C3"),
                ],
            }
        ],
        "masking": [
            {
                "version": 1,
                "profile": "profile.standard",
                "masks": {"person_name": {"source": "a standard", "keep_first": 1}},
            },
            {
                "version": 1,
                "profile": "profile.other",
                "masks": {"account": {"source": "a standard", "keep_last": 4}},
            },
        ],
        "rules": [
            {
                "version": 1,
                "rules": [
                    _permit("origination-lender", "lending.origination", {"roles": ["lender"]}),
                    _permit("collection-lender", "collection", {"roles": ["lender"]}),
                ],
            },
            {
                "version": 1,
                "rules": [{**_head("no-collection", "collection"), "effect": "forbid"}],
            },
        ],
    }


def _compile(policies: Json) -> CompiledPolicy:
    return compile_policies(msgspec.convert(policies, PolicyDocuments))


def _rule(name: str, value: object, place: int = 0) -> Defect:
    """Return a defect that sets one part of a permit rule."""
    return lambda policies: policies["rules"][0]["rules"][place].update({name: value})


def _forbid(name: str, value: object) -> Defect:
    return lambda policies: policies["rules"][1]["rules"][0].update({name: value})


def _release(field: str, operator: str, **more: object) -> Defect:
    """Return a defect that changes what the first rule does to a field."""
    value = {"operator": operator, **more}
    return lambda policies: policies["rules"][0]["rules"][0]["release"].update({field: value})


def _purpose(place: int, **more: object) -> Defect:
    return lambda policies: policies["purposes"]["purposes"][place].update(more)


def _again(*path: str | int) -> Defect:
    """Return a defect that appends a copy of the list's first element to the list at ``path``."""

    def defect(policies: Json) -> None:
        here: Any = policies
        for step in path:
            here = here[step]
        here.append(copy.deepcopy(here[0]))

    return defect


def _cycle(policies: Json) -> None:
    policies["purposes"]["purposes"][0]["parent"] = "lending.origination"


def _same_rule_id(policies: Json) -> None:
    policies["rules"][1]["rules"][0]["id"] = "origination-lender"


def _effectless(policies: Json) -> None:
    rule = policies["rules"][0]["rules"][0]
    rule["release"] = {name: {"operator": "withhold"} for name in rule["release"]}


def _secret_text(policies: Json) -> None:
    policies["datasets"][0]["fields"][5]["type"] = "text"
    _release("secret", "detect")(policies)


def _overlap(purposes: list[str], one: Json, other: Json) -> Defect:
    def defect(policies: Json) -> None:
        first, second = policies["rules"][0]["rules"]
        first["recipients"], second["recipients"] = one, other
        second["purposes"] = purposes

    return defect


LENDER, BUREAU = {"roles": ["lender"]}, {"roles": ["bureau"]}
ONE, TWO = {"institutions": ["lender-one"]}, {"institutions": ["lender-two"]}
MIXED = {"roles": ["bureau"], "institutions": ["lender-one"]}
RULE = "origination-lender"

REFUSED: dict[str, tuple[Defect, str]] = {
    "dataset unknown": (_rule("dataset", "credit.none"), RULE),
    "purpose unknown": (_rule("purposes", ["lending.origination", "lending.none"]), RULE),
    "profile unknown": (_rule("masking_profile", "profile.none"), RULE),
    "mask unknown": (_release("full_name", "mask", using="none"), f"{RULE} full_name"),
    "mask of another profile": (
        _release("full_name", "mask", using="account"),
        f"{RULE} full_name",
    ),
    "field unknown": (_release("income", "keep"), f"{RULE} income"),
    "field unknown and withheld": (_release("income", "withhold"), f"{RULE} income"),
    "forbid: dataset unknown": (_forbid("dataset", "credit.none"), "no-collection"),
    "forbid: purpose unknown": (_forbid("purposes", ["collection.none"]), "no-collection"),
    "C3 kept": (_release("secret", "keep"), f"{RULE} secret"),
    "C3 masked": (_release("secret", "mask", using="person_name"), f"{RULE} secret"),
    "C3 pseudonymised": (_release("secret", "pseudonymise"), f"{RULE} secret"),
    "C3 generalised": (_release("secret", "generalise", address="city"), f"{RULE} secret"),
    "C3 of text detected": (_secret_text, f"{RULE} secret"),
    "text kept": (_release("remarks", "keep"), f"{RULE} remarks"),
    "text masked": (_release("remarks", "mask", using="person_name"), f"{RULE} remarks"),
    "text pseudonymised": (_release("remarks", "pseudonymise"), f"{RULE} remarks"),
    "text generalised": (_release("remarks", "generalise", address="city"), f"{RULE} remarks"),
    "detect on a string": (_release("home", "detect"), f"{RULE} home"),
    "detect on an integer": (_release("score", "detect"), f"{RULE} score"),
    "detect on a date": (_release("opened", "detect"), f"{RULE} opened"),
    "bands on a string": (_release("home", "generalise", bands=[1]), f"{RULE} home"),
    "bands on a date": (_release("opened", "generalise", bands=[1]), f"{RULE} opened"),
    "date on a string": (_release("home", "generalise", date="year"), f"{RULE} home"),
    "date on an integer": (_release("score", "generalise", date="year"), f"{RULE} score"),
    "address on an integer": (_release("score", "generalise", address="city"), f"{RULE} score"),
    "address on a date": (_release("opened", "generalise", address="district"), f"{RULE} opened"),
    "direct kept": (_release("full_name", "keep"), f"{RULE} full_name"),
    "same purpose and role": (
        _overlap(["lending.origination"], LENDER, LENDER),
        f"{RULE} collection-lender",
    ),
    "ancestor and role": (_overlap(["lending"], LENDER, LENDER), f"{RULE} collection-lender"),
    "same purpose and institution": (
        _overlap(["lending.origination"], ONE, ONE),
        f"{RULE} collection-lender",
    ),
    "institution among others": (_overlap(["lending"], ONE, MIXED), f"{RULE} collection-lender"),
    "purpose without its parent": (
        _purpose(1, parent="borrowing"),
        "lending.origination borrowing",
    ),
    "purpose its own parent": (_purpose(2, parent="collection"), "collection"),
    "cycle of purposes": (_cycle, "lending"),
    "purpose twice": (_again("purposes", "purposes"), "lending"),
    "dataset twice": (_again("datasets"), "credit.report"),
    "field twice": (_again("datasets", 0, "fields"), "credit.report full_name"),
    "profile twice": (_again("masking"), "profile.standard"),
    "rule id twice, over documents": (_same_rule_id, RULE),
    "effectless": (_effectless, RULE),
}

TAKEN: dict[str, Defect] = {
    "as it is": lambda policies: None,
    "same purpose, other role": _overlap(["lending.origination"], LENDER, BUREAU),
    "same purpose, other institution": _overlap(["lending.origination"], ONE, TWO),
    "role and institution": _overlap(["lending.origination"], LENDER, ONE),
    "same role, other purpose": _overlap(["collection"], LENDER, LENDER),
    "quasi-identifier kept": _release("score", "keep"),
    "direct pseudonymised": _release("full_name", "pseudonymise"),
    "direct withheld": _release("full_name", "withhold"),
    "text withheld": _release("remarks", "withhold"),
    "forbid beside permit": _forbid("purposes", ["lending.origination"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_defect_is_refused_by_name(name: str) -> None:
    defect, named = REFUSED[name]
    policies = _valid()
    _compile(policies)
    defect(policies)
    with pytest.raises(PolicyError) as caught:
        _compile(policies)
    words = re.findall(r"[a-z0-9_.-]+", str(caught.value).replace(":", " "))
    assert set(named.split()) <= set(words)


@pytest.mark.parametrize("name", TAKEN)
def test_near_miss_is_taken(name: str) -> None:
    policies = _valid()
    TAKEN[name](policies)
    assert isinstance(_compile(policies), CompiledPolicy)
