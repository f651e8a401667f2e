"""Random questions to a policy set: principals, asks, agreements, consents at their boundaries.

Owns the drawing of cases from a seed: the same seed gives the same cases on every machine. Refuses
to judge: what a case deserves is the oracle's business.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from support.policy_agreements import agreements
from support.policy_sets import (
    BASES,
    CATEGORIES,
    INSTITUTIONS,
    JURISDICTIONS,
    PERIODS,
    PROVIDERS,
    ROLES,
    SEPARATE,
    Json,
    ancestors,
    policy_set,
    some,
)

DAY = 86_400
SECONDS = {"hour": 3_600, "day": DAY, "month": 30 * DAY}


@dataclass(frozen=True)
class Case:
    """One question to one policy set. ``seed`` and ``number`` name it."""

    seed: int
    number: int
    policies: Json
    principal: Json
    ask: Json
    consents: list[Json]
    now: int


@dataclass(frozen=True)
class _Aim:
    """What a case aims at: a permit rule, its contract, and a purpose it covers."""

    policies: Json
    rule: Json
    contract: Json
    purpose: str
    principal: Json
    now: int


def cases(seed: int, count: int) -> Iterator[Case]:
    """Yield ``count`` cases about the one policy set of ``seed``."""
    rng = Random(seed)
    policies = policy_set(rng)
    for number in range(count):
        yield _case(rng, policies, seed, number)


def _case(rng: Random, policies: Json, seed: int, number: int) -> Case:
    aim = _aim(rng, policies)
    amount = rng.choices((0, 1, 2, 3, 4), (3, 45, 28, 14, 10))[0]
    taken: list[str] = []
    consents = [_consent(rng, aim, taken) for _ in range(amount)]
    return Case(seed, number, policies, aim.principal, _ask(rng, aim), consents, aim.now)


def _aim(rng: Random, policies: Json) -> _Aim:
    permits = [
        rule
        for document in policies["rules"]
        for rule in document["rules"]
        if rule["effect"] == "permit"
    ]
    rule = rng.choice(permits)
    contract = next(one for one in policies["datasets"] if one["dataset"] == rule["dataset"])
    nodes = policies["purposes"]["purposes"]
    covered = [
        node["id"] for node in nodes if set(ancestors(nodes, node["id"])) & set(rule["purposes"])
    ]
    purpose, now = rng.choice(covered), _now(rng)
    principal = _principal(rng, rule["recipients"], contract["jurisdiction"])
    principal["agreements"] = agreements(rng, policies, contract["dataset"], purpose, now)
    return _Aim(policies, rule, contract, purpose, principal, now)


def _now(rng: Random) -> int:
    """Return a time in Unix seconds, often at the very edge of a frequency window."""
    moment = 1_760_000_000 + rng.randint(0, 90 * DAY)
    if rng.random() < 0.5:
        length = SECONDS[rng.choice(PERIODS)]
        moment = moment // length * length + rng.choice((-1, 0, 1))
    return moment


def _principal(rng: Random, recipients: Json, jurisdiction: str) -> Json:
    roles = some(rng, ROLES, 0, 2)
    if recipients.get("roles") and rng.random() < 0.85:
        roles.append(rng.choice(recipients["roles"]))
    institution = rng.choice((*INSTITUTIONS, "stranger"))
    if recipients.get("institutions") and rng.random() < 0.85:
        institution = rng.choice(recipients["institutions"])
    return {
        "institution": institution,
        "workload": "worker",
        "roles": sorted(set(roles)),
        "jurisdiction": jurisdiction if rng.random() < 0.6 else rng.choice(JURISDICTIONS),
    }


def _ask(rng: Random, aim: _Aim) -> Json:
    names = [field["name"] for field in aim.contract["fields"]]
    dice = rng.random()
    fields = [] if dice < 0.4 else some(rng, names, 1, 2) if dice < 0.6 else some(rng, names, 1, 8)
    ask: Json = {"purpose": aim.purpose, "dataset": aim.contract["dataset"], "fields": fields}
    dice = rng.random()
    nodes = [node["id"] for node in aim.policies["purposes"]["purposes"]]
    if dice < 0.12:
        ask["purpose"] = rng.choice(nodes)
    elif dice < 0.16:
        ask["dataset"] = rng.choice(aim.policies["datasets"])["dataset"]
    elif dice < 0.17:
        ask["purpose"] = rng.choice(("purpose.none", "purpose", "", "purpose.p1.x"))
    elif dice < 0.18:
        ask["dataset"] = rng.choice(("dataset.none", "dataset", ""))
    elif dice < 0.19:
        ask["fields"] = [*fields, rng.choice(("field_99", "", "FIELD_1"))]
    return ask


def _consent(rng: Random, aim: _Aim, taken: list[str]) -> Json:
    """Return a consent that mostly fits the aim, with no, one or several defects."""
    consent = _fitting(rng, aim, taken)
    for defect in rng.choices(_DEFECTS, k=rng.choices((0, 1, 2, 3), (22, 50, 16, 12))[0]):
        defect(rng, aim, consent)
    return consent


def _fitting(rng: Random, aim: _Aim, taken: list[str]) -> Json:
    nodes = aim.policies["purposes"]["purposes"]
    consent_id = f"consent-{rng.randint(100, 999)}-{len(taken)}"
    taken.append(consent_id)
    separate = list(SEPARATE)
    if rng.random() < 0.3:
        separate = sorted({*aim.rule["consent"]["separate"], *some(rng, SEPARATE, 0, 2)})
    all_fields = [field["name"] for field in aim.contract["fields"]]
    terms = {
        "consent_id": consent_id,
        "version": 1,
        "controller": aim.principal["institution"],
        "collector": aim.principal["institution"],
        "providers": [aim.contract["provider"]],
        "datasets": [aim.contract["dataset"]],
        "purposes": [rng.choice(ancestors(nodes, aim.purpose))],
        "fields": rng.choice(([], all_fields, some(rng, all_fields, 1, 8))),
        "categories": rng.choice((list(CATEGORIES), some(rng, CATEGORIES, 1, 3))),
        "lawful_basis": rng.choice(aim.rule["consent"]["lawful_bases"]),
        "separate": separate,
        "valid_from": aim.now - rng.choice((0, 1, 3_600, 3_600, DAY)),
        "valid_until": aim.now + rng.choice((1, 2, DAY, 400 * DAY)),
        "uses": None,
        "frequency": None,
        "data_life_days": 30,
        "evidence_sha256": b"\x00" * 32,
    }
    return {"terms": terms, "standing": {"state": "active"}}


def _state(rng: Random, aim: _Aim, consent: Json) -> None:
    consent["standing"]["state"] = rng.choice(("paused", "revoked", "expired"))


def _start(rng: Random, aim: _Aim, consent: Json) -> None:
    consent["terms"]["valid_from"] = aim.now + rng.choice((-1, 0, 1, DAY))


def _end(rng: Random, aim: _Aim, consent: Json) -> None:
    consent["terms"]["valid_until"] = aim.now + rng.choice((-DAY, -1, 0, 1))


def _age(rng: Random, aim: _Aim, consent: Json) -> None:
    days = aim.rule["consent"].get("max_age_days", 7)
    consent["terms"]["valid_from"] = aim.now - days * DAY + rng.choice((-DAY, -1, 0, 1))


def _uses(rng: Random, aim: _Aim, consent: Json) -> None:
    limit = rng.randint(0, 5)
    consent["terms"]["uses"] = limit
    consent["standing"]["uses"] = max(0, limit + rng.choice((-1, 0, 1)))


def _frequency(rng: Random, aim: _Aim, consent: Json) -> None:
    count, per = rng.randint(1, 4), rng.choice(PERIODS)
    window = aim.now // SECONDS[per] + rng.choice((-1, 0, 0, 0, 1))
    consent["terms"]["frequency"] = {"count": count, "per": per}
    consent["standing"] |= {"window": window, "window_uses": count + rng.choice((-1, 0, 0, 1))}


def _dataset(rng: Random, aim: _Aim, consent: Json) -> None:
    names = [one["dataset"] for one in aim.policies["datasets"] if one is not aim.contract]
    consent["terms"]["datasets"] = [*names, "dataset.other"]


def _provider(rng: Random, aim: _Aim, consent: Json) -> None:
    consent["terms"]["providers"] = [
        name for name in (*PROVIDERS, "source-three") if name != aim.contract["provider"]
    ]


def _purpose(rng: Random, aim: _Aim, consent: Json) -> None:
    nodes = [node["id"] for node in aim.policies["purposes"]["purposes"]]
    consent["terms"]["purposes"] = some(rng, [*nodes, "purpose.none"], 0, 2)


def _basis(rng: Random, aim: _Aim, consent: Json) -> None:
    consent["terms"]["lawful_basis"] = rng.choice(BASES)


def _separate(rng: Random, aim: _Aim, consent: Json) -> None:
    consent["terms"]["lawful_basis"] = "consent"
    consent["terms"]["separate"] = some(rng, SEPARATE, 0, 2)


def _fields(rng: Random, aim: _Aim, consent: Json) -> None:
    consent["terms"]["categories"] = some(rng, CATEGORIES, 0, 1)
    names = [field["name"] for field in aim.contract["fields"]]
    consent["terms"]["fields"] = some(rng, names, 0, 1)


def _twin(rng: Random, aim: _Aim, consent: Json) -> None:
    consent["terms"]["valid_from"] = aim.now - 3_600


_DEFECTS: tuple[Callable[[Random, _Aim, Json], None], ...] = (
    _state,
    _start,
    _end,
    _age,
    _age,
    _uses,
    _frequency,
    _dataset,
    _provider,
    _purpose,
    _basis,
    _separate,
    _fields,
    _twin,
)
