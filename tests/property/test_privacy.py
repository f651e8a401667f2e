"""Budgets, noise and overlaps against plain re-computation over everything there is."""

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.privacy.budget import MAX_MICRO_RHO, MICRO, PrivacyAccount, micro_rho
from gateway.domain.privacy.errors import BudgetExhausted, OverlapRefused
from gateway.domain.privacy.noise import Sensitivity, plan_noise, require_covered, true_rho
from gateway.domain.privacy.overlap import atoms_of, require_no_isolation
from gateway.domain.privacy.small_support import finds_lighter, must_pay
from gateway.domain.privacy.vectors import Column, Work

quick = settings(max_examples=200, deadline=None)
COSTS = st.lists(st.tuples(st.integers(1, 60), st.booleans()), max_size=12)


@given(st.integers(0, 200), st.integers(0, 4), COSTS)
@quick
def test_an_account_never_spends_more_than_it_has(
    limit: int, max_refusals: int, asked: list[tuple[int, bool]]
) -> None:
    account = PrivacyAccount(limit=limit, max_refusals=max_refusals)
    spent, refusals = 0, 0
    for cost, refused in asked:
        if spent + cost > limit or refusals >= max_refusals:
            with pytest.raises(BudgetExhausted):
                account.charge(cost)
            continue
        account = account.refuse(cost) if refused else account.charge(cost)
        spent, refusals = spent + cost, refusals + refused
        assert (account.spent, account.refusals, account.left) == (spent, refusals, limit - spent)


@given(st.fractions(Fraction(1, 10**9), 10**6))
@quick
def test_a_rho_is_never_rounded_in_the_askers_favour(rho: Fraction) -> None:
    micro = micro_rho(rho)
    assert Fraction(micro - 1, MICRO) < rho <= Fraction(micro, MICRO)


SENSITIVITY = st.builds(
    Sensitivity,
    contributors=st.integers(1, 40),
    cells_a_person=st.integers(1, 50),
    clips=st.lists(st.integers(1, 10**9), min_size=1, max_size=4).map(tuple),
)


@given(SENSITIVITY, st.integers(1, MAX_MICRO_RHO), st.integers(1, 10**6), st.data())
@quick
def test_a_plan_covers_its_cost_and_not_a_step_less_would(
    sensitivity: Sensitivity, cost: int, length: int, data: st.DataObject
) -> None:
    colluding = data.draw(st.integers(0, sensitivity.contributors - 1))
    plan = plan_noise(sensitivity, cost=cost, colluding=colluding, length=length)
    require_covered(plan, sensitivity)
    assert true_rho(plan, sensitivity) <= Fraction(cost, MICRO)
    floor = 9 if sensitivity.contributors > 1 else 1
    assert plan.share_variance >= floor
    assert plan.share_tail**2 >= 14**2 * plan.share_variance > (plan.share_tail - 1) ** 2
    if plan.share_variance > floor:
        rest = Fraction(sensitivity.squared, 2 * plan.honest * (plan.share_variance - 1))
        assert rest + Fraction(10 * (plan.honest - 1) * length, 2**128) > Fraction(cost, MICRO)


def rank(rows: list[list[Fraction]]) -> int:
    """Rank over the rational numbers, by elimination."""
    rows, done = [list(row) for row in rows], 0
    for column in range(len(rows[0])):
        pivot = next((n for n in range(done, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        for n in range(done + 1, len(rows)):
            factor = rows[n][column] / rows[done][column]
            rows[n] = [a - factor * b for a, b in zip(rows[n], rows[done], strict=True)]
        done += 1
    return done


def somebody_is_singled_out(people: list[int], cohorts: int, k: int) -> bool:
    """Whether some combination of cohorts and the population has a support of 1 to k - 1 people.

    It has if, for some set of so few people, the cohorts' rows lose rank where those are left out.
    """
    rows = [[Fraction(1)] * len(people)]
    rows += [[Fraction(one >> cohort & 1) for one in people] for cohort in range(cohorts)]
    whole = rank(rows)
    return any(
        rank(
            [[row[n] for n in range(len(people)) if n not in few] or [Fraction(0)] for row in rows]
        )
        < whole
        for size in range(1, k)
        for few in combinations(range(len(people)), size)
    )


@given(st.integers(0, 4), st.integers(1, 5), st.data())
@settings(max_examples=250, deadline=None)
def test_exactly_those_cohorts_are_refused_that_single_somebody_out(
    cohorts: int, k: int, data: st.DataObject
) -> None:
    membership = st.integers(0, (1 << cohorts) - 1)
    clusters = st.lists(st.tuples(membership, st.integers(1, 4)), min_size=1, max_size=5)
    people = [key for key, size in data.draw(clusters) for _ in range(size)][:10]
    if somebody_is_singled_out(people, cohorts, k):
        with pytest.raises(OverlapRefused):
            require_no_isolation(atoms_of(people), cohorts, k)
    else:
        require_no_isolation(atoms_of(people), cohorts, k)


@given(st.lists(st.integers(0, 63), min_size=1, max_size=60), st.integers(1, 6), st.integers(0, 5))
@settings(max_examples=100, deadline=None)
def test_one_cohort_less_is_never_worse(people: list[int], k: int, gone: int) -> None:
    """Monotone: what passes with six cohorts passes with any five of them."""
    try:
        require_no_isolation(atoms_of(people), 6, k)
    except OverlapRefused:
        return
    require_no_isolation(atoms_of([one & ~(1 << gone) for one in people]), 6, k)


VECTORS = st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2))
COLUMNS = st.lists(st.builds(Column, VECTORS, st.integers(1, 4)), min_size=1, max_size=12)


@given(COLUMNS, st.integers(1, 12), st.data())
@settings(max_examples=300, deadline=None)
def test_a_bound_from_some_atoms_holds_for_all(
    columns: list[Column], limit: int, data: st.DataObject
) -> None:
    columns.sort(key=lambda column: column.size, reverse=True)
    some = data.draw(st.integers(1, len(columns)))
    if must_pay(columns[:some], limit, Work(10**6)):
        assert not finds_lighter(columns, limit, Work(10**6))
