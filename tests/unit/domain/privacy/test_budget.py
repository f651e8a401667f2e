"""Charges, refusals and periods, and the epsilon that is shown."""

from decimal import Decimal
from fractions import Fraction
from math import log, sqrt

import pytest

from gateway.domain.privacy.budget import (
    MAX_MICRO_RHO,
    PrivacyAccount,
    micro_rho,
    shown_epsilon,
)
from gateway.domain.privacy.errors import BoundsRefused, BudgetExhausted, PrivacyError

FRESH = PrivacyAccount(limit=100, max_refusals=2)


def test_a_charge_is_taken_to_the_last_unit_and_no_further() -> None:
    account = FRESH.charge(60).charge(39)
    assert (account.left, account.spent, account.spent_ever) == (1, 99, 99)
    with pytest.raises(BudgetExhausted):
        account.charge(2)
    assert account.charge(1).left == 0
    with pytest.raises(BudgetExhausted):
        account.charge(1).charge(1)


@pytest.mark.parametrize("cost", [0, -1])
def test_a_charge_never_gives_back(cost: int) -> None:
    with pytest.raises(BoundsRefused):
        FRESH.charge(cost)
    with pytest.raises(BoundsRefused):
        FRESH.refuse(cost)


def test_refused_questions_cost_and_come_to_an_end() -> None:
    account = FRESH.refuse(10).charge(5).refuse(10)
    assert (account.spent, account.refusals) == (25, 2)
    for ask in (account.charge, account.refuse):
        with pytest.raises(BudgetExhausted):
            ask(1)


def test_a_period_ends_and_what_was_ever_spent_does_not() -> None:
    later = FRESH.charge(70).refuse(10).next_period(50)
    assert (later.left, later.refusals, later.spent_ever) == (50, 0, 80)
    assert later.charge(50).spent_ever == 130


@pytest.mark.parametrize(
    "bad",
    [
        {"limit": -1},
        {"limit": MAX_MICRO_RHO + 1},
        {"spent": -1},
        {"spent": 101, "spent_ever": 101},
        {"spent": 5, "spent_ever": 4},
        {"refusals": -1},
        {"max_refusals": -1},
    ],
)
def test_accounts_that_cannot_be_are_refused(bad: dict[str, int]) -> None:
    with pytest.raises(BoundsRefused):
        PrivacyAccount(**{"limit": 100, "max_refusals": 1, **bad})


def test_a_refusal_tells_no_number() -> None:
    with pytest.raises(PrivacyError) as caught:
        FRESH.charge(12345)
    assert not any(character.isdigit() for character in str(caught.value))


def test_a_rho_is_rounded_up() -> None:
    assert micro_rho(Fraction(1, 2)) == 500_000
    assert micro_rho(Fraction(1, 3)) == 333_334
    assert micro_rho(Fraction(1, 10**9)) == 1
    for bad in (Fraction(0), Fraction(-1), Fraction(10**7)):
        with pytest.raises(BoundsRefused):
            micro_rho(bad)


@pytest.mark.parametrize("cost", [1, 999, 500_000, 10**9])
@pytest.mark.parametrize("delta", ["1e-6", "1e-30", "0.5"])
def test_the_epsilon_shown_is_the_formula_rounded_up(cost: int, delta: str) -> None:
    rho = cost / 1e6
    expected = rho + 2 * sqrt(rho * log(1 / float(delta)))
    shown = shown_epsilon(cost, Decimal(delta))
    assert expected * (1 - 1e-12) <= float(shown) <= expected + 0.0001 * (1 + 1e-6)


def test_epsilons_of_note() -> None:
    assert shown_epsilon(0, Decimal("1e-6")) == 0
    # Bun and Steinke's formula at rho = 0.1 and delta = 10^-6: 0.1 + 2 sqrt(0.1 * 13.8155...).
    assert shown_epsilon(100_000, Decimal("1e-6")) == Decimal("2.4508")
    for cost, delta in ((-1, "0.1"), (1, "0"), (1, "1"), (1, "-1"), (1, "2")):
        with pytest.raises(BoundsRefused):
            shown_epsilon(cost, Decimal(delta))
