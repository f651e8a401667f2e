"""From true figures to an agent's values: which cells are answered, and this agent's noise.

Owns suppression (protocol rule 5) and the share of the noise. Noise is of exact integers, drawn
anew for every value, clamped at the plan's tail. Refuses nothing: what is too small is suppressed,
so that a provider of few people or of one region only does not end the round of all others.

One suppressed cell is no secret to whoever knows the total. So where cells are suppressed, or the
filter leaves people out, what is left out must be k people as well, by the same noisy counts; else
the smallest answered cell is suppressed too, until it is. That looks at nothing that was not paid
for: a person is in the noisy counts of G cells, or in the one of those that the filter leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clients.agent.data.evaluation import Evaluated
from gateway.crypto.discrete_gaussian import Chance, discrete_gaussian
from gateway.domain.aggregate.plan import STEPS, CohortPlan, Shape


def answered_cells(
    evaluated: Evaluated, plan: CohortPlan, people: int, many: bool, chance: Chance
) -> tuple[int, ...]:
    """Return the places of the cells that are not suppressed; takes a draw for each cell.

    Args:
        evaluated: the true figures.
        plan: the question's plan, with k and the noise of a count.
        people: N, of the whole snapshot.
        many: a person may have several rows, so that cells do not add up to the population.
        chance: where noise comes from.
    """
    k, shape = plan.shape.terms.minimum_cohort, plan.shape
    counts = [one + discrete_gaussian(plan.counter_variance, chance) for one in evaluated.people]
    kept = [place for place, count in enumerate(counts) if count >= k]
    if many:
        return tuple(kept)
    rest = sum(count for count in counts if count < k)
    if leaves_out(shape):
        outside = people - sum(evaluated.people)
        rest += outside + discrete_gaussian(plan.counter_variance, chance)
    elif len(kept) == len(counts):
        return tuple(kept)
    for place in sorted(kept, key=lambda place: (counts[place], place)):
        if rest >= k:
            break
        rest += counts[place]
        kept.remove(place)
    return tuple(kept)


def leaves_out(shape: Shape) -> bool:
    """Return whether the filter can leave people out at all."""
    return any(len(among) < len(one.values) for one, among in shape.filtered)


def with_noise(
    evaluated: Evaluated, plan: CohortPlan, cells: Sequence[int], chance: Chance
) -> tuple[int, ...]:
    """Return the vector: counters, and all other values with this agent's noise.

    A suppressed cell is all zeros before the noise.
    """
    kept = set(cells)
    values: list[int] = []
    for place, figures in enumerate(evaluated.figures):
        values.append(int(place in kept))
        bounded = _bounded(figures, plan) if place in kept else (0 for _ in figures)
        values += [one + _share(plan, chance) for one in bounded]
    return tuple(values)


def _bounded(figures: Sequence[int], plan: CohortPlan) -> Iterator[int]:
    """Clamp what more people than the contract's bound would add up to."""
    largest = plan.shape.terms.people_at_most * STEPS
    return (max(-largest, min(largest, one)) for one in figures)


def _share(plan: CohortPlan, chance: Chance) -> int:
    tail = plan.noise.share_tail
    return max(-tail, min(tail, discrete_gaussian(plan.noise.share_variance, chance)))
