"""The gateway's decision against an oracle written from the policy README alone.

20,000 seeded cases must agree in every part: answer, rule, findings in order, field plan, what is
fetched, obligations, limits and alternatives. The cases are counted too, because a generator that
never allows, or never reaches a reason, proves nothing.
"""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import gateway.domain.policy
from gateway.domain.reasons import ErrorReason
from support.policy_cases import Case, cases
from support.policy_compare import difference, gateway_answer
from support.policy_oracle import judge
from support.policy_sets import Json

SETS, ASKS = 500, 40
README = Path(gateway.domain.policy.__file__).with_name("README.md")


def _judge(case: Case) -> Json:
    return judge(case.policies, case.principal, case.ask, case.consents, case.now)


@pytest.mark.parametrize("part", range(4))
def test_decision_is_the_oracles(part: int) -> None:
    differences = [
        found
        for seed in range(part, SETS, 4)
        for case in cases(seed, ASKS)
        if (found := difference(case)) is not None
    ]
    assert not differences, f"{len(differences)} differ, among them\n" + "\n".join(differences[:5])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_policy_in_long_use_still_agrees(seed: int) -> None:
    assert [found for case in cases(seed, 1500) if (found := difference(case)) is not None] == []


def test_order_of_the_consents_decides_nothing() -> None:
    for seed in range(100):
        for case in cases(seed, ASKS):
            turned = replace(case, consents=case.consents[::-1])
            assert gateway_answer(case) == gateway_answer(turned), (seed, case.number)


def test_order_of_the_agreements_decides_nothing() -> None:
    for seed in range(100):
        for case in cases(seed, ASKS):
            agreements = case.principal["agreements"][::-1]
            turned = replace(case, principal={**case.principal, "agreements": agreements})
            assert gateway_answer(case) == gateway_answer(turned), (seed, case.number)


def test_cases_vary_the_agreements() -> None:
    drawn = [case for seed in range(100) for case in cases(seed, ASKS)]
    answers = [_judge(case) for case in drawn]
    amounts = Counter(len(case.principal["agreements"]) for case in drawn)
    assert min(amounts[amount] for amount in range(4)) >= 100
    lacking = [
        one for one in answers if "AGREEMENT_MISSING" in {found[0] for found in one["findings"]}
    ]
    # Alone and beside the consent's own findings, and with another purpose left to go to.
    assert sum(len(one["findings"]) == 1 for one in lacking) >= 50
    assert sum(len(one["findings"]) > 1 for one in lacking) >= 50
    assert sum(bool(one["alternatives"]) for one in lacking) >= 10


def test_cases_reach_every_reason_of_the_readme() -> None:
    answers = [_judge(case) for seed in range(SETS) for case in cases(seed, ASKS)]
    assert len(answers) == 20_000
    assert 0.25 <= sum(one["allow"] for one in answers) / len(answers) <= 0.4
    assert sum(bool(one["alternatives"]) for one in answers) >= 500
    reached = Counter(found[0] for one in answers for found in one["findings"])
    words = re.findall(r"`([A-Z_]+)`", README.read_text(encoding="utf-8"))
    named = {word for word in words if word in ErrorReason.__members__}
    assert len(named) >= 22
    assert {word: reached[word] for word in named if reached[word] < 50} == {}


def test_cases_reach_every_fate_of_a_field() -> None:
    answers = [_judge(case) for seed in range(100) for case in cases(seed, ASKS)]
    plans = [answer["plan"] for answer in answers if answer["plan"] is not None]
    fates = Counter(because for plan in plans for _, because in plan["withheld"])
    fates += Counter(release["operator"] for plan in plans for _, release in plan["released"])
    expected = {"C3", "RULE", "CONSENT", "keep", "mask", "pseudonymise", "generalise", "detect"}
    assert {fate for fate in expected if fates[fate] < 50} == set()
    assert sum(len(plan["fetch"]) > len(plan["released"]) for plan in plans) >= 50
