"""Cohorts whose sums and differences single people out, each by a played attack."""

import random

import pytest

from gateway.domain.privacy.errors import BoundsRefused, OverlapRefused
from gateway.domain.privacy.overlap import MAX_ATOMS, atoms_of, require_no_isolation
from gateway.domain.privacy.small_support import finds_lighter
from gateway.domain.privacy.vectors import Column, Work


def atoms(*cohorts: set[int], people: int) -> dict[int, int]:
    return atoms_of(
        sum(1 << place for place, cohort in enumerate(cohorts) if person in cohort)
        for person in range(people)
    )


def check(*cohorts: set[int], people: int, k: int) -> None:
    require_no_isolation(atoms(*cohorts, people=people), len(cohorts), k)


def span(first: int, last: int) -> set[int]:
    return set(range(first, last))


def test_cohorts_far_apart_pass() -> None:
    check(span(0, 30), span(50, 90), span(20, 70), people=120, k=10)
    check(people=120, k=10)


@pytest.mark.parametrize("size", [1, 9])
def test_a_small_cohort_is_refused(size: int) -> None:
    with pytest.raises(OverlapRefused):
        check(span(0, size), people=100, k=10)


def test_a_small_rest_of_the_population_is_refused() -> None:
    with pytest.raises(OverlapRefused):
        check(span(0, 91), people=100, k=10)
    check(span(0, 90), people=100, k=10)


def test_two_cohorts_that_differ_by_one_person_are_refused() -> None:
    with pytest.raises(OverlapRefused):
        check(span(0, 50), span(0, 51), people=200, k=10)


def test_three_cohorts_whose_sum_leaves_one_person_are_refused() -> None:
    """No pair is close: |A xor B| is 60 and more. A - B - C is one person."""
    with pytest.raises(OverlapRefused):
        check(span(0, 101), span(0, 40), span(40, 100), people=300, k=10)


def test_rows_of_the_echelon_form_do_not_tell_the_whole_story() -> None:
    """Each cohort is {a} or {b} and a large set; only their difference is small.

    The reduced rows are {a} + X and {b} + X: each has a support of 41 people.
    """
    with pytest.raises(OverlapRefused):
        check({0} | span(10, 50), {1} | span(10, 50), people=200, k=10)


def test_weights_other_than_one_are_found() -> None:
    """2 A - B - C + D leaves three people, and no combination of weights 1 and -1 so few."""
    x, y, z = span(10, 40), span(40, 60), span(60, 80)
    cohorts = ({0} | x, {1} | x | y, {2} | x | z, y | z)
    with pytest.raises(OverlapRefused):
        check(*cohorts, people=200, k=4)
    check(*cohorts, people=200, k=3)
    check(*cohorts[:3], people=200, k=4)


PRIME_31 = 2**31 - 1


def subset(numbers: list[int], target: int, place: int) -> list[int] | None:
    """Places up to `place` whose numbers add up to the target."""
    rest = numbers[: place + 1]
    low, high = (sum(n for n in rest if (n > 0) is up) for up in (False, True))
    if not low <= target <= high:
        return None
    if target == 0:
        return []
    for taken in (True, False):
        found = subset(numbers, target - numbers[place] * taken, place - 1)
        if found is not None:
            return [*found, place] if taken else found
    return None


def crafted(k: int) -> tuple[dict[int, int], int]:
    """Cohorts of which one combination counts one person 2^31 - 1 times and nobody else.

    Atom n holds the cohorts n and those before it whose weight has the other sign, so that the
    weights 1, -1, 1, -2, 3, -5, ... cancel on it; a single person is in cohorts whose weights add
    up to 2^31 - 1. One more atom is in no cohort, so that the whole population does not help.
    """
    weights, atoms = [1], {0: k}
    while sum(weight for weight in weights if weight > 0) < 2 * PRIME_31:
        members = [n for n, weight in enumerate(weights) if (weight > 0) is (len(weights) % 2 == 1)]
        weights.append(-sum(weights[n] for n in members))
        atoms[sum(1 << n for n in (*members, len(weights) - 1))] = k
    person = subset(weights, PRIME_31, len(weights) - 1)
    assert person is not None
    atoms[sum(1 << n for n in person)] = 1
    return atoms, len(weights)


def test_a_weight_of_2_to_the_31_minus_1_does_not_hide_anybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    atoms, cohorts = crafted(k=10)
    assert cohorts <= 64
    with pytest.raises(OverlapRefused):
        require_no_isolation(atoms, cohorts, 10)
    # The attack is real: whoever calculates modulo that prime lets it pass.
    monkeypatch.setattr("gateway.domain.privacy.vectors.PRIME", PRIME_31)
    require_no_isolation(atoms, cohorts, 10)


def test_the_lightest_combination_may_vanish_on_the_largest_atom() -> None:
    """Paying for the 3 people leads nowhere; vanishing on them costs the 3 others."""
    columns = [Column((1, 0), 3), Column((0, 1), 1), Column((1, 1), 1), Column((1, 2), 1)]
    assert finds_lighter(columns, 4, Work(10_000))
    assert not finds_lighter(columns, 3, Work(10_000))


def test_the_lightest_combination_may_pay_for_the_largest_atom_alone() -> None:
    """Eight lines of a plane cost 7 at least; what vanishes on the plane costs the 3 people."""
    plane = [Column((0, 1, weight), 1) for weight in range(8)]
    assert finds_lighter([Column((1, 0, 0), 3), *plane], 4, Work(10_000))
    assert not finds_lighter([Column((1, 0, 0), 3), *plane], 3, Work(10_000))


def test_what_is_paid_stays_paid() -> None:
    """Four lines of two people each: a combination vanishes on one and pays for three."""
    columns = [Column((1, weight), 2) for weight in range(4)]
    assert finds_lighter(columns, 7, Work(10_000))
    assert not finds_lighter(columns, 6, Work(10_000))


def test_what_cannot_be_excluded_is_refused() -> None:
    columns = [Column((1, weight), 1) for weight in range(500)]
    with pytest.raises(OverlapRefused, match="undecided"):
        finds_lighter(columns, 10, Work(100))
    assert not finds_lighter(columns, 10, Work(1_000_000))


@pytest.mark.parametrize(
    ("atoms", "cohorts"),
    [
        ({1: 0}, 1),
        ({1: -5}, 1),
        ({2: 5}, 1),
        ({-1: 5}, 1),
        ({1: 5}, 65),
        ({}, -1),
        (dict.fromkeys(range(MAX_ATOMS + 1), 1), 64),
    ],
    ids=["nobody", "less", "no cohort", "negative", "65 cohorts", "no count", "many atoms"],
)
def test_bad_atoms_are_refused(atoms: dict[int, int], cohorts: int) -> None:
    with pytest.raises(BoundsRefused):
        require_no_isolation(atoms, cohorts, 10)


def test_sixty_four_cohorts_of_chance_are_decided() -> None:
    source = random.Random(7)
    people = [source.getrandbits(64) for _ in range(1_500)]
    for ordered in (people, sorted(people)):
        require_no_isolation(atoms_of(ordered), 64, 5)
    lone = {**atoms_of(source.getrandbits(64) | 1 for _ in range(900)), 0: 5}
    require_no_isolation(lone, 64, 5)
    with pytest.raises(OverlapRefused):
        require_no_isolation({**lone, 0: 4}, 64, 5)
