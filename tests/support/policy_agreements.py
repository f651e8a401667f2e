"""Random agreements of an institution, most of which cover what a case aims at.

Owns their drawing: none, several, of another dataset, of a purpose above or below the asked one,
and in force up to the very second. Refuses to say which of them counts: that is the oracle's.
"""

from random import Random

from support.policy_sets import Json, ancestors, some

DAY = 86_400


def agreements(rng: Random, policies: Json, dataset: str, purpose: str, now: int) -> list[Json]:
    """Return up to three agreements; ``now`` is in Unix seconds."""
    amount = rng.choices((0, 1, 2, 3), (4, 66, 20, 10))[0]
    return [_agreement(rng, policies, dataset, purpose, now, place) for place in range(amount)]


def _agreement(
    rng: Random, policies: Json, dataset: str, purpose: str, now: int, place: int
) -> Json:
    nodes = policies["purposes"]["purposes"]
    names = [node["id"] for node in nodes]
    others = [one["dataset"] for one in policies["datasets"] if one["dataset"] != dataset]
    agreement: Json = {
        "id": f"agreement-{rng.randint(10, 99)}-{place}",
        "datasets": sorted({dataset, *some(rng, others, 0, 2)}),
        "purposes": sorted({rng.choice(ancestors(nodes, purpose)), *some(rng, names, 0, 1)}),
        "valid_from": now - rng.choice((0, 1, DAY)),
        "valid_until": now + rng.choice((1, DAY, DAY, 400 * DAY)),
    }
    dice = rng.random()
    if dice < 0.03:
        agreement["datasets"] = others or ["dataset.other"]
    elif dice < 0.06:
        agreement["purposes"] = some(rng, [*names, "purpose.none"], 1, 2)
    elif dice < 0.08:
        agreement["purposes"] = _below(nodes, purpose) or ["purpose.none"]
    elif dice < 0.12:
        agreement["valid_from"] = now + rng.choice((-1, 0, 1, DAY))
    elif dice < 0.16:
        agreement["valid_until"] = now + rng.choice((-DAY, -1, 0, 1))
    return agreement


def _below(nodes: list[Json], purpose: str) -> list[str]:
    """Return the purposes that this one covers, without itself."""
    names = [node["id"] for node in nodes]
    return [name for name in names if name != purpose and purpose in ancestors(nodes, name)]
