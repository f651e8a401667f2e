"""The command group ``aggregate``: questions over many institutions' data, for who asks them.

Owns the list of its commands, and those that only read: ``contract`` and ``budget``.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from clients.cli.aggregate.ask import add_ask
from clients.cli.aggregate.bin import add_bin
from clients.cli.aggregate.exposure import add_exposure
from clients.cli.aggregate.judge import add_judge
from clients.cli.aggregate.keys import add_keys
from clients.cli.aggregate.open import open_keyholder
from clients.cli.aggregate.show import add_show
from clients.cli.output import (
    JsonOption,
    failures_reported,
    print_json,
    print_line,
    print_pairs,
    print_table,
)
from clients.cli.profile import ProfileOption, TimeoutOption, load_profile
from clients.keyholder.calls import BudgetView, KeyholderClient
from clients.sdk.client import DEFAULT_TIMEOUT
from gateway.domain.aggregate.contract import AggregateContract, CohortTerms
from gateway.domain.policy.document_base import Bilingual

MICRO = 1_000_000
DatasetArgument = Annotated[str, typer.Argument(metavar="DATASET")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="Ask many institutions at once, and open the answers.", no_args_is_help=True
    )
    group.command("contract")(contract)
    group.command("budget")(budget)
    for add in (add_keys, add_ask, add_show, add_exposure, add_bin, add_judge):
        add(group)
    app.add_typer(group, name="aggregate")


def contract(
    dataset: DatasetArgument, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """Show what may be asked of a dataset: by whom, what for, in which groups, at what cost."""
    with failures_reported(as_json), open_keyholder(profile) as keyholder:
        terms, view = keyholder.contract(dataset)
        if as_json:
            print_json({"digest": terms.digest, "contract": terms, "budget": _plain(view.budget)})
            return
        _print_contract(terms)
        if terms.cohort is not None:
            _print_cohort(terms.cohort)
        _print_budgets((view.budget,))


def budget(
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the own legal entity has spent, by dataset; in rho."""
    with failures_reported(as_json), KeyholderClient(load_profile(profile)) as client:
        found = client.budgets(timeout)
        if as_json:
            print_json([_plain(one) for one in found])
            return
        _print_budgets(found)


def _plain(one: BudgetView) -> dict[str, object]:
    return {**asdict(one), "left": one.left}


def _print_contract(terms: AggregateContract) -> None:
    print_line(f"{terms.dataset}: {_both(terms.title)}", "bold")
    kinds = (("cohort", terms.cohort), ("exposure", terms.subject), ("bin", terms.binning))
    print_pairs(
        (
            ("snapshot", terms.snapshot),
            ("contributors", ", ".join(terms.contributors)),
            ("needed", f"{terms.minimum_contributors} of {len(terms.contributors)}"),
            ("may collude", terms.colluding),
            ("questions", ", ".join(name for name, part in kinds if part is not None)),
            ("digest", terms.digest),
        )
    )


def _print_cohort(terms: CohortTerms) -> None:
    print_pairs(
        (
            ("purposes", ", ".join(terms.purposes)),
            ("articles", ", ".join(terms.articles)),
            ("least people", f"{terms.minimum_cohort} of a contributor in a group"),
            ("a question", f"at most {_rho(terms.budget.a_question)} rho"),
        )
    )
    print_table(
        ("dimension", "title", "values"),
        [(one.name, _both(one.title), ", ".join(one.values)) for one in terms.dimensions],
    )
    print_table(
        ("measure", "title", "range", "edges of its bins"),
        [
            (
                one.name,
                _both(one.title),
                f"{one.low:,} to {one.high:,} {one.unit}".rstrip(),
                ", ".join(f"{edge:,}" for edge in one.edges),
            )
            for one in terms.measures
        ],
    )


def _print_budgets(found: tuple[BudgetView, ...]) -> None:
    print_table(
        ("dataset", "rho left", "spent", "limit", "spent ever", "refused", "until"),
        [
            (
                one.dataset,
                _rho(one.left),
                _rho(one.spent),
                _rho(one.limit),
                _rho(one.spent_ever),
                f"{one.refusals} of {one.max_refusals}",
                f"{datetime.fromtimestamp(one.period_end, UTC):%Y-%m-%d %H:%M} UTC",
            )
            for one in found
        ],
    )


def _both(title: Bilingual) -> str:
    return f"{title.en} / {title.zh}"


def _rho(micro: int) -> str:
    return f"{micro / MICRO:g}"
